"""The comparison with truth counts right, sees what the data's own files show, and calls a missed target missed."""

import csv
from pathlib import Path

import numpy as np
import pytest

from engine.studio.figure import Performance
from engine.studio.scene import Scene
from engine.validation import followed, mocap, page, repeat, sweeps, targets
from engine.validation.__main__ import main
from engine.validation.noise import shaken, unit_noise
from engine.validation.readings import Reading, Step, compare_steps, joint_numbers_of_answer, summarise

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="not run: the reference data ../shared/data is not here")


def reading(error, doubt=None, measure="cadence_spm"):
    return Reading("case", measure, 100 + error, 100.0, doubt)


def test_bias_spread_limits_and_coverage_of_known_errors():
    summary = summarise([reading(1, 2), reading(3, 2), reading(2, 2), reading(2)])
    assert (summary.n, summary.bias) == (4, 2)
    assert summary.sd == pytest.approx(0.816, abs=1e-3)
    assert summary.limits == pytest.approx((0.4, 3.6), abs=0.01)
    assert summary.coverage == pytest.approx(2 / 3)
    assert summary.within(2) == 0.75
    assert summarise([]) is None


def test_steps_are_matched_missed_invented_and_told_apart():
    true = [Step("left", 1.0, 1.25), Step("right", 1.35, 1.6), Step("left", 1.7, 1.95), Step("right", 9.0, 9.2)]
    found = [Step("left", 1.01, 1.24), Step("left", 1.36, 1.62), Step("right", 2.5, 2.7)]
    errors = compare_steps(found, true, 0.5, 3.0)
    assert errors.strike_ms == pytest.approx([10, 10])
    assert errors.toe_off_ms == pytest.approx([-10, 20])
    assert (errors.true, errors.missed, errors.invented, errors.wrong_foot) == (3, 1, 1, 1)


def test_one_found_step_answers_for_one_true_step_only():
    errors = compare_steps([Step("left", 1.0, None)], [Step("left", 1.0, None), Step("left", 1.05, None)], 0, 2)
    assert (len(errors.strike_ms), errors.missed) == (1, 1)


@pytest.mark.parametrize("correlated", [False, True])
def test_noise_has_the_size_and_memory_it_claims(correlated):
    noise = unit_noise(np.random.default_rng(1), (4000, 5), correlated=correlated)
    assert noise.std() == pytest.approx(1, abs=0.02)
    memory = np.mean(noise[1:] * noise[:-1])
    assert memory == pytest.approx(0.6 if correlated else 0, abs=0.03)


def test_shaken_points_are_off_by_the_millimetres_asked():
    performance = Performance(Scene(seconds=2))
    track = performance.track()
    off = shaken(track, 8, performance.px_per_mm, seed=1).points_px - track.points_px
    assert off.std() / performance.px_per_mm == pytest.approx(8, rel=0.02)


def test_a_mirror_swaps_the_sides_and_two_mirrors_nothing():
    track = Performance(Scene(seconds=1)).track()
    mirrored = repeat.mirrored(track)
    assert np.allclose(mirrored.joint("left_knee")[:, 0], 719 - track.joint("right_knee")[:, 0])
    assert np.allclose(repeat.mirrored(mirrored).points_px, track.points_px)


def test_a_number_told_only_once_is_no_repetition():
    verdicts = targets.judge_repeat([repeat._apart({"a_deg": (1, 1), "b_ms": (2, 1)}, {"a_deg": (1, 1)})], {})
    assert [verdict.met for verdict in verdicts] == [False, False]


def test_every_film_encoded_again_counts_and_so_does_what_was_said_of_its_doubt():
    near = repeat._apart({"a_deg": (10, 1), "b_ms": (200, 9)}, {"a_deg": (10.9, 1), "b_ms": (204, 9)})
    far = repeat._apart({"a_deg": (10, 1), "b_ms": (200, 9)}, {"a_deg": (12, 1), "b_ms": (204, 9)})
    assert [verdict.met for verdict in targets.judge_repeat([near], {})] == [True, True]
    repeated, doubted = targets.judge_repeat([near, far], {})
    assert (repeated.found, repeated.met) == ("at most 0.9° and 4.0 ms, 2.0° and 4.0 ms", False)
    assert (doubted.found, doubted.met) == ("50 % of each film's numbers", False)


def test_a_target_is_met_by_nine_in_ten_and_no_fewer():
    def verdict(errors):
        readings = [reading(error) for error in errors]
        return targets._limit("made", "cadence", readings, "cadence_spm", 1.0, "steps/min").verdict

    assert verdict([0.5] * 9 + [3]) == "met"
    assert verdict([0.5] * 8 + [3, 3]) == "**MISSED**"
    assert verdict([]) == "not judged"


def test_every_sweep_is_named_once_and_every_gate_has_its_film():
    cases = sweeps.cases()
    assert len({case.name for case in cases}) == len(cases)
    codes = {code for case in cases for code in case.refusals}
    assert {"walking", "two_people", "cropped", "slow_motion", "wrong_view_side", "fps_low", "too_few_steps"} <= codes
    assert not any(case.good and case.refusals for case in cases)


