"""Ordering: what is typed becomes an analysis, what is missing is said, and nothing is typed twice."""

from __future__ import annotations

import re

import pytest

from analyses.forms import OrderForm
from analyses.models import Analysis, ProviderAccount
from clips.actions import delete_clip
from clips.models import Clip
from credits import ledger
from subjects.models import Subject
from tests.analyses.asking import page
from tests.reading import shown

UPLOAD = "/upload/"


@pytest.fixture
def typed(clip, runner, engine_account):
    """A filled-in order form."""
    return {
        "clip": str(clip.code),
        "runner": str(runner.code),
        "view": "side_view",
        "treadmill": "1",
        "pace": "6:00",
        "height_m": "1.75",
        "weight_kg": "68",
    }


def test_an_order_leads_to_the_page_of_its_analysis(as_carol, typed, carol):
    answer = as_carol.post(UPLOAD, typed)
    analysis = Analysis.objects.get()
    assert answer["Location"] == page(analysis)
    assert (analysis.view, analysis.treadmill, analysis.pace_s_per_km) == ("side_view", True, 360)
    assert (analysis.ordered_by, analysis.height_m, analysis.weight_kg) == (carol, 1.75, 68)


def test_an_order_sent_twice_is_one_order(as_carol, typed):
    first, second = as_carol.post(UPLOAD, typed), as_carol.post(UPLOAD, typed)
    assert Analysis.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_film_that_is_removed_while_it_is_ordered_is_said_to_be_gone(as_carol, typed, clip, monkeypatch):
    judge = OrderForm.is_valid

    def removed_after_it(form):
        valid = judge(form)
        delete_clip(clip=clip)
        return valid

    monkeypatch.setattr(OrderForm, "is_valid", removed_after_it)
    answer = as_carol.post(UPLOAD, typed | {"runner": "new", "new_name": "Runner 99"})
    assert answer.status_code == 422
    assert "This film is no longer here. Choose another one." in answer.content.decode()
    assert not Analysis.objects.exists()
    assert not Subject.objects.filter(name="Runner 99").exists()


def test_a_new_runner_needs_only_a_name(as_carol, typed, organization):
    as_carol.post(UPLOAD, typed | {"runner": "new", "new_name": " Runner 99 ", "height_m": "1,80", "weight_kg": ""})
    made = Subject.objects.get(name="Runner 99")
    assert (made.organization, made.height_m, made.weight_kg) == (organization, 1.8, None)
    assert Analysis.objects.get().subject == made


def test_height_and_weight_typed_here_are_kept_with_the_runner(as_carol, typed, runner):
    as_carol.post(UPLOAD, typed | {"weight_kg": "70"})
    runner.refresh_from_db()
    assert (runner.height_m, runner.weight_kg) == (1.75, 70)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"clip": ""}, "Choose a film first."),
        ({"clip": "00000000-0000-0000-0000-000000000001"}, "This film is no longer here. Choose it again."),
        ({"runner": ""}, "Choose a runner, or type a new name."),
        ({"runner": "nobody"}, "Choose a runner, or type a new name."),
        ({"runner": "new", "new_name": "  "}, "Choose a runner, or type a new name."),
        ({"pace": ""}, "Type the pace of the belt: 5:30, or 10.9 km/h."),
        ({"pace": "fast"}, "Write the pace as 5:30, or the speed as 10.9 km/h."),
        ({"pace": "25:00"}, "Enter the treadmill’s pace between 2:00 /km and 20:00 /km."),
        ({"height_m": "175"}, "Did you mean 1.75 m?"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_ordered(as_carol, typed, change, said):
    answer = as_carol.post(UPLOAD, typed | change)
    assert answer.status_code == 422
    assert said in shown(answer)
    assert not Analysis.objects.exists()


def test_a_refused_order_leaves_no_new_runner_behind(as_carol, typed):
    as_carol.post(UPLOAD, typed | {"runner": "new", "new_name": "Runner 99", "pace": "25:00"})
    assert not Subject.objects.filter(name="Runner 99").exists()


def test_a_wrong_orientation_is_measured_only_when_somebody_accepts_it(as_carol, typed):
    over_ground = typed | {"treadmill": "0", "pace": ""}
    answer = as_carol.post(UPLOAD, over_ground)
    assert "The film is upright; a side view over ground needs a landscape one." in shown(answer)
    assert not Analysis.objects.exists()
    assert as_carol.post(UPLOAD, over_ground | {"accepted": typed["clip"]}).status_code == 302


def test_the_film_is_kept_while_something_else_is_put_right(as_carol, typed):
    assert "run.mp4" in shown(as_carol.post(UPLOAD, typed | {"pace": ""}))


def test_the_price_and_what_is_left_stand_before_the_button(as_carol, alice, organization, engine_account):
    assert "Built-in engine, no credit." in shown(as_carol.get(UPLOAD))
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    ledger.give(organization=organization, amount=37, reason="Start", by=alice)
    assert "Uses 1 credit, 37 left." in shown(as_carol.get(UPLOAD))


def test_without_credits_nothing_is_ordered_and_the_film_is_kept(as_carol, typed, organization):
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    answer = as_carol.post(UPLOAD, typed)
    assert answer.status_code == 409
    text = "This takes 1 credit and 0 are left. Ask an admin for credits; your film is kept."
    assert text in shown(answer)
    assert not Analysis.objects.exists()
    assert Clip.objects.exists()


def test_what_was_right_for_a_runner_last_time_is_offered_again(as_carol, order, runner):
    order()
    text = shown(as_carol.get(f"{UPLOAD}runners/?q=Runner"))
    assert 'data-view="side_view"' in text
    assert 'data-treadmill="1"' in text
    assert 'data-pace="6:00"' in text
    assert "New runner: Runner" in text


def test_a_film_is_ordered_again_without_sending_it_again(as_carol, order, clip, runner):
    url = f"{UPLOAD}?runner={runner.code}&clip={clip.code}&view=back_view"
    text = shown(as_carol.get(url))
    assert "run.mp4" in text
    assert f'value="{runner.code}" checked' in text
    assert "css/upload.css" in text, "what was looked at is listed as below a film just sent"


def test_a_new_film_of_a_runner_is_offered_as_the_last_one_was_made(as_alice, runner, order):
    url = f"{UPLOAD}?runner={runner.code}"
    assert not re.search(r'name="treadmill" value="1"[^>]*checked', shown(as_alice.get(url)))
    order(view="back_view", ticked=True)
    text = shown(as_alice.get(url))
    for name, value in (("view", "back_view"), ("treadmill", "1")):
        assert re.search(rf'name="{name}" value="{value}"[^>]*checked', text), name
    assert re.search(r'name="pace" value="6:00"', text)


@pytest.mark.parametrize("query", ["runner=x&clip=y", "runner=00000000-0000-0000-0000-000000000001", "view=top"])
def test_an_odd_address_shows_the_empty_form(as_carol, engine_account, query):
    assert as_carol.get(f"{UPLOAD}?{query}").status_code == 200


def test_a_stranger_s_film_and_runner_cannot_be_ordered(as_charlie, typed):
    answer = as_charlie.post(UPLOAD, typed)
    assert answer.status_code == 422
    assert not Analysis.objects.exists()
