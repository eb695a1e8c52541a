"""manage.py erase_drill INTO: a backup of an invented runner, who is erased then; for ./portal restore-drill."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import wall
from accounts.actions import add_member
from accounts.models import Membership, Organization, User
from analyses.actions import order_analysis
from analyses.models import ProviderAccount
from clips import storage
from clips.models import Clip
from coachportal.backup import archive, rows
from privacy import actions
from privacy.belongings import Marks, belongings_of, marks_of
from privacy.scans import Scan
from subjects.models import Note, Subject

NAME, EMAIL = "Quillanna Vex", "quillanna@vex.example"
FILM = b"a film of " + NAME.encode()
PROBED = {"duration_s": 6.0, "fps": 60, "frame_count": 360, "rotation_deg": 0, "width_px": 1080, "height_px": 1920}


class Command(BaseCommand):
    help = "In an empty portal: make a runner, back up into INTO/backup, erase them; INTO/words.txt tells what to seek."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("into", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if not rows.is_empty():
            raise CommandError("This portal has organisations or people already. A drill needs an empty one.")
        into: Path = options["into"]
        with wall.everything("a drill in an empty portal"):
            runner = make_runner()
            marks = marks_of(belongings_of(runner))
            archive.make(into / "backup")
            actions.finish_erasure(tombstone=actions.erase_subject(subject=runner, by=None))
        (into / "words.txt").write_text("\n".join(sorted(words_of(marks))), encoding="utf-8")
        (into / "tombstones.txt").write_text("\n".join(actions.kept_lists()), encoding="utf-8")


def make_runner() -> Subject:
    """Make a runner with a film that waits to be measured, a note, and a guardian's consent on paper."""
    club = Organization.objects.create(name="Drill")
    add_member(organization=club, email="d@drill.example", name="D", role=Membership.Role.ADMIN, password=None, by=None)
    by = User.objects.get(email="d@drill.example")
    runner = Subject.objects.create(organization=club, name=NAME, email=EMAIL, height_m=1.7, weight_kg=60)
    Note.objects.create(organization=club, subject=runner, by=by, text=f"{NAME} runs again")
    actions.record_consent(
        subject=runner, use=actions.uses()[0], giver="guardian", giver_name="Somebody Vex", way="paper",
        scan=Scan(b"%PDF-1.7 signed for " + NAME.encode(), "application/pdf"), by=by,
    )  # fmt: skip
    clip = Clip.objects.create(
        organization=club, subject=runner, original_name=f"{NAME}.mp4", folder=storage.new_folder(), status="probed",
        size_bytes=len(FILM), sha256="5e" * 32, container="mp4", codec="h264", **PROBED,
    )  # fmt: skip
    storage.put(clip.original_key, BytesIO(FILM))
    account = ProviderAccount.objects.create(organization=club, kind="engine")
    order_analysis(
        clip=clip, subject=runner, account=account, view="side_view", treadmill=True, pace_s_per_km=360, by=by
    )
    return runner


def words_of(marks: Marks) -> set[str]:
    """Return everything by which the runner could be found: names, codes, digests, files."""
    codes = {word.replace("-", "") for word in marks.codes}
    return {marks.name, marks.email, *marks.tokens, *codes, *marks.keys}
