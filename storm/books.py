"""Compare the portal's books with the engine's: what was lost, doubled, stuck, unexplained or left lying about."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import django_rq
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from rq.job import Job

from analyses.models import Analysis, Move, RemoteSubject
from analyses.reckoning import differences
from clips.leftovers import LEFT_BEHIND_AFTER_S, remove_leftovers
from clips.models import Clip
from credits.models import Budget, Entry
from privacy import traces
from storm.coach import Coach
from storm.house import KEY, METRICS_TOKEN, House

Status = Analysis.Status
JOB_BROKE = "exception raised while executing"
GOES_ON = ("\t", " ", "DETAIL: ", "HINT: ")
KILLED_UNDER_IT = (
    "django.db.utils.OperationalError",
    "django.db.utils.InterfaceError",
    "redis.exceptions.",
    # rq's, of a job that has done its work and whose message went with all of the queue meanwhile.
    "rq.exceptions.InvalidJobOperation: Failed to retrieve status for job",
)


@dataclass
class Findings:
    """What is wrong after a storm, a sentence each; all empty when nothing is."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    money: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        return [f"{kind}: {one}" for kind, found in vars(self).items() for one in found]


def unsettled() -> list[Analysis]:
    """Return what has neither ended nor waits for a person with a reason."""
    return list(Analysis.objects.unfinished().exclude(needs_person=True, reason__gt=""))


def slowest() -> list[str]:
    """Return the steps of the order that was settled last, a line each."""
    last = Move.objects.order_by("-at").select_related("analysis__subject").first()
    if last is None:
        return []
    moves = last.analysis.moves.all()
    return [f"{last.analysis.subject.name}: {move.at:%H:%M:%S} {move.new} {move.note[:80]}" for move in moves]


def compare(house: House, coach: Coach, *, given: int, engine_credits: int, film: bytes) -> Findings:
    """Look at everything once the house is quiet. `given`: credits the club got; `engine_credits`: the engine's."""
    connection.close()  # the database may have been killed since
    found = Findings()
    rows = list(Analysis.objects.select_related("clip", "subject", "account"))
    books = house.engine("GET", "/__control/books").json()
    _orders(found, rows, coach)
    _remote(found, rows, books, film)
    _ledger(found, rows, books, given, engine_credits)
    for row in rows:
        _ended(found, row)
    _files(found, rows)
    _broken_jobs(found, house)
    _secrets_in_files(found, house)
    _secrets_in_rows_and_queues(found)
    _secrets_on_pages(found, coach)
    return found


def _orders(found: Findings, rows: list[Analysis], coach: Coach) -> None:
    there = {str(row.code): row for row in rows}
    found.lost += [
        f"{name}: {code} is not in the database" for code, name in coach.ordered.items() if code not in there
    ]
    per_runner = Counter(row.subject.name for row in rows)
    found.doubled += [f"{name} was ordered {times} times" for name, times in per_runner.items() if times > 1]
    found.stuck += [
        f"{row.subject.name}: {row.status}, {row.reason_code}, due {row.due_at:%H:%M:%S}" for row in unsettled()
    ]


def _remote(found: Findings, rows: list[Analysis], books: dict[str, Any], film: bytes) -> None:
    """One remote analysis for each, with the whole film, and none that belongs to nobody."""
    ours = {row.remote_id: row for row in rows if row.remote_id}
    there = {one["video_id"]: one for one in books["analyses"]}
    found.lost += [
        f"{row.subject.name}: the engine does not know {remote}" for remote, row in ours.items() if remote not in there
    ]
    started = Counter(one["subject_id"] for one in there.values())
    found.doubled += [f"runner {subject} was started {times} times" for subject, times in started.items() if times > 1]
    undecided = set(
        RemoteSubject.objects.filter(subject__analyses__status=Status.UNSURE).values_list("remote_id", flat=True)
    )
    for remote, one in there.items():
        if remote not in ours and one["subject_id"] not in undecided:
            found.lost.append(f"{remote} was started and paid, and nobody here knows it")
        if one["film_sha256"] != hashlib.sha256(film).hexdigest():
            found.lost.append(f"{remote}: the film did not arrive whole")


def _ledger(found: Findings, rows: list[Analysis], books: dict[str, Any], given: int, engine_credits: int) -> None:
    spent = Counter(Entry.objects.filter(kind="spend").values_list("reference", flat=True))
    back = Counter(Entry.objects.filter(kind="give_back").values_list("reference", flat=True))
    for row in rows:
        returned = row.status == Status.FAILED and not row.remote_id
        if (spent[row.reference], back[row.reference]) != (1, int(returned)):
            found.money.append(
                f"{row.subject.name} ({row.status}): {spent[row.reference]} spent, {back[row.reference]} back"
            )
    total = Entry.objects.aggregate(total=Sum("amount"))["total"]
    if total != given - len(rows) + sum(back.values()):
        found.money.append(f"the ledger's sum is {total}: {given} given, {len(rows)} orders, {sum(back.values())} back")
    _agreed(found)
    paid = sum(one["credits"] for one in books["analyses"])
    if books["credits"] != engine_credits - paid or paid != len(books["analyses"]):
        found.money.append(f"the engine has {books['credits']} of {engine_credits} left, and sold {paid}")


