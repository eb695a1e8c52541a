"""Fill the tables as years of use would: runners, films, results and numbers by the ten thousand, in minutes.

For measuring how quick pages are and for looking at them full; not for people's real data. Rows are written past the
models, COPY on PostgreSQL, because a million of them through the ORM takes an hour. Every number is one really
measured, moved a little: by runner, by a slow trend, and by what two films of the same run differ in.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import Organization, User
from analyses.measures import MEASURES
from analyses.models import Analysis, Measurement, NotePin, ProviderAccount, Result
from clips.models import Clip
from credits import ledger
from providers.ochy import wire
from providers.results import Number
from subjects.models import Group, Mark, Note, Subject

GROUPS = 40
SEVERAL = 500  # films of the first runner: the page that must stay quick, too
WHOLE_ANSWERS = 200  # the newest, and all of their runners; the rest keep a short answer, for a whole one is 70 kB
OPEN = 300  # results nobody has looked at yet
FAILED_EVERY = 50
FAILED = {
    "status": "failed",
    "reason": "No runner was found in the film. Film again with the whole runner in view.",
    "reason_code": "no_person",
}
YEARS = 3
PACES_S_PER_KM = (300, 330, 360)
NOTE = "Felt easy; kept the cue."
FIRST = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kim", "Lea", "Max", "Nia", "Otto")
LAST = ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Juniper", "Larch", "Maple", "Oak", "Pine", "Rowan", "Willow")


@dataclass(frozen=True)
class Amount:
    """How much to write."""

    runners: int
    analyses: int


class Rows:
    """Rows of one model, by column; what is not said is the model's own default."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        blank = model()
        self.fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.GeneratedField)]
        self.defaults = {field.attname: getattr(blank, field.attname) for field in self.fields}
        self.coded = "code" in self.defaults

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows of {column's name: value}; each gets a code of its own."""
        columns = ", ".join(f'"{field.column}"' for field in self.fields)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{self.model._meta.db_table}" ({columns}) FROM STDIN') as copy:
                    for row in rows:
                        copy.write_row(self._values(row))
            else:
                marks = ", ".join(["%s"] * len(self.fields))
                insert = f'INSERT INTO "{self.model._meta.db_table}" ({columns}) VALUES ({marks})'  # noqa: S608 - our own names
                cursor.executemany(insert, [self._prepared(row) for row in rows])
            for sql in connection.ops.sequence_reset_sql(no_style(), [self.model]):
                cursor.execute(sql)

    def first_key(self) -> int:
        # Past the wall between organisations: keys are counted over all of them.
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT max(id) FROM "{self.model._meta.db_table}"')  # noqa: S608 - our own name
            return int(cursor.fetchone()[0] or 0) + 1

    def _values(self, row: dict[str, Any]) -> list[Any]:
        whole = self.defaults | row
        if self.coded:
            whole["code"] = uuid.uuid4()
        return [whole[field.attname] for field in self.fields]

    def _prepared(self, row: dict[str, Any]) -> list[Any]:
        values = self._values(row)
        return [field.get_db_prep_save(value, connection) for field, value in zip(self.fields, values, strict=True)]


@dataclass(frozen=True)
class Film:
    """One film to be written: whose, when, how."""

    pk: int
    subject: int
    at: datetime
    treadmill: bool
    pace_s_per_km: int
    fps: int


def fill(*, organization: Organization, by: User, amount: Amount, answer: dict[str, Any]) -> None:
    """Write the rows. `answer` is what `engine measure --json` prints of a film from the side."""
    rng = random.Random(1)  # noqa: S311 - for looks, not for secrets
    now = timezone.now()
    with transaction.atomic():
        account, _ = ProviderAccount.objects.get_or_create(organization=organization, kind="engine")
        first = _runners(organization, amount, rng, now)
        films = list(_films(amount, first, now))
        _clips(organization, by, films)
        _analyses(account, by, films, rng)
        _results(organization, films, answer)
        _numbers(organization, films, answer)
        _remarks(organization, by, first, films, rng)
        latest = {film.subject: film.at for film in films}  # they stand oldest first
        runners = [Subject(pk=subject, filmed_at=at) for subject, at in latest.items()]
        Subject.objects.bulk_update(runners, ["filmed_at"], batch_size=500)
        ledger.give(organization=organization, amount=40, reason="A start", by=by)
    if connection.vendor == "postgresql":
        # The planner guesses badly about tables that have just been filled; in use PostgreSQL does this by itself.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _runners(organization: Organization, amount: Amount, rng: random.Random, now: datetime) -> int:
    groups = [Group(organization=organization, name=f"Squad {number + 1:02}") for number in range(GROUPS)]
    Group.objects.bulk_create(groups, ignore_conflicts=True)
    squads = list(
        Group.objects.filter(organization=organization).order_by("name")[:GROUPS].values_list("pk", flat=True)
    )
    rows = Rows(Subject)
    first = rows.first_key()
    since = now - timedelta(days=365 * YEARS)
    rows.write(
        {
            "id": first + number,
            "organization_id": organization.pk,
            "name": f"{rng.choice(FIRST)} {rng.choice(LAST)} {number + 1:05}",
            "email": f"runner{number + 1:05}@example.com",
            "height_m": round(rng.uniform(1.55, 1.95), 2),
            "weight_kg": float(rng.randint(50, 90)),
            "birth_year": rng.randint(1955, 2005),
            "created_at": since,
            "updated_at": since,
        }
        for number in range(amount.runners)
    )
    members = Rows(Subject.groups.through)
    start = members.first_key()
    members.write(
        {"id": start + number, "subject_id": first + number, "group_id": squads[number % len(squads)]}
        for number in range(amount.runners)
    )
    return first


def _films(amount: Amount, first: int, now: datetime) -> Iterator[Film]:
    """Give the films, oldest first: SEVERAL of the first runner, if there are so many, the others shared evenly."""
    several = min(SEVERAL, amount.analyses // 2)
    start = max(Rows(Analysis).first_key(), Rows(Clip).first_key())
    whole_time_s = timedelta(days=365 * YEARS).total_seconds()
    for number in range(amount.analyses):
        mine = several and number % (amount.analyses // several) == 0
        subject = first if mine else first + number % amount.runners
        at = now - timedelta(seconds=whole_time_s * (1 - (number + 1) / (amount.analyses + 1)))
        treadmill = subject % 4 != 0
        pace = PACES_S_PER_KM[subject % len(PACES_S_PER_KM)]
        yield Film(start + number, subject, at, treadmill, pace, 60 if subject % 5 else 30)


def _clips(organization: Organization, by: User, films: list[Film]) -> None:
    Rows(Clip).write(
        {
            "id": film.pk,
            "organization_id": organization.pk,
            "subject_id": film.subject,
            "uploaded_by_id": by.pk,
            "original_name": f"run-{film.pk}.mp4",
            "folder": f"films/filled-{uuid.uuid4().hex}",
            "created_at": film.at,
            "status": "probed",
            "size_bytes": 9_000_000,
            "container": "mp4",
            "codec": "h264",
            "duration_s": 6.0,
            "fps": float(film.fps),
            "frame_count": 6 * film.fps,
            "rotation_deg": 0,
            "width_px": 1080,
            "height_px": 1920,
            "copy_status": "ready",
        }
        for film in films
    )


def _analyses(account: ProviderAccount, by: User, films: list[Film], rng: random.Random) -> None:
    closed = len(films) - OPEN
    Rows(Analysis).write(
        {
            "id": film.pk,
            "organization_id": account.organization_id,
            "subject_id": film.subject,
            "clip_id": film.pk,
            "account_id": account.pk,
            "view": "side_view",
            "treadmill": film.treadmill,
            "pace_s_per_km": film.pace_s_per_km if film.treadmill else None,
            "height_m": 1.75,
            "weight_kg": 68.0,
            "ordered_by_id": by.pk,
            "ordered_at": film.at,
            "percentage": 100,
            "remote_id": f"filled-{film.pk}",
            "due_at": film.at,
            "finished_at": film.at + timedelta(minutes=1),
            "reviewed_at": film.at + timedelta(hours=1) if number < closed else None,
            "speed_m_s": 1000 / film.pace_s_per_km,
            "engine_version": "1",
            **(FAILED if number % FAILED_EVERY == 0 else _success(rng)),
        }
        for number, film in enumerate(films)
    )


def _success(rng: random.Random) -> dict[str, Any]:
    return {"status": "succeeded", "total_score": round(min(max(rng.gauss(0.68, 0.08), 0), 1), 3)}


def _results(organization: Organization, films: list[Film], answer: dict[str, Any]) -> None:
    whole = (json.dumps(answer["results"]), json.dumps(answer["calculated"]))
    score = answer["results"].get("total_score")
    short = (json.dumps({"total_score": score}), json.dumps({"metrics": answer["calculated"].get("metrics", {})}))
    # A comparison reads a runner's earlier answers, too.
    read = {film.subject for film in films[-WHOLE_ANSWERS:]} | {min((film.subject for film in films), default=0)}
    rows = Rows(Result)
    start = rows.first_key()

    def result(number: int, film: Film) -> dict[str, Any]:
        results, calculated = whole if film.subject in read else short
        return {
            "id": start + number,
            "organization_id": organization.pk,
            "analysis_id": film.pk,
            "results": results,
            "calculated": calculated,
            "raw_key": f"results/filled-{film.pk}/raw.json",
            "received_at": film.at,
        }

    rows.write(result(number, film) for number, film in enumerate(films) if number % FAILED_EVERY)


def _numbers(organization: Organization, films: list[Film], answer: dict[str, Any]) -> None:
    measured = [one for one in wire.parse_calculated(answer["calculated"]).numbers if _is_kept(one)]
    rows = Rows(Measurement)
    start = rows.first_key()
    rng = random.Random(2)  # noqa: S311 - for looks

    def numbers() -> Iterator[dict[str, Any]]:
        key = start
        for at, film in enumerate(films):
            if at % FAILED_EVERY == 0:
                continue
            # The runner's own way of running, a trend over the years, and the film's own error.
            own = ((film.subject * 7919) % 1000 / 1000 - 0.5) * 0.12 + (at / len(films) - 0.5) * 0.03
            for one in measured:
                value = one.value * (1 + own + rng.gauss(0, 0.012))
                low, high = one.range_good or (None, None)
                yield {
                    "id": key,
                    "organization_id": organization.pk,
                    "analysis_id": film.pk,
                    "key": one.key,
                    "side": one.side or "",
                    "phase": one.phase or "",
                    "value": value,
                    "unit": one.unit,
                    "uncertainty_95": one.uncertainty_95,
                    "count": one.n,
                    "typical_low": low,
                    "typical_high": high,
                }
                key += 1

    rows.write(numbers())


def _is_kept(number: Number) -> bool:
    """Keep what lists, charts and comparisons read: the measures by name, both sides together."""
    return number.key in MEASURES and number.side is None and number.phase is None


def _remarks(organization: Organization, by: User, first: int, films: list[Film], rng: random.Random) -> None:
    """Give every tenth runner a note and a mark, and the runner with many films one a month."""
    of_first = [film for film in films if film.subject == first][::14]
    others = [film for film in films if film.subject != first and film.subject % 10 == 0][::10]
    remarked = of_first + others
    notes = [
        Note(organization=organization, subject_id=film.subject, by=by, on=film.at.date(), text=NOTE)
        for film in remarked
    ]
    Note.objects.bulk_create(notes, batch_size=1000)
    pins = [
        NotePin(organization=organization, note=note, analysis_id=film.pk, frame=film.pk % 300)
        for note, film in zip(notes, remarked, strict=True)
        if film.pk % 2
    ]
    NotePin.objects.bulk_create(pins, batch_size=1000)
    marks = [
        Mark(
            organization=organization,
            subject_id=film.subject,
            by=by,
            on=film.at.date() - timedelta(days=1),
            kind=kind,
            level=rng.randint(1, 7) if kind == Mark.Kind.PAIN else None,
            text="Light trainer" if kind == Mark.Kind.SHOE else "",
        )
        for film, kind in zip(remarked, cycle(Mark.Kind), strict=False)
    ]
    Mark.objects.bulk_create(marks, batch_size=1000)
