"""The way of a film as a coach sees it: ordered, under way, done or failed; and the inbox that holds it all."""

from __future__ import annotations

import html
import io
import json
import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from analyses import actions
from analyses.models import Analysis, ProviderAccount, Result
from clips import storage
from clips.models import Clip
from credits import ledger
from providers.base import KeyInvalid
from subjects.models import Subject

UPLOAD = "/upload/"
PROVIDER = "/settings/provider/"


def shown(answer) -> str:
    return html.unescape(answer.content.decode())


def page(analysis: Analysis, name: str = "detail") -> str:
    return reverse(f"analyses:{name}", args=[analysis.code])


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


def finish(analysis: Analysis, results: dict, calculated: dict, film: bool = True) -> Analysis:
    """Bring an order to its end with these answers."""
    Analysis.objects.filter(pk=analysis.pk).update(
        status="succeeded", percentage=100, finished_at=timezone.now(), total_score=results.get("total_score")
    )
    Result.objects.create(
        organization=analysis.organization,
        analysis=analysis,
        results=json.dumps(results),
        calculated=json.dumps(calculated),
        raw_key="results/raw.json",
        film_key="results/annotated.mp4" if film else "",
    )
    actions.read_again(analysis=analysis)
    analysis.refresh_from_db()
    return analysis


# ── ordering ────────────────────────────────────────────────────────────────────────────────────────────────────────


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
        ({"pace": "25:00"}, "Enter the treadmill's pace between 02:00 and 20:00 minutes per kilometre."),
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


# ── under way ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_running_page_shows_the_steps_and_asks_again(as_bob, order, time_machine):
    time_machine.move_to("2026-11-22T10:00:00Z", tick=False)
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="running", percentage=45)
    time_machine.move_to("2026-11-22T10:00:37Z", tick=False)
    text = shown(as_bob.get(page(analysis)))
    assert f'hx-get="{page(analysis, "status")}"' in text
    assert "45 %" in text
    assert "0:37" in text


def test_the_finished_page_opens_itself(as_bob, order):
    analysis = order()
    assert "HX-Refresh" not in as_bob.get(page(analysis, "status"))
    analysis.move_to("failed", reason="No runner was found.")
    assert as_bob.get(page(analysis, "status"))["HX-Refresh"] == "true"


def test_an_order_is_taken_back_while_it_waits(as_carol, order):
    analysis = order()
    assert "You took the order back. The film is kept." in shown(as_carol.post(page(analysis, "cancel"), follow=True))


def test_an_order_that_left_is_measured_to_the_end(as_carol, order):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="running")
    said = "The film was on its way already, so it is measured to the end."
    assert said in shown(as_carol.post(page(analysis, "cancel"), follow=True))


def test_somebody_decides_about_a_start_without_an_answer(as_carol, order, service):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="unsure", needs_person=True, reason="Please decide below.")
    assert "Nothing was started: send it again" in shown(as_carol.get(page(analysis)))
    as_carol.post(page(analysis, "decide"), {"choice": "end"})
    analysis.refresh_from_db()
    assert analysis.status == "failed"
    again = shown(as_carol.post(page(analysis, "decide"), {"choice": "anew"}, follow=True))
    assert "That is no longer possible. Look at the page again and decide anew." in again


def test_a_reader_decides_nothing(as_bob, order, service):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="unsure", needs_person=True, reason="Please decide below.")
    assert "send it again" not in shown(as_bob.get(page(analysis)))


# ── failed and done ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "returned", "said"),
    [
        ("engine", False, "No credit was used."),
        ("ochy", True, "The credit was given back."),
        ("ochy", False, "1 credit was used: the service had started."),
    ],
)
def test_the_failed_page_says_why_what_was_kept_and_what_to_do(
    as_bob, alice, order, organization, kind, returned, said
):
    ledger.give(organization=organization, amount=1, reason="Start", by=alice)
    account, _ = ProviderAccount.objects.get_or_create(organization=organization, kind=kind)
    analysis = order(account=account)
    if returned:
        ledger.give_back(organization=organization, reference=analysis.reference, reason="not sent")
    analysis.move_to("failed", reason="No runner was found in the film.")
    text = shown(as_bob.get(page(analysis)))
    assert "No runner was found in the film." in text
    assert "The film is kept." in text
    assert said in text
    assert "Order it again" not in text  # a reader cannot


def test_the_result_of_a_service_that_says_little_is_a_short_page(as_bob, order):
    analysis = finish(order(), {"biomechanical_analysis": {"total_score": 0.588}}, {"metrics": {}}, film=False)
    text = shown(as_bob.get(page(analysis)))
    assert "59<small>/100" in text
    assert "<h2>Numbers" not in text
    assert "The film is being prepared." in text


def test_the_result_shows_the_published_answer(as_bob, order):
    results = {
        "biomechanical_analysis": {
            "total_score": 0.588,
            "analysis_content": {
                "arm": {
                    "score_number": 0.266,
                    "range_good": [78, 88],
                    "texts": {"title": "Arm position", "position": "Extension excessive", "recap": ["Bend a little."]},
                }
            },
            "running_styles": [{"title": "Bounce", "animal": "Kangaroo", "percentage": 61.2}],
        }
    }
    calculated = {
        "metrics": {"step_frequency_steps_per_min": 168.4, "ground_contact_time_ms": 262},
        "joint_angles": {"knee": {"left": {"strike": 12.3, "min": -1.2}}},
        "foot_landing": [{"step": 1, "foot": "left", "landing": "midfoot"}],
        "overstride": {"mean_angle": 3.47, "score": "score_good"},
    }
    text = shown(as_bob.get(page(finish(order(), results, calculated))))
    for said in ("Arm position", "Extension excessive", "Bend a little.", "Typical 78° to 88°", "27/100"):
        assert said in text
    assert "168 <small>/min" in text
    assert "3.5 <small>°" in text
    for said in ("midfoot", "Bounce", "61 %", "−1", "Not a medical device"):
        assert said in text


