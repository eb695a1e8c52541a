"""Every measure has a page that says what it is, how sure it is and what it does not say, and a drawing of it."""

from __future__ import annotations

import html
import math
import re

import pytest
from django.urls import reverse

from analyses import explaining
from analyses.explaining import explanation, runners_behind
from analyses.figure import ARC, ELBOW_AHEAD, POSES, figure
from analyses.measures import MEASURES
from engine.measure.bands import back_bands, side_bands
from tests.reading import text_of


@pytest.mark.parametrize("key", MEASURES)
def test_every_measure_is_explained_and_drawn(key):
    told = explanation(key)
    assert told is not None
    for sentence in (told.what, told.not_said):
        assert sentence.endswith(".")
        assert len(sentence) < 160
    assert told.term
    assert told.formula
    assert told.steps
    assert told.sure_film
    assert told.usual or told.estimate
    drawn = figure(key)
    assert drawn is not None
    assert drawn.spans or any(line[0] == "told" for line in drawn.lines)
    for _, *ends in drawn.lines:
        assert all(0 <= end <= 210 for end in ends)


def between(one, vertex, other):
    """The angle at a point of a drawing between the ways to two others, degrees."""
    ways = [math.atan2(end[1] - vertex[1], end[0] - vertex[0]) for end in (one, other)]
    return abs((math.degrees(ways[0] - ways[1]) + 180) % 360 - 180)


STRIKE, STANCE, SWING, BEHIND = (POSES[name] for name in ("strike", "stance", "swing", "behind"))


def bend(pose, *joint):
    return 180 - between(*(pose[name] for name in joint))


@pytest.mark.parametrize(
    ("key", "angle"),
    [
        ("knee_at_strike_deg", bend(STRIKE, "hip", "knee", "ankle")),
        ("knee_stance_peak_deg", bend(STANCE, "hip", "knee", "ankle")),
        ("knee_swing_peak_deg", bend(SWING, "hip", "knee", "ankle")),
        ("elbow_flexion_deg", bend(STANCE, "shoulder", "elbow", "wrist")),
        ("arm_swing_deg", between(STANCE["elbow"], STANCE["shoulder"], ELBOW_AHEAD)),
        # The sole lies level in that pose: the shin leans over it as far as it leans from the vertical.
        ("dorsiflexion_peak_deg", between(STANCE["knee"], STANCE["ankle"], (STANCE["ankle"][0], 0))),
        ("hip_adduction_deg", 90 - between(BEHIND["far_hip"], BEHIND["hip"], BEHIND["knee"])),
        ("knee_adduction_deg", bend(BEHIND, "hip", "knee", "ankle")),
        ("pronation_deg", bend(BEHIND, "knee", "ankle", "heel")),
    ],
)
def test_the_arc_of_a_drawing_spans_the_angle_that_is_measured(key, angle):
    x1, y1, x2, y2 = (float(part) for part in re.findall(r"-?\d+\.\d", figure(key).arc))
    chord = math.hypot(x2 - x1, y2 - y1)
    assert math.degrees(2 * math.asin(chord / 2 / ARC)) == pytest.approx(angle, abs=0.5)


def test_of_a_difference_of_two_contacts_both_are_marked(as_bob):
    page = as_bob.get(reverse("analyses:measure", args=["contact_asymmetry_percent"])).content.decode()
    assert page.count('class="span"') == 2


def test_the_page_says_what_stands_in_the_document(as_bob):
    page = text_of(as_bob.get(reverse("analyses:measure", args=["knee_at_strike_deg"])))
    assert "How far the knee is bent when the foot strikes." in page
    assert "How much it gives way afterwards: that is the knee bend on the ground." in page
    assert "180° minus the angle hip–knee–ankle at strike; 0 straight, never negative" in page
    assert "6…20 / 2…28" in page
    assert "In publications knee flexion at initial contact" in page
    assert "The readings of a foot make its mean, the means of both feet the value;" in page
    assert "Bramah 2018, Am J Sports Med 46:3023: 36 uninjured runners, beside 72 injured ones, on a treadmill" in page
    assert "Smallest real change 5.0 °" in page


