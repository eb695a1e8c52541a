"""What the result page shows, from answers as services send them: published, our engine's, and odd ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Units
from analyses import explaining
from analyses.compare import Side
from analyses.curves import HEIGHT, WIDTH, drawings
from analyses.gauges import gauge, limits_of
from analyses.measures import MEASURES, TRENDS
from analyses.pace import read_pace
from analyses.readout import read, verdict_of, weakest
from analyses.steps import marks
from analyses.trends import Value, charts
from coachportal.templatetags.curves import curve_to_move
from coachportal.templatetags.figures import glance, number_rows, typical_range
from providers.ochy import wire
from providers.results import Curve, Number

ENGINE = {
    "metrics": {"step_frequency_steps_per_min": 167.3, "duty_factor": 0.35},
    "house": {
        "measures": {
            "cadence_spm": {
                "value": 167.33,
                "unit": "1/min",
                "uncertainty_95": 4.68,
                "n": 4,
                "range_good": [162.6, 185.6],
                "range_okay": [154.6, 195.6],
                "source": "Malisoux 2023",
            },
            "overstride_deg": {"value": 17.9, "unit": "°", "left": {"value": 15.1}, "right": {"value": 20.6}},
            "a_new_measure": {"value": 1.0},
        },
        "missing": {"oscillation_cm": "The head was outside the picture."},
        "steps": [
            {"foot": "left", "strike_s": 0.5, "toe_off_s": 0.75, "contact_time_ms": 250, "landing": "rearfoot"},
            {"foot": "right", "strike_s": 0.9, "toe_off_s": 0.8, "landing": "uncertain"},
        ],
        "findings": [
            {"key": "cadence_spm", "title": "Cadence", "value": 150, "range": [162, 186], "text": "Few steps."},
            {"key": "trunk_lean_deg", "title": "Trunk", "value": 40, "range": [3, 12], "text": "Far ahead."},
        ],
        "warnings": [{"code": "few_steps", "text": "Film more steps."}],
        "exercises": {"a_skip": "A-skip"},
        "curve_span": "stride",
        "curves": {"left": {"knee": {"mean": [10, 20, 30], "sd": [1, 1, 1]}}},
    },
}
RESULTS = {
    "analysis_content": {
        "arm": {"score_number": 0.266, "texts": {"title": "Arm", "exercice": ["a_skip", "unknown_key"]}},
        "trunk": {"score_number": 0.6, "texts": {"title": "Trunk"}},
        "head": {"score_number": 0.9, "texts": {"title": "Head"}},
        "knee": {"score_number": None, "texts": {"title": "Knee"}},
    },
    "total_score": 0.61,
}


@pytest.fixture
def shown():
    return read(wire.parse_results(RESULTS), wire.parse_calculated(ENGINE))


def rows(shown) -> dict:
    return {row.measure.key: row for _, group in shown.groups for row in group}


def test_a_measure_comes_with_its_doubt_its_steps_and_its_range(shown):
    row = rows(shown)["cadence_spm"]
    assert (row.mean, row.uncertainty_95, row.steps, row.source) == (167.3, 4.68, 4, "Malisoux 2023")
    assert row.gauge.verdict == "good"


def test_the_sides_stand_beside_the_mean_and_a_range_only_where_one_is_known(shown):
    row = rows(shown)["overstride_deg"]
    assert (row.left, row.right, row.gauge) == (15.1, 20.6, None)


def test_a_measure_without_a_name_of_ours_is_left_out(shown):
    assert "a_new_measure" not in rows(shown)


def test_what_could_not_be_measured_says_why(shown):
    assert [(str(label), why) for label, why in shown.missing] == [
        ("Vertical movement", "The head was outside the picture.")
    ]


def test_a_finding_is_off_when_it_is_half_a_range_beyond(shown):
    assert [verdict for _, verdict in shown.findings] == ["okay", "bad"]


def findings(**told) -> list[tuple[str, str]]:
    finding = {"key": "pronation_deg", "title": "Pronation", "range": [5, 16]} | told
    answer = {"house": {"findings": [finding]}}
    shown = read(wire.parse_results(RESULTS), wire.parse_calculated(answer))
    return [(finding.title, finding.text) for finding, _ in shown.findings]


@pytest.mark.parametrize("text", ["Pronation: 2 ± 2°.", "2 ± 2°."])
def test_a_finding_is_headed_by_what_was_seen_and_names_its_measure_once(text):
    seen = findings(value=2, uncertainty_95=2, verdict="Little inward roll of the foot", text=text)
    assert seen == [("Little inward roll of the foot", "Pronation: 2 ± 2°.")]


def test_a_finding_without_words_of_what_was_seen_is_headed_by_its_measure():
    assert findings(value=2, uncertainty_95=2, text="2 ± 2°.") == [("Pronation", "2 ± 2°.")]


@pytest.mark.parametrize(("value", "unsure", "stands"), [(-2, 12, False), (-2, 11, True), (-8, 12, True), (2, 2, True)])
def test_a_doubt_wider_than_the_typical_range_that_reaches_into_it_is_no_finding(value, unsure, stands):
    assert bool(findings(value=value, uncertainty_95=unsure)) is stands


def test_the_weakest_parts_stand_in_for_findings_worst_first(shown):
    assert [one.part.title for one in weakest(shown)] == ["Arm", "Trunk"]


def test_an_exercise_without_a_name_is_left_out(shown):
    assert shown.parts[0].exercises == ("A-skip",)


@pytest.mark.parametrize(
    ("score", "verdict"), [(None, "unknown"), (0.75, "good"), (0.749, "okay"), (0.5, "okay"), (0.499, "bad")]
)
def test_a_score_is_judged_at_three_quarters_and_a_half(score, verdict):
    assert verdict_of(score) == verdict


def test_a_contact_is_a_bar_at_its_place_and_one_that_cannot_be_is_none(shown):
    bars = marks(shown.steps, duration_s=2.0)
    assert [(bar.side, bar.x, bar.width) for bar in bars] == [("left", 250.0, 125.0)]
    assert marks(shown.steps, duration_s=0.0) == ()


@pytest.mark.parametrize(
    "house",
    [
        {"measures": []},
        {"measures": {"cadence_spm": 3}},
        {"measures": {"cadence_spm": {"value": "many", "range_good": [2, 1]}}},
        {"measures": {"cadence_spm": {"value": True}}},
        {"missing": [1], "exercises": "none", "caution": None},
        [],
        None,
    ],
)
def test_an_odd_answer_makes_the_page_shorter(house):
    shown = read(wire.parse_results({}), wire.parse_calculated({"house": house}))
    assert (shown.score, shown.groups, shown.curves) == (None, (), ())


@pytest.mark.parametrize(
    ("value", "unsure", "verdict"),
    [(15, 0, "good"), (9, 0, "okay"), (9, 2, "good"), (4, 0, "bad"), (4, 2, "okay"), (40, 4, "bad")],
)
def test_half_of_what_we_are_unsure_of_is_not_held_against_the_runner(value, unsure, verdict):
    assert gauge(value, unsure, (10, 20), (5, 25)).verdict == verdict


def test_the_bar_shows_range_value_and_doubt_in_proportion():
    drawn = gauge(15, 2, (10, 20), None)
    # The range fills the middle half of 150: 5 … 25 are its ends.
    assert (drawn.typical_x, drawn.typical_width) == (37.5, 75.0)
    assert (drawn.value_x, drawn.unsure_x1, drawn.unsure_x2) == (75.0, 60.0, 90.0)


def test_a_value_far_away_stays_on_the_bar():
    drawn = gauge(100, 10, (10, 20), None)
    assert 0 <= drawn.typical_x < drawn.unsure_x1 < drawn.value_x < drawn.unsure_x2 <= 150


@pytest.mark.parametrize(
    ("open_ends", "value", "verdict", "span", "said"),
    [
        (("low",), -20, "good", (0, None), "Typical at most 20°"),
        (("high",), 90, "good", (None, 150), "Typical at least 10°"),
        (("low",), 30, "bad", (0, None), "Typical at most 20°"),
        (("high",), 0, "bad", (None, 150), "Typical at least 10°"),
        ((), -20, "bad", (None, None), "Typical 10° to 20°"),
    ],
)
def test_where_nothing_is_lost_beyond_an_end_it_is_no_limit(open_ends, value, verdict, span, said):
    drawn = gauge(value, 0, (10, 20), (5, 25), open_ends=open_ends)
    ends = (drawn.typical_x, drawn.typical_x + drawn.typical_width)
    assert drawn.verdict == verdict
    assert all(wanted is None or end == wanted for end, wanted in zip(ends, span, strict=True))
    assert typical_range(limits_of((10, 20), open_ends), "°") == said


# ── curves ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_curve_fills_its_drawing_and_toe_off_stands_at_the_share_of_contact(shown):
    (knee,) = shown.curves
    assert knee.toe_off_x == 0.35 * WIDTH
    # From 9 to 31 with one SD: lines every ten degrees hold it.
    assert [value for _, value in knee.ticks] == [0, 10, 20, 30, 40]
    (line,) = knee.lines
    assert line.path.startswith("M0 ")
    assert f"L{WIDTH:g} " in line.path


def test_a_gap_in_a_curve_is_a_gap_in_its_line():
    (drawn,) = drawings([Curve("hip_deg", "left", "deg", (0.0, 10.0, None, 10.0, 0.0))], None)
    assert drawn.lines[0].path.count("M") == 2
    assert drawn.lines[0].area == ""


def test_the_typical_lean_of_the_trunk_stands_along_its_whole_curve():
    lean = Number("trunk_lean_deg", 4.0, "°", range_good=(3.0, 12.0))
    (drawn,) = drawings([Curve("trunk_deg", "left", "°", (2.0, 6.0, 14.0))], 40.0, {lean.key: lean})
    (band,) = drawn.bands
    assert (band.x, band.width, band.low, band.high) == (0, WIDTH, 3.0, 12.0)


def test_the_source_of_a_range_on_a_curve_is_told_in_the_reader_s_language(monkeypatch):
    monkeypatch.setattr(explaining, "pgettext", lambda _context, text: text.upper())
    knee = {"value": 12.0, "unit": "°", "range_good": [6.0, 20.0], "source": "Novacheck 1998; limits ours"}
    house = ENGINE["house"] | {"measures": ENGINE["house"]["measures"] | {"knee_at_strike_deg": knee}}
    read_so = read(wire.parse_results(RESULTS), wire.parse_calculated(ENGINE | {"house": house}))
    html = curve_to_move(read_so.curves[0], read_so)
    assert '<a href="/measures/knee_at_strike_deg/#range">Knee at strike</a> 6–20°' in html
    assert "(Novacheck 1998, Gait Posture 7:77 · OURS)" in html


def test_a_level_curve_has_room_above_it():
    (drawn,) = drawings([Curve("hip_deg", "right", "deg", (10.0, 10.0))], None)
    assert all(0 <= y <= HEIGHT for y, _ in drawn.ticks)


# ── over time ───────────────────────────────────────────────────────────────────────────────────────────────────────

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def value(day: int, number: float) -> Value:
    film = Side(at=DAY + timedelta(days=day), view="side_view", treadmill=False, service="engine", fps=60)
    return Value("cadence_spm", number, film)


def test_one_value_makes_no_chart():
    assert charts([value(0, 160)]) == []


def test_two_films_of_one_moment_do_not_break_the_chart():
    (chart,) = charts([value(0, 160), value(0, 160)])
    assert len(chart.points) == 2


def test_every_trend_is_a_measure_with_a_name():
    assert set(TRENDS) <= set(MEASURES)


# ── pace ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("5:30", 330),
        ("05:57", 357),
        (" 6:00 /km ", 360),
        ("6.05", 365),
        ("10 km/h", 360),
        ("10,9 km/h", 330),
        ("12.5kmh", 288),
        ("5:75", None),
        ("5", None),
        ("fast", None),
        ("0 km/h", None),
        ("5:30:00", None),
    ],
)
def test_a_pace_is_read_as_minutes_or_as_the_speed_of_the_belt(typed, seconds):
    assert read_pace(typed, Units.METRIC) == seconds


def from_behind(**doubt_deg: float):
    """Both legs inside the range of the pelvic drop, which is 7.5° wide."""
    leg = {"score_number": 1.0, "range_good": [-2, 5.5], "range_okay": [-4, 7.5], "texts": {"position": "Level"}}
    number = {"value": 2.0, "unit": "°", "n": 7, "range_good": [-2, 5.5]}
    peaks = {side: {"pelvic_drop_deg": number | {"uncertainty_95": doubt}} for side, doubt in doubt_deg.items()}
    own = {"house": {"stance_peaks": peaks}}
    judged = {"analysis_content": {"pelvic_drop": {"left": leg, "right": leg}}, "total_score": 1.0}
    return read(wire.parse_results(judged), wire.parse_calculated(own))


def test_inside_its_range_says_nothing_where_the_doubt_is_wider_than_the_range():
    shown = from_behind(left=9.2, right=9.2)
    assert [(one.verdict, one.too_unsure) for one in shown.parts] == [("unknown", 9.2), ("unknown", 9.2)]
    assert (shown.score, shown.verdict) == (None, "unknown")
    assert shown.nothing_found == "Nothing stands out, but this film shows no part surely enough to judge it."


@pytest.mark.parametrize(("right", "verdict"), [(3.0, "good"), (9.2, "unknown")])
def test_a_part_seen_surely_is_judged_as_the_service_did(right, verdict):
    shown = from_behind(left=3.0, right=right)
    assert [one.verdict for one in shown.parts] == ["good", verdict]
    assert (shown.score, shown.verdict) == (1.0, "good")
    assert shown.nothing_found == "Nothing stands out: every part that could be judged is in its typical range."


@pytest.mark.parametrize(("doubt", "verdict"), [(7.0, "good"), (8.0, "unknown")])
def test_a_gauge_does_not_say_inside_of_a_doubt_wider_than_the_range(doubt, verdict):
    assert gauge(2.0, doubt, (-2.0, 5.5), (-4.0, 7.5)).verdict == verdict


def test_where_nothing_stands_out_the_measures_inside_their_typical_range_are_named():
    shown = read(wire.parse_results(RESULTS), wire.parse_calculated(ENGINE))
    assert [row.measure.key for row in shown.inside] == ["cadence_spm"]
    html = glance(shown.inside)
    assert "<span>Cadence</span>" in html
    assert 'aria-label="Typical 162.6 to 185.6: inside"' in html


def test_the_bar_of_a_range_leads_to_its_source_and_names_who_ran_for_it(shown):
    html = number_rows(rows(shown).values())
    assert 'href="/measures/cadence_spm/#range"' in html
    assert "860 healthy recreational runners" in html
    assert "/measures/overstride_deg/#range" not in html  # no range was told
