"""Key points from a table: columns, clocks, and what a person is told when the table is wrong."""

import numpy as np
import pytest
from made_runner import Made

from engine.keypoints_file import read_keypoints
from engine.measure import measure
from engine.measure.track import AT, JOINTS
from engine.order import Order, Refused

COLUMNS = [name for name in JOINTS if name.split("_")[-1] in ("hip", "knee", "ankle", "heel", "toe")]


def written(path, *, toe="big_toe", time=True, rows=None, drop=()):
    track = Made().track()
    names = [name for name in COLUMNS if name not in drop]
    shown = [name.replace("toe", toe) for name in names]
    head = ["frame", *(["time_s"] if time else []), *(f"{name}_{axis}" for name in shown for axis in "xy")]
    lines = [",".join(head)]
    for frame in range(rows or len(track.time_s)):
        values = [f"{v:.2f}" for name in names for v in track.points_px[frame, AT[name]]]
        lines.append(",".join([str(frame), *([f"{track.time_s[frame]:.4f}"] if time else []), *values]))
    path.write_text("\n".join(lines))
    return path


def refused(path, **options):
    with pytest.raises(Refused) as caught:
        read_keypoints(path, "side_view", **options)
    return caught.value.text


def test_a_table_measures_like_its_points(tmp_path):
    track = read_keypoints(written(tmp_path / "run.csv"), "side_view", fps=60)
    assert not track.toe_is_tip
    assert not track.from_film
    assert np.isnan(track.joint("nose")).all()
    report = measure(track, Order("side_view", treadmill=True, pace_s_per_km=1000 / 3, height_m=1.72))
    assert report.measures["cadence_spm"].value == pytest.approx(60 / 0.36, abs=0.5)
    assert "trunk_lean_deg" not in report.measures


def test_a_table_without_times_needs_a_rate(tmp_path):
    path = written(tmp_path / "run.csv", time=False)
    assert read_keypoints(path, "side_view", fps=30).duration_s == pytest.approx(12)
    assert refused(path) == "The file has no column time_s. Give the frame rate with --fps."


def test_a_tip_of_the_shoe_is_known_by_its_name(tmp_path):
    assert read_keypoints(written(tmp_path / "run.csv", toe="foot_index"), "side_view").toe_is_tip


def with_columns(path, change):
    """The table at the path with columns of text more, or others of its own: `change` maps name -> cells."""
    head, *rows = (line.split(",") for line in path.read_text().splitlines())
    columns = change({name: [row[at] for row in rows] for at, name in enumerate(head)})
    path.write_text("\n".join([",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]))
    return path


@pytest.mark.parametrize(("score", "tip"), [("0.87", True), ("1", False), ("0", False), ("", False)])
def test_scores_are_a_pose_model_s_and_its_numbers_less_sure(tmp_path, score, tip):
    def scored(columns):
        return columns | {"left_knee_score": [score] * len(columns["frame"])}

    track = read_keypoints(with_columns(written(tmp_path / "run.csv"), scored), "side_view")
    assert track.toe_is_tip == track.by_model == tip
    assert np.isfinite(track.joint("left_knee")).all()
    if score != "0":
        order = Order("side_view", treadmill=True, pace_s_per_km=1000 / 3, height_m=1.72)
        contact = measure(track, order).measures["contact_time_ms"]
        assert (contact.uncertainty_95 > 23) == tip


def test_columns_that_are_no_points_may_hold_words(tmp_path):
    def told(columns):
        return columns | {"runner": ["Ana"] * len(columns["frame"]), "": [""] * len(columns["frame"])}

    track = read_keypoints(with_columns(written(tmp_path / "run.csv"), told), "side_view")
    assert np.isfinite(track.joint("left_knee")).all()
    nothing = tmp_path / "nothing.csv"
    nothing.write_text("runner\n" + "Ana\n" * 20)
    assert refused(nothing) == "The file holds no table of key points. Give one row a frame, at least ten."


@pytest.mark.parametrize(("across", "down"), [(1080, 1920), (1920, 1080), (3, 4), (4, 3)])
def test_points_in_shares_of_a_picture_are_stretched(tmp_path, across, down):
    def shared(columns):
        sizes = {"x": across, "y": down}
        return {
            name: [f"{float(cell) / sizes[name[-1]]:.6f}" for cell in cells] if name[-2:] in ("_x", "_y") else cells
            for name, cells in columns.items()
        }

    path = with_columns(written(tmp_path / "run.csv"), shared)
    assert refused(path) == "The points are stretched. Give x and y in one unit, such as pixels."
    read_keypoints(path, "back_view")


def test_clocks_that_disagree(tmp_path):
    text = refused(written(tmp_path / "run.csv"), fps=30)
    assert text == "The times in the file say 60 frames per second, not 30. Correct --fps or the times."


def test_no_table_no_numbers_no_hips(tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_text("frame,time_s\n0,0\n")
    assert refused(empty) == "The file holds no table of key points. Give one row a frame, at least ten."
    words = written(tmp_path / "words.csv")
    words.write_text(words.read_text().replace("0.0167", "soon", 1))
    assert refused(words) == (
        "A cell is not a number (could not convert string to float: 'soon'). Leave cells of unseen points empty."
    )
    legless = written(tmp_path / "legless.csv", drop=("left_hip", "right_hip", "left_ankle", "right_ankle"))
    assert refused(legless) == "The file has no left_hip. Name its columns left_hip_x and left_hip_y."


def test_axes_names_and_separators_as_strangers_write_them(tmp_path):
    path = written(tmp_path / "run.csv")
    usual = read_keypoints(path, "side_view").joint("left_knee")
    text = path.read_text()
    path.write_text(text.upper().replace("_", " ").replace(",", ";").replace(".", ",") + "\n\n")
    assert read_keypoints(path, "side_view").joint("left_knee") == pytest.approx(usual)
    head, *rows = (line.split(",") for line in text.splitlines())
    heights = [index for index, name in enumerate(head) if name.endswith("_y")]
    up = [[f"{1000 - float(row[at]):.2f}" if at in heights else row[at] for at in range(len(row))] for row in rows]
    path.write_text("\n".join(",".join(row) for row in [head, *up]))
    bent = read_keypoints(path, "side_view").joint("left_knee")
    assert np.diff(bent, axis=0) == pytest.approx(np.diff(usual, axis=0))
