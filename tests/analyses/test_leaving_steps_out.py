"""A step is left out: what follows, what stays and says so, and that the answer as received is never touched."""

from __future__ import annotations

import copy
from math import sqrt
from statistics import fmean, stdev

import pytest

from analyses.corrections import stays_sentence, without
from analyses.scoring import rescored, score_of
from analyses.steps import step_views
from providers.ochy import wire
from providers.results import Assessment, Finding, Number, Numbers, Part, Weight
from tests.analyses import made_answer
from tests.analyses.made_answer import BIAS_DEG, LEAN, OVERSTRIDE, scored

OUTLIER = 8  # the right foot's 34°


def answer(change=None):
    results, calculated = made_answer.results(), copy.deepcopy(made_answer.calculated())
    if change:
        change(calculated["house"])
    return wire.parse_results(results), wire.parse_calculated(calculated)


def value(measured, key, side=None) -> Number:
    return next(one for one in measured.numbers if (one.key, one.side, one.phase) == (key, side, None))


@pytest.fixture
def left():
    return without(*answer(), {OUTLIER})


def test_with_no_step_left_out_the_answer_is_the_one_received():
    judged, measured = answer()
    same = without(judged, measured, ())
    assert (same.judged, same.measured, same.stays) == (judged, measured, ())


def test_the_means_are_those_of_the_steps_that_stay(left):
    assert value(left.measured, "overstride_deg", "left").value == fmean(OVERSTRIDE["left"])
    right = value(left.measured, "overstride_deg", "right")
    assert (right.value, right.n) == (pytest.approx(fmean(OVERSTRIDE["right"][:3])), 3)
    whole = value(left.measured, "overstride_deg")
    assert (whole.value, whole.n) == (pytest.approx((21 + 24) / 2), 7)
    assert value(left.measured, "trunk_lean_deg").value == pytest.approx(fmean(LEAN[:7]), abs=0.01)


def test_the_uncertainty_is_what_the_engine_would_say_of_these_steps(left):
    kept = OVERSTRIDE["right"][:3]
    own = 2 * sqrt(BIAS_DEG**2 + stdev(kept) ** 2 / 3)
    assert value(left.measured, "overstride_deg", "right").uncertainty_95 == pytest.approx(own)
    random = (stdev(OVERSTRIDE["left"]) ** 2 / 4 + stdev(kept) ** 2 / 3) / 4
    whole = value(left.measured, "overstride_deg")
    assert whole.uncertainty_95 == pytest.approx(2 * sqrt(BIAS_DEG**2 + random))


def test_the_share_on_the_ground_follows_the_contact_it_is_made_of(left):
    before = answer()[1]
    factor = value(left.measured, "contact_time_ms").value / value(before, "contact_time_ms").value
    assert value(left.measured, "contact_time_ms").value == 250
    duty = value(left.measured, "duty_factor").value
    assert duty == pytest.approx(value(before, "duty_factor").value * factor)


def test_what_is_counted_over_the_film_or_estimated_stays_and_is_named(left):
    assert left.stays == ("cadence_spm", "power_w_kg")
    assert stays_sentence(left.stays, score_follows=True) == (
        "These could not follow, because they are told for the whole film only: Cadence, Power."
    )
    assert stays_sentence((), score_follows=True) == ""


def test_score_part_and_finding_follow(left):
    over = value(left.measured, "overstride_deg")
    score = scored(over.value, over.uncertainty_95, 21.0, 25.0)
    assert score == 1.0
    assert left.score_follows
    assert left.judged.total_score == left.measured.total_score == pytest.approx(1.0, abs=0.001)
    part = next(part for part in left.judged.parts if part.key == "forward_cycle")
    assert (part.score, part.position, part.recap) == (pytest.approx(1.0, abs=0.001), "", ())
    assert left.measured.findings == ()
    assert [gauge.value for gauge in left.measured.gauges] == [over.value, value(left.measured, "trunk_lean_deg").value]


def test_a_finding_that_remains_keeps_its_cue_and_tells_the_new_numbers():
    (finding,) = without(*answer(), {2}).measured.findings
    over = (21 + fmean(OVERSTRIDE["right"][1:])) / 2
    assert (finding.title, finding.cue) == ("Overstride", "Shorten the step a little.")
    assert finding.value == pytest.approx(over)
    assert finding.text == f"24.2 ± {finding.uncertainty_95:.1f}°; typical is at most 21.0°."


def test_what_is_known_too_little_of_is_no_finding_after_a_correction_either():
    def narrow(house):
        house["measures"]["overstride_deg"]["range_good"] = [18, 21]  # narrower than what is not known

    left = without(*answer(narrow), {2})
    assert left.judged.total_score < 1
    assert left.measured.findings == ()


def test_a_number_that_is_not_the_mean_of_its_steps_stays():
    def shift(house):
        house["measures"]["overstride_deg"]["value"] += 2
        house["measures"]["overstride_deg"]["right"]["value"] += 2

    left = without(*answer(shift), {OUTLIER})
    assert value(left.measured, "overstride_deg").value == pytest.approx(25.75)
    assert value(left.measured, "overstride_deg", "right").n == 4


