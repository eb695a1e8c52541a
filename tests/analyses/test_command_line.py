"""The main job and the webhook's registration without a browser."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from analyses.models import Analysis
from clips.models import Clip
from subjects.models import Subject
from tests.clips.films import write_film

pytestmark = pytest.mark.django_db


@pytest.fixture
def portrait(tmp_path):
    return write_film(tmp_path / "run.mp4", size=(480, 640))


def test_the_webhook_is_registered_from_the_command_line(organization, service, capsys):
    call_command("register_webhook")
    assert service.registered.startswith("http://127.0.0.1:8000/hooks/engine/")
    assert capsys.readouterr().out == "Track club: Built-in engine calls us from now on\n"


def test_ochy_calls_only_a_public_address(organization, service, account, capsys):
    with pytest.raises(CommandError, match=r"1 not registered; polling goes on for them."):
        call_command("register_webhook")
    assert "PUBLIC_URL must begin with https:// for Ochy to call us" in capsys.readouterr().err
    assert service.registered == ""


def test_an_unknown_organization_is_named(db):
    with pytest.raises(CommandError, match=r"There is no organisation “Nobody”."):
        call_command("register_webhook", organization="Nobody")


def test_a_file_that_is_not_there_is_named(organization):
    with pytest.raises(CommandError, match=r"There is no file nowhere.mp4."):
        call_command("order", "nowhere.mp4", subject="Runner 01", view="side_view")
    assert not Subject.objects.exists()


def test_a_file_that_may_not_be_read_is_named(organization, portrait, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)  # whoever runs the tests as root may read all
    with pytest.raises(CommandError, match=r"run.mp4 may not be read. Change its permissions."):
        call_command("order", str(portrait), subject="Runner 01", view="side_view")
    assert not Subject.objects.exists()


def test_a_runner_without_a_name_is_none(organization, portrait):
    with pytest.raises(CommandError, match="a name has 1 to 120 letters, not 0"):
        call_command("order", str(portrait), "--subject= ", "--view=side_view")
    assert not Subject.objects.exists()


def test_a_name_that_several_runners_have_is_asked_back(organization, portrait):
    for _ in range(2):
        Subject.objects.create(organization=organization, name="Runner 01")
    with pytest.raises(CommandError, match=r"There are several runners called “Runner 01”."):
        call_command("order", str(portrait), subject="Runner 01", view="side_view")
    assert not Clip.objects.exists()


def test_a_pace_that_is_none_is_refused(organization, portrait):
    with pytest.raises(CommandError, match="write minutes and seconds per kilometre as MM:SS"):
        call_command("order", str(portrait), "--subject=R", "--view=side_view", "--treadmill", "--pace=6")


@pytest.mark.parametrize("timeout", ["nan", "inf", "-1", "ten"])
def test_a_wait_that_never_ends_is_refused(organization, portrait, timeout):
    with pytest.raises(CommandError, match=f"argument --timeout: invalid seconds value: '{timeout}'"):
        call_command("order", str(portrait), "--subject=R", "--view=side_view", "--wait", f"--timeout={timeout}")
    assert not Clip.objects.exists()


def test_the_order_is_told_as_json(organization, portrait, capsys, monkeypatch):
    monkeypatch.setattr("analyses.jobs.hint", lambda analysis: None)
    call_command(
        "order", str(portrait), "--subject=Runner 07", "--view=side_view", "--treadmill", "--pace=06:00", "--json"
    )
    told = json.loads(capsys.readouterr().out)
    analysis = Analysis.objects.get()
    assert told == {
        "code": str(analysis.code),
        "status": "queued",
        "reason": "",
        "total_score": None,
        "measurements": [],
    }
    assert (analysis.subject.name, analysis.pace_s_per_km) == ("Runner 07", 360)
