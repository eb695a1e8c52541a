"""Names of people, groups and places as they are kept: on one line, with something to be seen."""

from __future__ import annotations

import argparse
import unicodedata
from typing import Any

from django import forms

# What stands between letters of Persian and of the languages of India, and within one emoji.
JOINERS = "\u200c\u200d"
# Letters and signs by their category, and yet an empty space on the screen.
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
LONGEST = 120  # what the columns of names hold


def shown(name: str) -> str:
    """Return a name without control and direction characters, its spaces single; "" where nothing can be seen."""
    kept = "".join(" " if sign.isspace() or sign in BLANKS else sign for sign in name if _may_stay(sign))
    tidy = " ".join(kept.split())
    return tidy if any(unicodedata.category(sign)[0] in "LNPS" for sign in tidy) else ""


def _may_stay(sign: str) -> bool:
    # Category C: control, format (a right-to-left mark turns round what stands beside the name), surrogates.
    return sign.isspace() or sign in JOINERS or not unicodedata.category(sign).startswith("C")


def from_command_line(typed: str) -> str:
    """Return a name that was typed as an argument of a command. Raises ArgumentTypeError for one that is none."""
    name = shown(typed)
    if not name or len(name) > LONGEST:
        raise argparse.ArgumentTypeError(f"a name has 1 to {LONGEST} letters, not {len(name)}")
    return name


class NameField(forms.CharField):
    """A name: one that nobody could see is none."""

    def to_python(self, value: Any) -> str:
        name = super().to_python(value) or ""
        # That no database takes such a character is for the field's own validator to say.
        return name if "\x00" in name else shown(name)
