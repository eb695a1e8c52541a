"""What goes in and comes out, as the description says it. Quantities carry their unit in the name, angles are in °."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints

from accounts.names import shown
from analyses.actions.order import PACE_S_PER_KM
from analyses.models import Analysis
from clips import storage
from clips.models import Clip
from clips.probe import reason
from credits.models import Entry
from subjects.models import HEIGHT_M, OLDEST_YEAR, WEIGHT_KG, Note, Subject

NO_NULL = r"^[^\x00]*$"  # a character no database takes
OPEN_END = "Where nothing is lost beyond it (`range_open` in the calculated answer), where a gauge would end"
WRITTEN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def Text(most: int) -> Any:
    """A string of at most so many characters, without the one databases refuse."""
    return Annotated[str, StringConstraints(max_length=most, pattern=NO_NULL)]


def Line(most: int) -> Any:
    """A string that is not only spaces."""
    pattern = r"^[^\x00]*[^\s\x00][^\x00]*$"
    return Annotated[str, StringConstraints(min_length=1, max_length=most, pattern=pattern, strip_whitespace=True)]


def _seen(given: Any) -> Any:
    # A character no database takes is refused, as everywhere, not passed over.
    return shown(given) if isinstance(given, str) and "\x00" not in given else given


def _email(given: str) -> str:
    if given:
        try:
            validate_email(given)
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from None
    return given


def _whole(given: Any) -> Any:
    # Else the text "1990" would be a year, and `true` the year 1.
    if isinstance(given, str | bool):
        raise ValueError("Write a number")
    return given


def _day(given: Any) -> Any:
    # Else a number would be seconds since 1970.
    if not (isinstance(given, str) and WRITTEN_DAY.fullmatch(given)):
        raise ValueError("Write the day as 2026-11-22")
    return given


Email = Annotated[str, StringConstraints(max_length=254, pattern=NO_NULL), AfterValidator(_email)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_NULL), BeforeValidator(_seen)]
BirthYear = Annotated[int, Field(ge=OLDEST_YEAR, le=2100), BeforeValidator(_whole)]
PaceSPerKm = Annotated[int, Field(ge=PACE_S_PER_KM[0], le=PACE_S_PER_KM[1]), BeforeValidator(_whole)]
SizeBytes = Annotated[int, Field(ge=1, le=2**53), BeforeValidator(_whole)]
# Strict: else `true` would be a metre, and the text "yes" a tick.
DurationS = Annotated[float, Field(strict=True, ge=0, le=1e6, allow_inf_nan=False)]
Ticked = Annotated[bool, Field(strict=True)]
HeightM = Annotated[float, Field(strict=True, ge=HEIGHT_M[0], le=HEIGHT_M[1], allow_inf_nan=False)]
WeightKg = Annotated[float, Field(strict=True, ge=WEIGHT_KG[0], le=WEIGHT_KG[1], allow_inf_nan=False)]
Day = Annotated[date, BeforeValidator(_day)]
Sex = Literal["", "female", "male", "other"]
View = Literal["side_view", "back_view"]
State = Literal["queued", "sending", "unsure", "running", "stalled", "succeeded", "failed", "removed"]


class Given(Schema):
    """What is sent to us: a word we do not know is a slip, and is refused rather than passed over."""

    model_config = ConfigDict(extra="forbid")


def absolute(link: str) -> str:
    return link if "://" in link else f"{settings.PUBLIC_URL}{link}"


def linked(key: str, **how: str) -> str | None:
    """Return a link to a stored file that whoever holds it may follow, until it expires; None where there is none."""
    return absolute(storage.link(key, **how)) if key else None


# ── runners ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class GroupOut(Schema):
    code: UUID
    name: str


class RunnerOut(Schema):
    code: UUID
    name: str
    email: str
    height_m: float | None
    weight_kg: float | None
    birth_year: int | None
    sex: str
    notes: str
    groups: list[GroupOut]
    stays_in_house: bool = Field(alias="local_only", description="Only the built-in engine may measure this runner")
    archived_at: datetime | None
    filmed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_groups(runner: Subject) -> list[Any]:
        return list(runner.groups.all())


class RunnerIn(Given):
    name: Name
    email: Email = ""
    height_m: HeightM | None = None
    weight_kg: WeightKg | None = None
    birth_year: BirthYear | None = None
    sex: Sex = ""
    notes: Text(5000) = ""  # type: ignore[valid-type]
    groups: list[UUID] = Field([], max_length=100, description="Codes of groups")


class RunnerChange(Given):
    """Only what is named is changed."""

    name: Name | None = None
    email: Email | None = None
    height_m: HeightM | None = None
    weight_kg: WeightKg | None = None
    birth_year: BirthYear | None = None
    sex: Sex | None = None
    notes: Text(5000) | None = None  # type: ignore[valid-type]
    groups: list[UUID] | None = Field(None, max_length=100)


class NoteOut(Schema):
    code: UUID
    on: date
    text: str
    by: str
    at: datetime

    @staticmethod
    def resolve_by(note: Note) -> str:
        return str(note.by)


class NoteIn(Given):
    text: Line(5000)  # type: ignore[valid-type]
    on: Day | None = Field(None, description="The day it is about; today when left out")


# ── films ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class FilmOut(Schema):
    code: UUID
    name: str = Field(alias="original_name")
    runner: UUID | None
    status: Literal["waiting", "probed", "rejected"]
    rejection_code: str
    rejection: str = Field(description="Why it is no film that can be measured, and what to do; empty where it can")
    size_bytes: int | None
    duration_s: float | None
    fps: float | None
    frame_count: int | None
    width_px: int | None
    height_px: int | None
    container: str
    codec: str
    created_at: datetime

    @staticmethod
    def resolve_runner(clip: Clip) -> UUID | None:
        return clip.subject.code if clip.subject else None

    @staticmethod
    def resolve_rejection(clip: Clip) -> str:
        return reason(clip.rejection_code) if clip.rejection_code else ""


class UploadOut(Schema):
    """Where the film goes: a form of `fields`, and the file under the name `file`."""

    url: str
    fields: dict[str, str]
    needs_token: bool = Field(description="Send the token there, too; a bucket's own form holds its right already")


class FilmBegun(Schema):
    film: FilmOut
    upload: UploadOut


class FilmIn(Given):
    name: Line(200) = Field(description="The file's name")  # type: ignore[valid-type]
    runner: UUID | None = None
    size_bytes: SizeBytes | None = None
    duration_s: DurationS | None = Field(None, description="Of slow motion, how long the run took")


class VerdictOut(Schema):
    level: Literal["good", "warn", "no"]
    code: str
    text: str
    needs_tick: bool = Field(description="Order with accept_warnings to have it measured all the same")


class ChecksOut(Schema):
    may_be_sent: bool
    checks: list[VerdictOut]


# ── analyses ────────────────────────────────────────────────────────────────────────────────────────────────────────


class OrderIn(Given):
    film: UUID
    runner: UUID
    view: View
    treadmill: Ticked = False
    pace_s_per_km: PaceSPerKm | None = Field(None, description="The belt's; needed on a treadmill")
    accept_warnings: Ticked = Field(False, description="A person has read the checks that need a tick")


class AnalysisOut(Schema):
    code: UUID
    runner: UUID
    film: UUID
    view: View
    treadmill: bool
    pace_s_per_km: int | None
    status: State
    percentage: int
    reason: str = Field(description="Why it waits or failed, for a person; empty when all is well")
    reason_code: str = Field(description="The same for programs (docs/api.md)")
    needs_person: bool = Field(description="Somebody must decide in the portal before it goes on")
    service: str = Field(description="Who measures: engine or ochy")
    price_credits: int = Field(alias="price")
    score: float | None = Field(description="0 to 100; none where no part was seen surely enough", ge=0, le=100)
    speed_m_s: float | None
    engine_version: str
    ordered_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    reviewed_at: datetime | None

    @staticmethod
    def resolve_runner(analysis: Analysis) -> UUID:
        return analysis.subject.code

    @staticmethod
    def resolve_film(analysis: Analysis) -> UUID:
        return analysis.clip.code

    @staticmethod
    def resolve_service(analysis: Analysis) -> str:
        return analysis.account.kind

    @staticmethod
    def resolve_score(analysis: Analysis) -> float | None:
        return None if analysis.total_score is None else round(analysis.total_score * 100, 1)


class MeasurementOut(Schema):
    measure: str = Field(alias="key", description="Explained in docs/measures.md; most also under /measures/KEY/")
    side: Literal["", "left", "right"] = Field(description="Empty: both, or neither")
    phase: str = Field(description="A moment or a statistic, such as strike, mean, max; empty: the whole")
    value: float
    unit: str
    uncertainty_95: float | None = Field(description="Half width in the same unit; null where it is not known")
    count: int | None = Field(description="How many steps it rests on")
    typical_low: float | None = Field(description=OPEN_END)
    typical_high: float | None = Field(description=OPEN_END)


class MediaOut(Schema):
    """Links that whoever holds them may follow until they expire."""

    annotated_film: str | None
    still: str | None
    film: str | None = Field(description="As it came")
    review_copy: str | None = Field(description="As a browser plays it")
    good_for_s: int


class ResultOut(AnalysisOut):
    measurements: list[MeasurementOut]
    steps_left_out: list[int] = Field(description="Numbers of steps a person left out; the measurements are without")
    media: MediaOut

    @staticmethod
    def resolve_measurements(analysis: Analysis) -> list[Any]:
        return list(analysis.measurements.all())

    @staticmethod
    def resolve_steps_left_out(analysis: Analysis) -> list[int]:
        return [correction.step for correction in analysis.corrections.all() if correction.put_back_at is None]

    @staticmethod
    def resolve_media(analysis: Analysis) -> dict[str, Any]:
        clip, result = analysis.clip, getattr(analysis, "result", None)
        return {
            "annotated_film": linked(result.film_key, content_type="video/mp4") if result else None,
            "still": linked(result.thumbnail_key) if result else None,
            "film": linked(
                clip.original_key if clip.has_original else "",
                content_type=clip.content_type,
                filename=clip.download_name,
            ),
            "review_copy": linked(clip.review_key, content_type="video/mp4"),
            "good_for_s": settings.FILM_LINK_LIFETIME_S,
        }


# ── credits, and who asks ───────────────────────────────────────────────────────────────────────────────────────────


class BalanceOut(Schema):
    balance_credits: int


class EntryOut(Schema):
    code: UUID
    at: datetime
    kind: Literal["gift", "take", "spend", "give_back"]
    amount_credits: int = Field(alias="amount", description="Negative where it made them fewer")
    reference: str
    reason: str
    by: str

    @staticmethod
    def resolve_by(entry: Entry) -> str:
        return str(entry.by or "")


class MeOut(Schema):
    organization: str
    organization_code: UUID
    person: str
    role: Literal["admin", "coach", "clinic"]
    token: str
    scopes: list[str]
    expires_at: datetime