def test_the_page_says_what_was_missed_and_what_was_not_run():
    judged = [
        targets.Target("made", "cadence", "±1", "all", True),
        targets.Target("made", "contact", "±5", "none", False),
        targets.Target("made", "speed", "±6", "nothing measured", None),
    ]
    text = page.write(judged, [], [], [], quick=True, missing=["real films"])
    assert "1 met, 1 missed." in text
    assert "| made | contact | ±5 | none | **MISSED** |" in text
    assert "| made | speed | ±6 | nothing measured | not judged |" in text
    assert "Not run: real films." in text
    assert text.index("## Targets") < text.index("## What is missed, and why")


@pytest.mark.slow  # the whole of it, with nothing to read
def test_without_data_and_films_the_page_is_still_written(tmp_path, capsys):
    wanted = tmp_path / "docs" / "validation.md"
    code = main(["--quick", "--without-films", "--data", str(tmp_path / "nowhere"), "--page", str(wanted)])
    assert code == 0
    assert "asymmetry of contact 27 ms | found, right side" in wanted.read_text()
    left_out, met = capsys.readouterr().out.splitlines()
    assert left_out.startswith(f"There is no folder {tmp_path / 'nowhere'}: marker trials and real films are left out.")
    assert met == f"3 of 3 targets met; {wanted} written."


@pytest.mark.slow
@needs_data
def test_the_made_camera_sees_what_the_published_projection_shows():
    trial = mocap.trials(DATA)[1]
    seen = mocap.seen(trial, "side_view", mocap.Condition(fps=60, noise_mm=0, correlated=False))
    folder = next(DATA.glob(f"mocap_*/{trial.name}"))
    with (folder / "keypoints2d_side_60fps.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    time_s = np.array([float(row["time_s"]) for row in rows])
    for joint in ("left_knee", "right_heel"):
        for axis, name in enumerate("xy"):
            published = np.array([float(row[f"{joint}_{name}"]) for row in rows])
            inside = slice(5, len(seen.time_s) - 5)
            expected = np.interp(seen.time_s[inside], time_s, published)
            # Linear between the published frames: a pixel or two where the foot is fast.
            assert np.median(np.abs(seen.joint(joint)[inside, axis] - expected)) < 1.0


@pytest.mark.slow
@needs_data
def test_marker_trials_without_noise_give_contacts_near_the_force_plate():
    outcome = mocap.run(mocap.trials(DATA)[-1], "side_view", mocap.Condition(60, 0, correlated=False))
    assert (outcome.refused, outcome.steps.missed, outcome.steps.invented, outcome.steps.wrong_foot) == (None, 0, 0, 0)
    assert np.abs(outcome.steps.strike_ms).max() < 40


@pytest.mark.slow
@needs_data
def test_thigh_and_ankle_are_compared_with_the_markers_own():
    outcome = mocap.run(mocap.trials(DATA)[-1], "side_view", mocap.Condition(60, 0, correlated=False))
    errors = {r.measure: abs(r.error) for r in outcome.readings}
    assert errors["thigh.strike.left"] < 1
    assert errors["thigh_lift_peak_deg"] < 1
    assert errors["ankle.strike.right"] < 8
    assert errors["dorsiflexion_peak_deg"] < 4


def test_the_mean_of_both_sides_is_as_unsure_as_the_less_sure_one():
    house = {"joint_numbers": {"left": {"knee": {"strike": {"value": 10, "uncertainty_95": 3}}}, "right": {}}}
    assert joint_numbers_of_answer(house) == {"knee.strike.left": (10, 3)}
    house["joint_numbers"]["right"] = {"knee": {"strike": {"value": 14, "uncertainty_95": 5}}}
    assert joint_numbers_of_answer(house)["knee.strike"] == (12, 5)


def test_what_the_pose_model_saw_is_kept_between_runs_if_wanted(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(followed, "_follow", lambda path: seen.append(path) or len(seen))
    film, other = tmp_path / "film.mp4", tmp_path / "other.mp4"
    film.write_bytes(b"a film")
    other.write_bytes(b"another film")
    assert [followed.Followed(tmp_path / "kept").film(path) for path in (film, other, film, other)] == [1, 2, 1, 2]
    assert [followed.Followed().film(film) for _ in range(2)] == [3, 4]


def test_a_pose_model_that_changed_looks_again(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(followed, "_follow", lambda path: seen.append(path) or len(seen))
    film = tmp_path / "film.mp4"
    film.write_bytes(b"a film")
    assert followed.Followed(tmp_path).film(film) == 1
    monkeypatch.setattr(followed, "BEHIND_A_TRACK", ("pose.py",))
    assert followed.Followed(tmp_path).film(film) == 2


@pytest.mark.slow
def test_films_whose_track_is_not_kept_can_be_left_out_and_are_named(tmp_path):
    wanted = tmp_path / "page.md"
    main(["--only-kept", "--tracks", str(tmp_path), "--data", str(tmp_path / "nowhere"), "--page", str(wanted)])
    text = wanted.read_text()
    assert f"Not run: {len(sweeps.cases())} of {len(sweeps.cases())} studio films (speed 2.5 m/s, 60 fps, " in text
    assert "gate: shaken), 3 of 3 films encoded again, marker trials, real films." in text
