"""manage.py order FILE: the main job without a browser, through the same actions."""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import clips.jobs
from accounts.models import Organization, Units
from accounts.names import from_command_line
from analyses import actions, jobs
from analyses.leaving import account_for
from analyses.models import Analysis
from analyses.pace import read_pace
from analyses.remote import account_of
from clips.actions import take_file
from clips.probe import NotAFilm
from credits.refusals import NotEnoughCredits
from subjects.models import Subject


def pace(text: str) -> int:
    """Read MM:SS per kilometre as seconds."""
    if (found := read_pace(text, Units.METRIC)) is None:
        raise argparse.ArgumentTypeError(f"“{text}” is not a pace: write minutes and seconds per kilometre as MM:SS")
    return found


def seconds(text: str) -> float:
    """Read a time that comes to an end."""
    if not 0 <= (read := float(text)) < math.inf:
        raise ValueError
    return read


class Command(BaseCommand):
    help = "Order the analysis of a film; with --wait stay until it has ended."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--subject", type=from_command_line, required=True, help="the runner's name; made when new")
        parser.add_argument("--organization", help="needed where there are several")
        parser.add_argument("--view", choices=Analysis.View.values, required=True)
        parser.add_argument("--treadmill", action="store_true")
        parser.add_argument("--pace", type=pace, help="MM:SS per kilometre, with --treadmill")
        parser.add_argument("--accept-warnings", action="store_true", help="order although a warning needs a tick")
        parser.add_argument("--wait", action="store_true")
        parser.add_argument("--timeout", type=seconds, default=600, help="seconds to wait at most")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = self._organization(options["organization"])
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        if not os.access(options["file"], os.R_OK):
            raise CommandError(f"{options['file']} may not be read. Change its permissions.")
        subject = self._runner(organization, options["subject"])
        try:
            clip = take_file(organization=organization, path=options["file"], by=None)
            analysis = actions.order_analysis(
                clip=clip,
                subject=subject,
                account=account_for(subject, account_of(organization)),
                view=options["view"],
                treadmill=options["treadmill"],
                pace_s_per_km=options["pace"],
                ticked=options["accept_warnings"],
                by=None,
            )
        except (NotAFilm, actions.OrderRefused) as error:
            raise CommandError(str(error)) from error
        except NotEnoughCredits as error:
            raise CommandError(error.sentence) from error
        clips.jobs.hint(clip)
        jobs.hint(analysis)
        if options["wait"]:
            self._wait(analysis, options["timeout"])
        self.stdout.write(self._told(analysis, as_json=options["json"]))
        if analysis.status == Analysis.Status.FAILED:
            raise CommandError(analysis.reason, returncode=3)

    def _organization(self, name: str | None) -> Organization:
        found = list(Organization.objects.filter(name=name) if name else Organization.objects.all()[:2])
        if len(found) == 1:
            return found[0]
        raise CommandError(f"There is no organisation “{name}”." if name else "Name the organisation: --organization")

    def _runner(self, organization: Organization, name: str) -> Subject:
        try:
            return Subject.objects.get_or_create(organization=organization, name=name)[0]
        except Subject.MultipleObjectsReturned:
            raise CommandError(f"There are several runners called “{name}”.") from None

    def _wait(self, analysis: Analysis, timeout_s: float) -> None:
        ends_at = time.monotonic() + timeout_s
        while not analysis.is_finished:
            if time.monotonic() > ends_at:
                raise CommandError(f"It is not done after {timeout_s:.0f} s; it goes on: {analysis.code}")
            time.sleep(0.5)
            analysis.refresh_from_db()

    def _told(self, analysis: Analysis, *, as_json: bool) -> str:
        if not as_json:
            score = "" if analysis.total_score is None else f", score {analysis.total_score:.2f}"
            return f"{analysis.code}: {analysis.get_status_display()}{score}"
        numbers = [
            {"key": m.key, "side": m.side, "phase": m.phase, "value": m.value, "unit": m.unit}
            for m in analysis.measurements.all()
        ]
        return json.dumps(
            {
                "code": str(analysis.code),
                "status": analysis.status,
                "reason": analysis.reason,
                "total_score": analysis.total_score,
                "measurements": numbers,
            },
            indent=2,
        )
