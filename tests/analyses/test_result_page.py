"""The page of what failed and of what was measured, whatever a service said; and the runner's page that draws it."""

from __future__ import annotations

import io
import json
import re

import pytest
from django.urls import reverse

from analyses.models import Analysis, ProviderAccount
from clips import storage
from credits import ledger
from tests.analyses.asking import page
from tests.analyses.finished import give_answer
from tests.reading import in_one_line, shown

FILM = "results/annotated.mp4"


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
    analysis = give_answer(order(), {"metrics": {}}, {"biomechanical_analysis": {"total_score": 0.588}})
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
    text = shown(as_bob.get(page(give_answer(order(), calculated, results, film_key=FILM))))
    for said in ("Arm position", "Extension excessive", "Bend a little.", "Typical 78° to 88°", "27/100"):
        assert said in text
    assert "168 <small>/min" in text
    assert "3.5 <small>°" in text
    # On a phone, where the head of the table is not shown, each angle says when it was.
    assert '<span class="narrow-only">Strike</span>12</td>' in text
    for said in ("midfoot", "Bounce", "61 %", "−1", "Not a medical device"):
        assert said in text


def test_a_part_names_the_measure_its_range_is_of(as_bob, order):
    house = {
        "measures": {"overstride_deg": {"value": 15.2, "unit": "°", "uncertainty_95": 4, "n": 13}},
        "parts": {"forward_cycle": {"measure": "overstride_deg", "value": 15.2, "unit": "°"}},
    }
    part = {"score_number": 0.83, "range_good": [0, 19], "texts": {"title": "Forward cycle"}}
    results = {"biomechanical_analysis": {"analysis_content": {"forward_cycle": part}}}
    text = in_one_line(as_bob.get(page(give_answer(order(), {"house": house}, results, film_key=FILM))))
    assert "Overstride <strong>15.2°</strong> · Typical 0° to 19°" in text


def test_what_the_service_wrote_says_in_which_language_it_is(as_bob, order):
    house = {"findings": [{"key": "cadence_spm", "title": "Wenige Schritte", "text": "Zu wenige.", "cue": "Kürzer."}]}
    analysis = give_answer(order(), {"house": house}, {"total_score": 0.6})
    Analysis.objects.filter(pk=analysis.pk).update(language="de")
    text = as_bob.get(page(analysis)).content.decode()
    assert '<span lang="de">Wenige Schritte</span>' in text
    assert '<span lang="de">Zu wenige. <span class="cue">Kürzer.</span></span>' in text


def test_what_the_service_said_is_given_as_received(as_bob, order):
    analysis = give_answer(order(), {"metrics": {}, "odd": [1]}, {"odd": "kept"}, film_key=FILM)
    answer = as_bob.get(reverse("analyses:raw", args=[analysis.code, "results"]))
    assert json.loads(answer.content) == {"odd": "kept"}
    assert answer["Content-Disposition"] == f'attachment; filename="results-{analysis.code}.json"'
    storage.put(analysis.result.raw_key, io.BytesIO(b'{"frames": {}}'))
    answer = as_bob.get(reverse("analyses:raw", args=[analysis.code, "raw"]))
    assert b"".join(answer.streaming_content) == b'{"frames": {}}'
    assert as_bob.get(reverse("analyses:raw", args=[analysis.code, "secrets"])).status_code == 404


def test_the_result_takes_few_queries(as_bob, order, django_assert_max_num_queries):
    analysis = give_answer(order(), {"metrics": {"ground_contact_time_ms": 262}}, {"total_score": 0.5}, film_key=FILM)
    as_bob.get(page(analysis))  # the first look of a day is written down as well
    with django_assert_max_num_queries(10):
        as_bob.get(page(analysis))


def test_the_runner_s_page_draws_what_was_measured_twice(as_bob, order, runner, clip):
    for cadence in (160, 170):
        give_answer(
            order(), {"metrics": {"step_frequency_steps_per_min": cadence}}, {"total_score": 0.5}, film_key=FILM
        )
    text = shown(as_bob.get(reverse("subjects:detail", args=[runner.code])))
    assert "Cadence: 2 values" in text
    assert "Over time" in text


def test_a_finding_leads_to_what_its_measure_means(as_bob, order):
    finding = {"title": "Cadence", "value": 150, "range": [162, 186], "text": "Few steps."}
    findings = [finding | {"key": "cadence_spm"}, finding | {"key": "shoe_size"}]
    house = {"measures": {"cadence_spm": {"value": 150.0, "uncertainty_95": 2.0, "n": 8}}, "findings": findings}
    analysis = give_answer(order(), {"house": house}, {"total_score": 0.6})
    said = as_bob.get(page(analysis)).content.decode().split('class="findings"')[1].split("</ol>")[0]
    assert re.findall(r'href="(/measures/[^"]+)"', said) == ["/measures/cadence_spm/"]
