"""Killed between a file and its row: what nobody would ever find again goes, a week later; all else stays."""

from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from clips import storage
from coachportal.cron import TURNS
from privacy.scans import Scan
from privacy.unowned import remove_unowned
from reports import actions, pdf
from reports.logo import Logo
from tests.privacy.conftest import agree

IN_A_WEEK = timedelta(days=7, minutes=1)


class Killed(BaseException):
    """kill -9: nothing after it runs."""


def killed(*args, **more):
    raise Killed


@pytest.fixture
def steps(measured, alice, monkeypatch):
    """What writes a file before its row; the report is a stand-in, for its drawing takes long."""
    made = SimpleNamespace(size_bytes=5, page_count=1)
    monkeypatch.setattr(pdf, "make", lambda **_: SimpleNamespace(file=io.BytesIO(b"%PDF-"), **vars(made)))
    report = {"kind": "runner", "paper": "a4", "language": "en", "words": pdf.Words("", ""), "by": alice}
    logo = Logo(b"a logo", 800, 320)
    return {
        "report": lambda: actions.make_report(analysis=measured, other_view=None, **report),
        "logo": lambda: actions.set_logo(organization=measured.organization, logo=logo, by=alice),
        "scan": lambda: agree(measured.subject, "measuring", scan=Scan(b"%PDF-", "application/pdf")),
    }


@pytest.mark.parametrize("step", ["report", "logo", "scan"])
def test_a_file_without_a_row_goes_and_one_with_its_row_stays(steps, step, monkeypatch):
    steps[step]()
    before = set(storage.every_key())
    for place in ("reports.actions.record", "accounts.actions.record", "privacy.actions.consents.record"):
        monkeypatch.setattr(place, killed)
    with pytest.raises(Killed):
        steps[step]()
    assert len(set(storage.every_key()) - before) == 1
    assert remove_unowned(now=timezone.now()) == 0
    assert remove_unowned(now=timezone.now() + IN_A_WEEK) == 1
    assert set(storage.every_key()) == before


def test_the_clock_does_it_and_comes_back_when_the_store_is_away(steps, monkeypatch):
    [turn] = [turn for turn in TURNS if turn.name == "files no row leads to"]
    steps["logo"]()
    assert turn.do() == 0
    monkeypatch.setattr(storage, "every_key", lambda prefix: (_ for _ in ()).throw(OSError("away")))
    assert turn.do() == 0
