"""Rules: what may be sent for which view, and each "no" in one sentence and one cure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils.translation import override

from clips.facts import Facts
from clips.rules import Claims, first_verdicts, may_be_sent, needs_tick, verdicts, wants_portrait

GOOD = Facts(
    container="mp4",
    codec="h264",
    size_bytes=12_000_000,
    duration_s=8.0,
    fps=60.0,
    frame_count=480,
    variable_rate=False,
    rotation_deg=0,
    width_px=1920,
    height_px=1080,
    has_audio=True,
)
PORTRAIT = replace(GOOD, width_px=1080, height_px=1920)


def judge(facts, view="side_view", treadmill=False, strict=True):
    return verdicts(facts, view=view, treadmill=treadmill, strict_orientation=strict)


def texts(found, level):
    return [verdict.text for verdict in found if verdict.level == level]


def test_a_good_film_is_good_in_every_line():
    found = judge(GOOD)
    assert [verdict.level for verdict in found] == ["good"] * 6
    assert texts(found, "good") == [
        "MP4 film",
        "12.0 MB",
        "8 s long",
        "60 frames a second",
        "1920 × 1080 pixels",
        "Landscape",
    ]
    assert may_be_sent(found)


def test_figures_are_written_as_the_reader_s_language_writes_them():
    with override("de"):
        said = texts(judge(replace(GOOD, size_bytes=1_560_000, duration_s=8.24)), "good")
    assert {"1,6\xa0MB", "8,2\xa0s lang"} <= set(said)


def test_twelve_seconds_are_too_long():
    found = judge(replace(GOOD, duration_s=12.0))
    assert texts(found, "no") == [
        "The film is 12 s long; 10 s is the most that can be measured. Cut it on your phone to the best 10 s. "
        "No credit was used."
    ]
    assert not may_be_sent(found, ticked=True)


def test_of_two_refusals_the_last_says_that_nothing_is_lost():
    first, last = texts(judge(replace(GOOD, duration_s=12.0, fps=25.0)), "no")
    assert first.endswith("Cut it on your phone to the best 10 s.")
    assert last.endswith("film again. No credit was used.")


@pytest.mark.parametrize(("duration_s", "allowed"), [(10.0, True), (10.05, True), (10.06, False)])
def test_ten_seconds_are_ten_seconds_and_the_picture_after_the_cut(duration_s, allowed):
    assert may_be_sent(judge(replace(GOOD, duration_s=duration_s))) is allowed


@pytest.mark.parametrize(("size_bytes", "said"), [(31_000_000, "31.0"), (30_000_001, "30.1")])
def test_more_than_30_megabytes_are_too_many_and_read_so(size_bytes, said):
    assert texts(judge(replace(GOOD, size_bytes=size_bytes)), "no") == [
        f"The film has {said} MB; 30 MB is the most that can be sent. "
        "Film in 1080p, or cut it on your phone to the best 10 s. No credit was used."
    ]


@pytest.mark.parametrize(
    ("fps", "level"), [(25, "no"), (28.9, "no"), (29.97, "warn"), (30, "warn"), (59.94, "good"), (240, "good")]
)
def test_the_frame_rate(fps, level):
    (verdict,) = [v for v in judge(replace(GOOD, fps=fps)) if v.code == "frame_rate"]
    assert verdict.level == level


def test_25_pictures_a_second_are_too_few():
    assert texts(judge(replace(GOOD, fps=25.0)), "no") == [
        "The film has 25 frames a second; 30 is the least that can be measured. "
        "Set the camera to 60 frames a second and film again. No credit was used."
    ]


def test_30_pictures_a_second_warn_but_need_no_tick():
    found = judge(replace(GOOD, fps=30.0))
    assert texts(found, "warn") == ["30 frames a second. 60 show each landing twice as sharply."]
    assert may_be_sent(found)
    assert not needs_tick(found)


def test_4k_is_too_large_either_way_round():
    for facts in (replace(GOOD, width_px=3840, height_px=2160), replace(PORTRAIT, width_px=2160, height_px=3840)):
        found = judge(facts, treadmill=facts.height_px > facts.width_px)
        assert texts(found, "no") == [
            f"The film has {facts.width_px} × {facts.height_px} pixels; 1920 × 1080 is the most that can be measured. "
            "Set the camera to 1080p, or export the film in 1080p. No credit was used."
        ]


def test_few_pixels_warn():
    assert texts(judge(replace(GOOD, width_px=426, height_px=240)), "warn") == [
        "The film has only 426 × 240 pixels; the feet are hard to see. Film in 1080p."
    ]


def test_a_very_short_film_warns():
    assert texts(judge(replace(GOOD, duration_s=1.5)), "warn") == [
        "The film is 1.5 s long; few steps can be seen. Film 5 to 10 s for numbers that repeat."
    ]


def test_a_matroska_film_is_not_taken():
    assert texts(judge(replace(GOOD, container="mkv")), "no") == [
        "MKV films cannot be measured. Export it as MP4 and choose it again. No credit was used."
    ]


@pytest.mark.parametrize(
    ("view", "treadmill", "portrait"),
    [("side_view", False, False), ("side_view", True, True), ("back_view", False, True), ("back_view", True, True)],
)
def test_the_orientation_follows_view_and_surface(view, treadmill, portrait):
    right, wrong = (PORTRAIT, GOOD) if portrait else (GOOD, PORTRAIT)
    assert wants_portrait(view, treadmill=treadmill) is portrait
    assert may_be_sent(judge(right, view, treadmill))
    assert not may_be_sent(judge(wrong, view, treadmill), ticked=True)
    assert not may_be_sent(judge(replace(GOOD, width_px=1080), view, treadmill))


def test_an_upright_film_of_a_runner_over_ground():
    found = judge(PORTRAIT)
    assert texts(found, "no") == [
        "The film is upright; a side view over ground needs a landscape one. "
        "Film again with the phone held sideways. No credit was used."
    ]


def test_where_it_costs_nothing_a_wrong_orientation_needs_a_tick():
    found = judge(GOOD, view="back_view", strict=False)
    assert texts(found, "warn") == [
        "The film is landscape; a back view needs an upright one. "
        "It can be measured all the same, less precisely; better film again."
    ]
    assert needs_tick(found)
    assert not may_be_sent(found)
    assert may_be_sent(found, ticked=True)


def test_a_landscape_film_on_a_treadmill():
    assert texts(judge(GOOD, treadmill=True), "no") == [
        "The film is landscape; a side view on a treadmill needs an upright one. "
        "Film again with the phone upright. No credit was used."
    ]


def test_the_worst_comes_first():
    found = judge(replace(PORTRAIT, fps=30.0, duration_s=14.0))
    assert [verdict.level for verdict in found] == ["no", "no", "warn", "good", "good", "good"]
    assert [verdict.code for verdict in found][:3] == ["duration", "orientation", "frame_rate"]


def test_of_the_warnings_the_one_that_needs_a_tick_comes_first():
    found = judge(replace(GOOD, fps=30.0), view="back_view", strict=False)
    assert [verdict.code for verdict in found][:2] == ["orientation", "frame_rate"]


def test_what_a_browser_knows_is_judged_before_anything_is_sent():
    long = Claims(size_bytes=31 * 1024**2, duration_s=14.2, width_px=1080, height_px=1920)
    found = first_verdicts(long, view="side_view", treadmill=False, strict_orientation=True)
    assert [(verdict.level, verdict.code) for verdict in found] == [
        ("no", "size"),
        ("no", "duration"),
        ("no", "orientation"),
        ("good", "resolution"),
    ]
    assert found[1].sentence == "The film is 14.2 s long; 10 s is the most that can be measured."


def test_what_a_browser_cannot_tell_is_not_judged():
    found = first_verdicts(Claims(size_bytes=10), view="back_view", treadmill=False, strict_orientation=True)
    assert [verdict.code for verdict in found] == ["size"]


def test_of_an_unknown_view_nothing_is_said_about_how_it_was_held():
    assert "orientation" not in [verdict.code for verdict in judge(PORTRAIT, view="")]
    claims = Claims(size_bytes=1_000_000, duration_s=8.0, width_px=1080, height_px=1920)
    found = first_verdicts(claims, view="", treadmill=False, strict_orientation=False)
    assert [verdict.code for verdict in found if verdict.level != "good"] == []