@pytest.mark.parametrize(
    ("key", "signs"), [("cadence_spm", True), ("leg_stiffness_kn_m", True), ("knee_at_strike_deg", False)]
)
def test_the_signs_of_what_goes_by_speed_or_height_are_told(as_bob, key, signs):
    page = text_of(as_bob.get(reverse("analyses:measure", args=[key])))
    assert ("v is the speed in m/s, H the height in m." in page) is signs


def test_the_page_speaks_the_language_of_its_reader(as_bob, monkeypatch):
    monkeypatch.setattr(explaining, "pgettext", lambda context, text: f"<{context}: {text}>")
    page = html.unescape(as_bob.get(reverse("analyses:measure", args=["knee_at_strike_deg"])).content.decode())
    assert "<measure: How far the knee is bent when the foot strikes.>" in page
    assert "<measure: 180° minus the angle hip–knee–ankle at strike; 0 straight, never negative>" in page
    assert "Am J Sports Med 46:3023: <measure: 36 uninjured runners" in page
    assert ">6…20 / 2…28<" in page  # figures need no translator


RANGES = side_bands(3.0, 1.72) | back_bands()


@pytest.mark.parametrize("key", RANGES)
def test_of_every_range_it_is_told_who_ran_or_that_it_is_ours(key):
    said, written = RANGES[key].source, explanation(key).source
    assert {source for source, _ in runners_behind(said)} == {source for source, _ in runners_behind(written)}
    assert all(runners_behind(part) for part in said.split("; ") if "ours" in part or part[-1].isdigit())


def test_a_range_of_ours_says_that_nobody_ran_for_it(as_bob):
    page = text_of(as_bob.get(reverse("analyses:measure", args=["arm_swing_deg"])))
    assert "Arellano & Kram 2014, J Exp Biol 217:2456: 13 runners, 5 of them women" in page
    assert "ours: set by our judgement; no runners stand behind it" in page


def test_words_are_texts_to_translate_and_figures_and_names_are_none():
    texts = set(explaining.texts_of(explaining.SOURCE.read_text(encoding="utf-8")))
    assert {"How far the knee is bent when the foot strikes.", "36 at 8 km/h to 139 at 18 km/h", "not rated"} <= texts
    assert not {"6…20 / 2…28", "Malisoux 2023; van Oeveren 2021", "Bramah 2018: 10.2 ± 4.8", "4", "–", ""} & texts


def test_a_relative_change_is_a_share_and_none_is_said_to_be_none(as_bob):
    assert "Smallest real change 5 %" in text_of(as_bob.get(reverse("analyses:measure", args=["speed_m_s"])))
    page = text_of(as_bob.get(reverse("analyses:measure", args=["step_width_cm"])))
    assert "No published figure: what the two films are unsure of decides." in page


def test_an_estimate_says_that_it_is_one(as_bob):
    page = text_of(as_bob.get(reverse("analyses:measure", args=["peak_force_bw"])))
    assert "An estimate by a model: shown, never scored." in page


def test_a_measure_that_is_none_has_no_page(as_bob):
    assert as_bob.get("/measures/shoe_size/").status_code == 404


def test_a_document_without_the_measure_explains_nothing():
    assert explanation("shoe_size") is None


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("contact_time_ms", "12 ms (× 1.3 below 50 fps) (contact and flight)"),
        ("stride_time_ms", "0.35 steps/min (cadence)"),
        ("step_width_cm", "1.5 cm (ankle to midline)"),
        ("duty_factor", "0.017 (× 1.3 below 50 fps) (duty factor)"),
    ],
)
def test_an_error_is_told_in_its_unit_which_need_not_be_the_measure_s(as_bob, key, error):
    assert f"Lasting error from film {error}" in text_of(as_bob.get(reverse("analyses:measure", args=[key])))


def test_figures_are_written_as_the_reader_s_language_writes_them(as_bob):
    page = as_bob.get(reverse("analyses:measure", args=["cadence_spm"]), headers={"accept-language": "de"})
    assert "0,35 Schritte/min" in text_of(page)
    assert "0.35" not in text_of(page)


@pytest.mark.parametrize("key", MEASURES)
def test_nothing_on_a_page_points_to_another_place_of_the_document(key):
    told = explanation(key)
    cells = (told.source, told.sure_film, told.sure_markers, told.usual, told.formula)
    assert [cell for cell in cells if re.search("see above|^the same", cell)] == []
