"""A demo organisation with people, runners and films of the drawn runner, measured by the engine like any film."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

import clips.jobs
from accounts.actions import add_member
from accounts.models import Membership, Organization
from analyses import jobs
from analyses.actions import OrderRefused, can_be_called, order_analysis, register_webhook
from analyses.leaving import account_of_kind
from analyses.models import Analysis, ProviderAccount
from clips.actions import take_file
from clips.models import Clip
from credits import ledger
from credits.refusals import NotEnoughCredits
from providers.base import ProviderError
from subjects.models import Group, Subject

log = structlog.get_logger(__name__)

NAME = "Demo clinic"
PEOPLE = (
    ("admin@demo.example", "Demo admin", Membership.Role.ADMIN),
    ("coach@demo.example", "Demo coach", Membership.Role.COACH),
    ("clinic@demo.example", "Demo clinic reader", Membership.Role.CLINIC),
)
RUNNERS = ((1.75, 68), (1.68, 58), (1.82, 77), (1.71, 63), (1.64, 55), (1.79, 72))  # height m, weight kg
CREDITS = 40


@dataclass(frozen=True)
class Shot:
    """One film to be made and measured: who runs, and how."""

    runner: int
    view: str
    speed_m_s: float
    cadence_spm: int
    landing: str = "rearfoot"
    lean_deg: float = 5
    asymmetry_ms: float = 0  # contact, right minus left

    @property
    def name(self) -> str:
        return f"runner-{self.runner + 1:02}-{self.view}-{self.cadence_spm}.mp4"


# The first runner leans back and steps slowly, does so again, and then otherwise: once noise, once a real change.
SHOTS = (
    Shot(0, Analysis.View.SIDE, 2.8, 148, lean_deg=-3),
    Shot(0, Analysis.View.SIDE, 2.8, 149, lean_deg=-3),
    Shot(0, Analysis.View.SIDE, 2.8, 164, lean_deg=4),
    Shot(1, Analysis.View.SIDE, 3.2, 174, "midfoot"),
    Shot(1, Analysis.View.BACK, 3.2, 174, "midfoot"),
    Shot(2, Analysis.View.SIDE, 3.6, 158, lean_deg=15, asymmetry_ms=40),
    Shot(3, Analysis.View.SIDE, 3.0, 166),
    Shot(4, Analysis.View.SIDE, 3.4, 182, "forefoot"),
    Shot(5, Analysis.View.BACK, 3.0, 168),
)


def password() -> str:
    """The demo people's password: the same at every start, another on every machine."""
    return "demo-" + salted_hmac("coachportal.demo", "password", algorithm="sha256").hexdigest()[:8]


@transaction.atomic
def make_organization() -> Organization:
    """Make the organisation with its people and runners, once."""
    found = Organization.objects.filter(name=NAME).first()
    if found:
        return found
    organization = Organization.objects.create(name=NAME)
    for email, name, role in PEOPLE:
        add_member(organization=organization, email=email, name=name, role=role, password=password(), by=None)
    group = Group.objects.create(organization=organization, name="Tuesday evening")
    for number, (height_m, weight_kg) in enumerate(RUNNERS, 1):
        runner = Subject.objects.create(
            organization=organization, name=f"Runner {number:02}", height_m=height_m, weight_kg=weight_kg
        )
        if number <= 3:
            runner.groups.add(group)
    ledger.give(organization=organization, amount=CREDITS, reason="A start for the demo", by=None)
    return organization


def missing_shots(organization: Organization) -> list[Shot]:
    """Return the films that were not made yet."""
    there = set(Clip.objects.filter(organization=organization).values_list("original_name", flat=True))
    return [shot for shot in SHOTS if shot.name not in there]


def film_the_runners(*, organization_id: int) -> None:
    """Draw the films that are missing and order their measuring. A job: it may be lost or run twice."""
    organization = Organization.objects.get(pk=organization_id)
    coach = organization.memberships.get(role=Membership.Role.COACH).user
    # Whatever measures here otherwise: a film that we drew must not cost a credit at somebody else's.
    engine = account_of_kind(organization, ProviderAccount.Kind.ENGINE)
    _have_the_engine_call(engine)
    runners = list(Subject.objects.filter(organization=organization).order_by("name"))
    for shot in missing_shots(organization):
        with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            path = Path(folder) / shot.name
            _draw(shot, path, height_m=RUNNERS[shot.runner][0])
            clip = take_file(organization=organization, path=path, by=coach)
        clips.jobs.hint(clip)
        try:
            analysis = order_analysis(
                clip=clip,
                subject=runners[shot.runner],
                account=engine,
                view=shot.view,
                treadmill=True,
                pace_s_per_km=round(1000 / shot.speed_m_s),
                by=coach,
            )
        except (OrderRefused, NotEnoughCredits) as error:
            log.warning("demo_film_not_ordered", film=shot.name, reason=str(error))
            continue
        jobs.hint(analysis)


def _have_the_engine_call(account: ProviderAccount) -> None:
    """Results appear at once instead of at the next poll; without it they only come a little later."""
    if account.webhook_registered_at is None and can_be_called(account):
        try:
            register_webhook(account=account)
        except ProviderError as error:
            log.warning("webhook_not_registered", reason=str(error))


def _draw(shot: Shot, path: Path, *, height_m: float) -> None:
    # The engine is another program: the portal meets it at its command line and over HTTP, never by import.
    command = [sys.executable, "-m", "engine", "film", str(path), "--view", shot.view, "--treadmill"]
    options = {
        "speed": shot.speed_m_s,
        "cadence": shot.cadence_spm,
        "landing": shot.landing,
        "height": height_m,
        "fps": 60 if shot.runner < 2 else 30,
        "seconds": 6 if shot.view == Analysis.View.SIDE else 8,
        "lean": shot.lean_deg,
        "asymmetry-contact-ms": shot.asymmetry_ms,
        "seed": SHOTS.index(shot),
    }
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    subprocess.run(command, cwd=settings.BASE, check=True, capture_output=True, timeout=300)