def _agreed(found: Findings) -> None:
    """What the portal itself compares every night, and that the budget counted each credit that stayed spent."""
    for budget in Budget.objects.select_related("organization", "member"):
        found.money += differences(budget.organization)
        if budget.member:
            counted = -Entry.objects.used().filter(by=budget.member.user_id).total()
            gone = -Entry.objects.filter(kind__in=["spend", "give_back"]).total()
            if counted != gone:
                found.money.append(f"the budget counted {counted}, and {gone} are gone")


def _ended(found: Findings, row: Analysis) -> None:
    if row.status == Status.FAILED and not (row.reason and row.reason_code):
        found.unexplained.append(f"{row.subject.name} failed without a reason")
    if row.needs_person and not row.reason:
        found.unexplained.append(f"{row.subject.name} waits for a person who is not told why")
    if row.status != Status.SUCCEEDED:
        return
    keys = (row.result.raw_key, row.result.film_key, row.result.thumbnail_key)
    for key in keys:
        if not key or not default_storage.exists(key) or not default_storage.size(key):
            found.files.append(f"{row.subject.name}: {key or 'one of its files'} is not in our storage")
    if not json.loads(row.result.results) or not json.loads(row.result.calculated) or not row.measurements.exists():
        found.lost.append(f"{row.subject.name}: an answer is empty")
    if row.moves.filter(new=Status.SUCCEEDED).count() != 1:
        found.doubled.append(f"{row.subject.name} succeeded more than once")


def _broken_jobs(found: Findings, house: House) -> None:
    """A job may break when the database or the queue was killed or emptied under it, and says so; all else is a bug."""
    for log in sorted((house.place.var / "log").glob("worker-*.log")):
        for line in log.read_text(errors="replace").splitlines():
            if JOB_BROKE in line and not (error := _last_error(line)).startswith(KILLED_UNDER_IT):
                found.unexplained.append(f"{log.name}: a job broke by {error}")


def _last_error(line: str) -> str:
    """Return what the traceback in a log line of rq ends with; PostgreSQL's errors go on over lines of their own."""
    try:
        told = str(json.loads(line)["event"]).strip().splitlines()
    except (ValueError, KeyError):  # cut off by a kill
        return "an unreadable line"
    return next((part for part in reversed(told) if not part.startswith(GOES_ON)), "nothing")[:200]


def _files(found: Findings, rows: list[Analysis]) -> None:
    """Every object belongs to a film or a result, and no half-written file stays."""
    clips = list(Clip.objects.all())
    folders = {f"results/{row.code}/" for row in rows} | {f"{clip.folder}/" for clip in clips}
    # What arrived and was never finished lies there until the clock forgets the upload, row and file together.
    folders |= {f"incoming/{clip.folder}/" for clip in clips if clip.status == Clip.Status.WAITING}
    for key in keys_in_bucket():
        if not key.startswith(tuple(folders)):
            found.files.append(f"{key} belongs to nobody")
    # What was killed minutes ago is removed in two hours, so the clock's turn of then is taken now.
    remove_leftovers(now=timezone.now() + timedelta(seconds=2 * LEFT_BEHIND_AFTER_S))
    for path in settings.FILE_UPLOAD_TEMP_DIR.rglob("*"):
        if path.is_file():
            found.files.append(f"{path.name} ({path.stat().st_size} bytes) was left behind")


def keys_in_bucket() -> list[str]:
    bucket: Any = default_storage
    return [one.key for one in bucket.bucket.objects.all()]


def _secrets_in_files(found: Findings, house: House) -> None:
    """The provider's key must stand in nothing that was written: logs, the servers' own files, the bucket."""
    needle = KEY.encode()
    written = [
        path for path in house.folder.rglob("*") if path.is_file() and "s3" not in path.relative_to(house.folder).parts
    ]
    for path in written:
        if needle in path.read_bytes():
            found.secrets.append(f"the key stands in {path.relative_to(house.folder)}")
    for key in keys_in_bucket():
        if not key.endswith((".mp4", ".jpg")):
            with default_storage.open(key) as file:
                if needle in file.read():
                    found.secrets.append(f"the key stands in {key}")


class _Key:
    """What is looked for, as privacy.traces asks for it."""

    def are_in(self, text: str) -> bool:
        return KEY in text

    def name_is_in(self, text: str) -> bool:
        return False


def _secrets_in_rows_and_queues(found: Findings) -> None:
    """Read each row and entry as it is meant: both servers pack long ones, so that their files do not show it."""
    there = traces.search(cast(Any, _Key()))
    found.secrets += [f"the key stands in {place}" for place in there.tokens]
    if there.redis_keys is None:
        found.secrets.append("Redis could not be searched")
    for name in settings.RQ_QUEUES:
        queue = django_rq.get_queue(name)
        broken = queue.failed_job_registry.get_job_ids()
        for job in Job.fetch_many(broken, connection=queue.connection, serializer=queue.serializer):
            if job is not None and (result := job.latest_result()) is not None and KEY in (result.exc_string or ""):
                found.secrets.append(f"the key stands in the traceback of {job.id}")


def _secrets_on_pages(found: Findings, coach: Coach) -> None:
    """No page a coach was given, whatever was broken meanwhile, nor the settings, the record or the metrics."""
    for name in ("analyses:provider", "analyses:differences", "analyses:calls", "analyses:inbox", "accounts:audit"):
        coach.look_at(reverse(name))
    coach.look_at(reverse("metrics"), Authorization=f"Bearer {METRICS_TOKEN}")
    found.secrets += [f"the key stands in the answer to {path}" for path in coach.told]
