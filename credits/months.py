"""Months of the calendar, as the portal's clock has them."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import NamedTuple

from django.utils import timezone

WORD = re.compile(r"(\d{4})-(\d{2})")


class Month(NamedTuple):
    """One month; written 2026-11."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def now(cls) -> Month:
        return cls.of(timezone.localdate())

    @classmethod
    def read(cls, word: str) -> Month | None:
        """Return the month written so; None for anything else."""
        found = WORD.fullmatch(word)
        if not found:
            return None
        year, number = int(found[1]), int(found[2])
        return cls(year, number) if 1 <= number <= 12 and 2000 <= year <= 9998 else None

    def later(self, months: int) -> Month:
        """Return the month so many later; earlier where `months` is negative."""
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, number + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def begins(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first_day, time.min))

    @property
    def ends(self) -> datetime:
        """When the next one begins."""
        return self.later(1).begins