def test_what_the_service_said_is_given_as_received(as_bob, order):
    analysis = finish(order(), {"odd": "kept"}, {"metrics": {}, "odd": [1]})
    answer = as_bob.get(reverse("analyses:raw", args=[analysis.code, "results"]))
    assert json.loads(answer.content) == {"odd": "kept"}
    assert answer["Content-Disposition"] == f'attachment; filename="results-{analysis.code}.json"'
    storage.put("results/raw.json", io.BytesIO(b'{"frames": {}}'))
    answer = as_bob.get(reverse("analyses:raw", args=[analysis.code, "raw"]))
    assert b"".join(answer.streaming_content) == b'{"frames": {}}'
    assert as_bob.get(reverse("analyses:raw", args=[analysis.code, "secrets"])).status_code == 404


def test_the_result_takes_few_queries(as_bob, order, django_assert_max_num_queries):
    analysis = finish(order(), {"total_score": 0.5}, {"metrics": {"ground_contact_time_ms": 262}})
    as_bob.get(page(analysis))  # the first look of a day is written down as well
    with django_assert_max_num_queries(10):
        as_bob.get(page(analysis))


# ── inbox ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_inbox_holds_what_is_open_until_it_is_reviewed(as_carol, order):
    analysis = order()
    analysis.move_to("failed", reason="No runner was found in the film.")
    text = shown(as_carol.get("/"))
    assert "No runner was found in the film." in text
    assert as_carol.post(page(analysis, "review"), headers={"HX-Request": "true"}).status_code == 204
    assert "Nothing waits for you" in shown(as_carol.get("/"))
    assert "Runner 01" in shown(as_carol.get("/?show=reviewed"))


@pytest.mark.parametrize(
    ("show", "there"), [("open", True), ("running", True), ("new", False), ("failed", False), ("odd", True)]
)
def test_the_inbox_is_filtered_by_its_address(as_bob, order, show, there):
    order()
    assert ("Runner 01" in shown(as_bob.get("/", {"show": show}))) is there


def test_the_inbox_takes_the_same_few_queries_for_many(as_carol, order, organization, clip, django_assert_num_queries):
    first = order()
    for _number in range(60):
        first.pk, first._state.adding = None, True
        first.code = uuid.uuid4()
        first.save()
    with django_assert_num_queries(9):
        text = shown(as_carol.get("/"))
    assert "1–50 of 61" in text


def test_the_runner_s_page_draws_what_was_measured_twice(as_bob, order, runner, clip):
    for cadence in (160, 170):
        finish(order(), {"total_score": 0.5}, {"metrics": {"step_frequency_steps_per_min": cadence}})
    text = shown(as_bob.get(reverse("subjects:detail", args=[runner.code])))
    assert "Cadence: 2 values" in text
    assert "Over time" in text


# ── who measures ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_an_admin_chooses_who_measures(as_alice, as_carol, engine_account):
    assert as_alice.get(PROVIDER).status_code == 200
    assert as_carol.get(PROVIDER).status_code == 403
    for deed in ("test/", "webhook/"):
        assert as_carol.post(PROVIDER + deed).status_code == 403
        assert as_alice.get(PROVIDER + deed).status_code == 405


def test_a_key_is_written_and_never_shown(as_alice, organization):
    answer = as_alice.post(PROVIDER, {"kind": "ochy", "key": "a-secret-key"}, follow=True)
    assert "Ochy measures from now on." in shown(answer)
    assert "a-secret-key" not in shown(answer)
    account = ProviderAccount.objects.get(organization=organization, kind="ochy")
    assert account.key == "a-secret-key"
    as_alice.post(PROVIDER, {"kind": "ochy", "key": ""})
    account.refresh_from_db()
    assert account.key == "a-secret-key"


def test_a_key_with_a_space_is_asked_for_again_and_not_repeated(as_alice, engine_account):
    answer = as_alice.post(PROVIDER, {"kind": "ochy", "key": "half of-it"})
    assert answer.status_code == 422
    assert "A key has no spaces in it. Copy it once more." in shown(answer)
    assert "half of-it" not in shown(answer)


def test_a_test_tells_whether_the_service_answers(as_alice, engine_account, service):
    text = shown(as_alice.post(PROVIDER + "test/", follow=True))
    assert "Built-in engine answers and accepts our key; it lists 0 analyses." in text
    service.trouble.append(KeyInvalid("The key is not accepted. Type it again."))
    assert "The key is not accepted. Type it again." in shown(as_alice.post(PROVIDER + "test/", follow=True))


def test_a_service_calls_only_a_public_address(as_alice, organization, settings):
    settings.PUBLIC_IS_HTTPS = False
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    text = shown(as_alice.post(PROVIDER + "webhook/", follow=True))
    assert "A service calls only a public https address. Set PUBLIC_URL; until then we ask." in text


def test_a_webhook_is_registered_by_one_press(as_alice, engine_account, service):
    text = shown(as_alice.post(PROVIDER + "webhook/", follow=True))
    assert "Built-in engine calls us from now on." in text
    assert service.registered.endswith(f"/hooks/engine/{engine_account.token_of_key}/")
