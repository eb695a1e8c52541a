"""Two deeds that want the same rows at the same moment, on a real PostgreSQL: both are done, or one is told no."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from door import ROOT
from door.environment import PYTHON

pytestmark = pytest.mark.services

# `while_in` has the first deed wait inside one function, with what it has locked until then, until the second has
# ended or waits for a lock itself.
BEGIN = """
import io, json, threading
from unittest.mock import patch
from django.db import connection
from accounts import wall
from accounts.models import Membership, Organization, User
from analyses import actions
from analyses.models import Analysis, ProviderAccount
from clips import storage
from clips.actions import delete_clip
from clips.models import Clip
from credits import ledger
from privacy import actions as privacy
from reports import actions as reports
from subjects import actions as runners
from subjects.models import Consent, Subject

club = Organization.objects.create(name="At once")
user = User.objects.create_user("at-once@example.com", "a long password", name="One")
Membership.objects.create(organization=club, user=user, role="admin")
account = ProviderAccount.objects.create(organization=club, kind="ochy")
ledger.give(organization=club, amount=9, reason="a start", by=user)
runner = Subject.objects.create(organization=club, name="Runner 01")
facts = dict(status="probed", size_bytes=1, container="mp4", codec="h264", duration_s=6.0, fps=60, frame_count=360,
             rotation_deg=0, width_px=1080, height_px=1920)

def film():
    made = Clip.objects.create(organization=club, original_name="run.mp4", folder=storage.new_folder(), **facts)
    storage.put(made.original_key, io.BytesIO(b"film"))
    return made

def ordered(clip):
    return actions.order_analysis(clip=clip, subject=runner, account=account, view="side_view", treadmill=True,
                                  pace_s_per_km=360, by=user)

def while_in(place, first, second):
    reached, go, ends = threading.Event(), threading.Event(), [None, None]
    def do(which, deed):
        try:
            with wall.everything("a test"):
                ends[which] = deed()
        except Exception as error:
            ends[which] = type(error).__name__
        finally:
            connection.close()
    one, other = (threading.Thread(target=do, args=pair) for pair in ((0, first), (1, second)))
    module, _, name = place.rpartition(".")
    inside = getattr(__import__(module, fromlist=[name]), name)
    def waiting(*args, **how):
        if threading.current_thread() is one and not reached.is_set():
            reached.set()
            go.wait(30)
        return inside(*args, **how)
    with patch(place, waiting):
        one.start()
        assert reached.wait(30), f"{place} was not reached: {ends}"
        other.start()
        other.join(2)
        go.set()
        one.join(30)
        other.join(30)
    return ends
"""


@pytest.fixture(scope="module")
def told(new_database, redis_server, folder):
    """Run a script on a database of its own; return what it printed behind TOLD."""

    def told(name: str, script: str):
        var = folder / f"var-{name}"
        var.mkdir()
        environment = os.environ | {"DATABASE_URL": new_database(name), "REDIS_URL": redis_server, "VAR": str(var)}
        command = [str(PYTHON), "manage.py", "shell", "--command", BEGIN + script]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.partition("TOLD")[2])

    return told


def test_a_film_that_is_removed_while_it_is_ordered_is_kept(told):
    script = """
clip = film()
ends = while_in("credits.ledger.spend", lambda: str(ordered(clip)) and "ordered", lambda: delete_clip(clip=clip))
print("TOLD" + json.dumps([*ends, storage.path_on_disk(clip.original_key).exists(), Clip.objects.count()]))
"""
    assert told("removed", script) == ["ordered", "ClipInUse", True, 1]


CONSENT = """
consent = Consent.objects.create(organization=club, subject=runner, purpose="measuring", giver="runner", way="paper",
                                 text="yes", text_version="1")
first, second = ordered(film()), ordered(film())
"""


def test_an_order_is_taken_back_while_the_runner_takes_their_consent_back(told):
    script = (
        CONSENT
        + """
ends = while_in("analyses.actions.order.return_credit",
                lambda: actions.cancel_order(analysis=second, by=user),
                lambda: privacy.end_consent(consent=consent, by=user))
print("TOLD" + json.dumps([*ends, ledger.balance(club), sorted(Analysis.objects.values_list("status", flat=True))]))
"""
    )
    assert told("taken_back", script) == [True, True, 9, ["failed", "failed"]]


@pytest.mark.parametrize("other", ["first", "second"])
def test_the_runner_takes_their_consent_back_while_an_order_is_taken_back(told, other):
    script = (
        CONSENT
        + """
ends = while_in("analyses.actions.stop.return_credit",
                lambda: privacy.end_consent(consent=consent, by=user),
                lambda: actions.cancel_order(analysis=KEPT_WAITING, by=user))
print("TOLD" + json.dumps([*ends, ledger.balance(club), sorted(Analysis.objects.values_list("status", flat=True))]))
"""
    )
    told_of = told(f"consent_{other}", script.replace("KEPT_WAITING", other))
    assert told_of == [True, True, 9, ["failed", "failed"]]


def test_a_runner_is_changed_by_hand_while_a_list_changes_them(told):
    script = """
from subjects import imports
from subjects.models import RunnerImport
run = imports.begin_import(organization=club, file_name="list.csv", data=b"name,weight\\nRunner 01,70\\n", by=user)
def by_hand():
    runner.height_m = 1.8
    runners.change_subject(subject=runner, what=["height_m"], by=user)
ends = while_in("subjects.actions.note_change", by_hand,
                lambda: imports.carry_out(run=run, among=Subject.objects.all(), by=user).counts["changes"])
runner.refresh_from_db()
print("TOLD" + json.dumps([*ends, runner.height_m, runner.weight_kg]))
"""
    assert told("a_list", script) == [None, 1, 1.8, 70]


def test_a_link_is_ended_by_hand_while_all_end_with_the_consent(told):
    script = (
        CONSENT
        + """
from datetime import timedelta
from django.utils import timezone
from reports.models import ShareLink
sharing = Consent.objects.create(organization=club, subject=runner, purpose="sharing", giver="runner", way="paper",
                                 text="yes", text_version="1")
links = []
for number in range(2):
    link = ShareLink(organization=club, subject=runner, analysis=first, contents=["numbers"], made_by=user,
                     made_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1))
    link.make_token()
    link.save()
    links.append(link)
ends = while_in("reports.actions._record",
                lambda: privacy.end_consent(consent=sharing, by=user),
                lambda: reports.revoke(link=links[0], by=user))
print("TOLD" + json.dumps([*ends, ShareLink.objects.filter(revoked_at=None).count()]))
"""
    )
    assert told("links", script) == [True, False, 0]