def test_without_weights_the_score_stays_and_it_is_said():
    left = without(*answer(lambda house: house.pop("parts")), {OUTLIER})
    assert not left.score_follows
    assert left.judged.total_score == made_answer.results()["total_score"]
    assert stays_sentence((), score_follows=False) == ("Score and advice could not follow and are unchanged.")


def test_a_score_that_our_rule_does_not_give_is_not_touched():
    left = without(*answer(lambda house: house["parts"]["trunk"].update(weight=5)), {OUTLIER})
    assert not left.score_follows


@pytest.mark.parametrize(
    ("number", "score"),
    [
        (Number("x", 5, "", range_good=(3, 12), range_okay=(0, 17)), 1.0),
        (Number("x", 17, "", range_good=(3, 12), range_okay=(0, 17)), 0.5),
        (Number("x", 2, "", range_good=(3, 12), range_okay=(1, 17)), 0.75),
        (Number("x", 1.5, "", uncertainty_95=3, range_good=(3, 12), range_okay=(0, 17)), 1.0),
        (Number("x", 30, "", range_good=(3, 12), range_okay=(0, 17)), 0.0),
        (Number("x", -9, "", range_good=(0, 19), range_okay=(0, 23), open_ends=("low",)), 1.0),
        (Number("x", 40, "", range_good=(0, 20), range_okay=(-2, 20), open_ends=("high",)), 1.0),
        (Number("x", -1, "", range_good=(0, 20), range_okay=(-2, 20), open_ends=("high",)), 0.75),
        (Number("x", 40, "", range_good=(0, 20)), None),
    ],
)
def test_a_number_scores_by_its_ranges_as_the_engine_does(number, score):
    assert score_of(number) == score


def test_what_costs_most_now_is_told_first_and_in_the_words_that_were_said_about_it():
    def measured(lean: float, over: float, *findings: Finding) -> Numbers:
        band = {"unit": "°", "range_good": (0, 10), "range_okay": (0, 20)}
        numbers = (Number("trunk_lean_deg", lean, **band), Number("overstride_deg", over, **band))
        weights = (Weight("upright", 1, {"trunk_lean_deg": 1}), Weight("forward", 1, {"overstride_deg": 1}))
        return Numbers(numbers, weights=weights, findings=findings)

    too_short = Finding("overstride_deg", title="Too short", value=-3, range_good=(0, 10))
    leans = Finding("trunk_lean_deg", title="Leans", value=20, range_good=(0, 10), cue="Run tall.")
    stated = Assessment(total_score=0.65, parts=(Part("upright", score=0.5), Part("forward", score=0.8)))
    judged, told = rescored(stated, measured(20, 14, leans, too_short), measured(12, 16))
    assert [part.score for part in judged.parts] == [pytest.approx(0.9), pytest.approx(0.7)]
    assert [(one.title, one.text, one.cue) for one in told.findings] == [
        ("Overstride", "16.0 ± 0.0°; typical is 0.0 to 10.0°.", ""),
        ("Leans", "12.0 ± 0.0°; typical is 0.0 to 10.0°.", "Run tall."),
    ]


def test_a_step_that_an_end_of_the_film_cuts_counts_in_no_mean():
    def cut(house):
        house["steps"].append({"step": 9, "foot": "left", "strike_s": 3.08, "contact_time_ms": 900})

    before, after = answer(cut)[1], without(*answer(cut), {OUTLIER}).measured
    assert [view.counts for view in step_views(before)] == [True] * 8 + [False]
    assert value(after, "contact_time_ms").value == 250
    assert value(after, "contact_time_ms").n == 7


def test_behind_only_the_mean_over_the_stance_follows_and_the_peak_is_said_to_stay():
    """A peak is read off the mean curve of all stances, so no single step explains it."""
    steps = [{"step": n, "pelvic_drop": drop} for n, drop in enumerate((2.0, 2.0, 3.0, 2.0, 6.0), start=1)]
    band = {"range_good": [-2, 5.5], "range_okay": [-2, 7.5], "range_open": ["low"]}
    peak = {"value": 6.5, "unit": "°", "uncertainty_95": 1.0, "n": 5, **band}
    calculated = {
        "gait_cycle": {"left": {"stance_mean": {"pelvic_drop": 3.0}, "steps": steps}},
        "total_score": 0.875,
        "house": {
            "measures": {"pelvic_drop_deg": {**peak, "left": peak}},
            "stance_peaks": {"left": {"pelvic_drop_deg": peak}},
            "parts": {"left": {"weight": 0.5, "weights": {"pelvic_drop_deg": 0.35}}},
            "steps": [
                {"step": n, "foot": "left", "strike_s": n * 0.7, "toe_off_s": n * 0.7 + 0.3} for n in range(1, 6)
            ],
        },
    }
    left = without(wire.parse_results({"total_score": 0.875}), wire.parse_calculated(calculated), {5})
    numbers = {(one.key, one.side, one.phase): one.value for one in left.measured.numbers}
    assert numbers["pelvic_drop_deg", "left", "stance_mean"] == pytest.approx(2.25)
    assert numbers["pelvic_drop_deg", None, None] == 6.5
    assert left.stays == ("pelvic_drop_deg",)
    assert not left.score_follows
