"""Tables of key points as strangers send them: the same numbers, or one sentence that says what to change."""

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from engine.__main__ import main

DATA = Path(__file__).parents[4] / "shared" / "data"
TRIALS = sorted([*DATA.glob("mocap_rbds/*/"), *DATA.glob("mocap_fullbody/*/")])
SCALE = 575.0  # px a metre of the made cameras at the hips
PLATE = "threshold_20N"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not TRIALS, reason="not run: the marker trials of ../shared/data are absent"),
]


class Table:
    """A table that can be bent."""

    def __init__(self, head, cells):
        self.head, self.cells = list(head), np.array(cells, dtype=float)

    def at(self, *words):
        """The columns in whose names one of the words stands."""
        return [index for index, name in enumerate(self.head) if any(word in name for word in words)]

    @property
    def seen(self):
        return self.at("_x", "_y")

    def without(self, *words):
        kept = [index for index in range(len(self.head)) if index not in self.at(*words)]
        return Table([self.head[index] for index in kept], self.cells[:, kept])

    def text(self, delimiter=","):
        rows = [["" if np.isnan(cell) else f"{cell:.6g}" for cell in row] for row in self.cells]
        return "\n".join(delimiter.join(row) for row in [self.head, *rows]) + "\n"


@cache
def _read(path):
    rows = list(csv.reader(path.read_text().splitlines()))
    return rows[0], [[float(cell) if cell else np.nan for cell in row] for row in rows[1:]]


def table_of(trial, view="side"):
    return Table(*_read(trial / f"keypoints2d_{view}_60fps.csv"))


def order_of(trial):
    truth = json.loads((trial / "truth.json").read_text())
    pace = round(1000 / truth["speed_m_s"])
    height_m = (truth["source"].get("height_cm") or 180) / 100
    return ["--view", "side", "--treadmill", "--pace", f"{pace // 60:02d}:{pace % 60:02d}", "--height", f"{height_m}"]


def measured(tmp_path, capsys, text, words):
    """The exit code and what was printed about a table."""
    path = tmp_path / "run.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    code = main(["measure-keypoints", str(path), "--json", *words])
    printed = json.loads(capsys.readouterr().out)
    return printed["calculated"]["house"] if code == 0 else (code, printed["reason"]["code"], printed["reason"]["text"])


def reordered(table):
    order = np.random.default_rng(1).permutation(len(table.head))
    return Table([table.head[index] for index in order], table.cells[:, order])


def renamed(table, change):
    return Table([change(name) for name in table.head], table.cells)


def changed(table, columns, change):
    table.cells[:, columns] = change(table.cells[:, columns])
    return table


def with_holes(table):
    holes = np.random.default_rng(2).random(table.cells.shape) < 0.05
    holes[:, table.at("frame", "time_s")] = False
    table.cells[holes] = np.nan
    return table


def unseen(table, seconds, columns=None):
    start = 200
    table.cells[start : start + round(60 * seconds), columns or table.seen] = np.nan
    return table


def half_lost(table):
    table.cells[: len(table.cells) // 2, table.at(*LEFT_FOOT)] = np.nan
    return table


def lost_at_the_corner(table):
    lost = np.random.default_rng(3).random(len(table.cells)) < 0.1
    table.cells[np.ix_(lost, table.at(*LEFT_FOOT))] = 0
    return table


def resampled(table, fps):
    time_s = table.cells[:, table.head.index("time_s")]
    grid = np.arange(time_s[0], time_s[-1], 1 / fps)
    plain = table.without("frame", "time_s")
    columns = []
    for column in plain.cells.T:
        known = np.isfinite(column)
        columns.append(
            CubicSpline(time_s[known], column[known])(grid) if known.sum() > 4 else np.full(len(grid), np.nan)
        )
    return Table(plain.head, np.column_stack(columns))


LEFT_FOOT = ("left_ankle", "left_heel", "left_big_toe", "left_small_toe")
SAME = {
    "columns in another order": reordered,
    "capitals, blanks and hyphens in the names": lambda t: renamed(t, lambda n: f" {n.upper().replace('_', '-')} "),
    "one cell in twenty empty": with_holes,
    "nothing seen for 1 s": lambda t: unseen(t, 1),
    "nothing seen for 3 s": lambda t: unseen(t, 3),
    "1 s of rows left out": lambda t: Table(t.head, np.delete(t.cells, slice(200, 260), axis=0)),
    "mirrored": lambda t: changed(t, t.at("_x"), lambda x: 1080 - x),
    "y up": lambda t: changed(t, t.at("_y"), lambda y: 1920 - y),
    "metres": lambda t: changed(t, t.seen, lambda px: px / SCALE),
    "metres, y up": lambda t: changed(changed(t, t.seen, lambda px: px / SCALE), t.at("_y"), lambda y: 3 - y),
    "negative places": lambda t: changed(t, t.seen, lambda px: px - 5000),
    "one foot lost for half of the time": half_lost,
    "a lost foot written as 0, 0": lost_at_the_corner,
    **{f"{fps} fps": lambda t, fps=fps: resampled(t, fps) for fps in (30, 50, 100, 120, 150, 240)},
}


@pytest.mark.parametrize("variant", SAME)
def test_a_bent_table_gives_the_numbers_of_the_force_plates(tmp_path, capsys, variant):
    contacts, toe_offs = [], []
    for trial in TRIALS:
        truth = json.loads((trial / "truth.json").read_text())
        rate = [variant.partition(" ")[0]] if variant.endswith("fps") else ["60"]
        text = SAME[variant](table_of(trial)).text()
        house = measured(tmp_path, capsys, text, [*order_of(trial), "--fps", *rate])
        feet = truth["metrics"]["per_foot"].values()
        contact = house["measures"]["contact_time_ms"]
        contacts.append(contact["value"] - np.mean([foot["ground_contact_time_ms_20N"]["mean"] for foot in feet]))
        assert abs(contacts[-1]) <= contact["uncertainty_95"]
        assert house["measures"]["cadence_spm"]["value"] == pytest.approx(truth["metrics"]["cadence_spm"], abs=1)
        plate = [event["to_s"] for event in truth["events"][PLATE] if event["to_s"] is not None]
        told = [step["toe_off_s"] for step in house["steps"] if step["confidence"] > 0.3 and step["toe_off_s"]]
        toe_offs.append(1000 * np.mean([min((moment - off for off in plate), key=abs) for moment in told]))
    assert abs(np.mean(contacts)) <= 5
    assert max(np.abs(contacts)) <= 15
    assert abs(np.mean(toe_offs)) <= 5
    assert max(np.abs(toe_offs)) <= 11


@pytest.mark.parametrize("seconds", [0.8, 1.0, 1.3])
def test_a_run_that_was_cut_keeps_its_cadence(tmp_path, capsys, seconds):
    for trial in TRIALS:
        truth = json.loads((trial / "truth.json").read_text())
        table = table_of(trial).without("frame", "time_s")
        table.cells = np.delete(table.cells, slice(130, 130 + round(60 * seconds)), axis=0)
        house = measured(tmp_path, capsys, table.text(), [*order_of(trial), "--fps", "60"])
        assert house["measures"]["cadence_spm"]["value"] == pytest.approx(truth["metrics"]["cadence_spm"], abs=1.5)


def test_three_seconds_are_enough_and_one_is_not(tmp_path, capsys):
    table = table_of(TRIALS[0])
    house = measured(tmp_path, capsys, Table(table.head, table.cells[:180]).text(), order_of(TRIALS[0]))
    assert [warning["code"] for warning in house["warnings"]] == ["few_steps"]
    refused = measured(tmp_path, capsys, Table(table.head, table.cells[:60]).text(), order_of(TRIALS[0]))
    text = "Too few steps are visible. Film at least 4 full steps (8 or more is better)."
    assert refused == (3, "too_few_steps", text)


def test_without_a_height_the_times_stay_and_a_wrong_pace_is_told(tmp_path, capsys):
    text, words = table_of(TRIALS[1]).text(), order_of(TRIALS[1])
    known, unknown = (measured(tmp_path, capsys, text, some) for some in (words, words[:-2]))
    for key, within in (("cadence_spm", 0.01), ("contact_time_ms", 1), ("speed_m_s", 0.001)):
        assert unknown["measures"][key]["value"] == pytest.approx(known["measures"][key]["value"], abs=within)
    assert known["warnings"] == []
    wrong = measured(tmp_path, capsys, text, [*words[:4], "03:20", *words[5:]])
    assert {"code": "pace_mismatch", "text": "The entered pace does not fit the video. Check the pace."} in wrong[
        "warnings"
    ]


def spoilt(change):
    return lambda table: change(table).text()


def standing_still(table):
    table.cells[:, table.seen] = table.cells[0, table.seen]
    return table


REFUSED = {
    "a foot that never moves": (
        spoilt(lambda t: changed(t, t.at(*LEFT_FOOT), lambda px: px * 0 + px[0])),
        "direction_unclear",
        "The running direction could not be read. Film one straight pass.",
    ),
    "somebody who never moves": (
        spoilt(standing_still),
        "too_few_steps",
        "Too few steps are visible. Film at least 4 full steps (8 or more is better).",
    ),
    "nothing but zeros": (
        spoilt(lambda t: changed(t, t.seen, lambda px: px * 0)),
        "bad_keypoints",
        "The file has no left_hip. Name its columns left_hip_x and left_hip_y.",
    ),
    "no heels": (
        spoilt(lambda t: t.without("heel")),
        "bad_keypoints",
        "The file has no left_heel. Name its columns left_heel_x and left_heel_y.",
    ),
    "a foot that was never seen": (
        spoilt(lambda t: changed(t, t.at(*LEFT_FOOT), lambda px: px * np.nan)),
        "bad_keypoints",
        "The file has no left_ankle. Name its columns left_ankle_x and left_ankle_y.",
    ),
    "a column twice": (
        spoilt(lambda t: Table([*t.head, "left_hip_x"], np.column_stack([t.cells, t.cells[:, 3]]))),
        "bad_keypoints",
        "There are two columns left_hip_x. Keep one of them.",
    ),
    "milliseconds": (
        spoilt(lambda t: changed(t, t.at("time_s"), lambda s: s * 1000)),
        "bad_keypoints",
        "The times in column time_s are not in seconds. Correct them.",
    ),
    "a time missing": (
        spoilt(lambda t: unseen(t, 0.1, t.at("time_s"))),
        "bad_keypoints",
        "The times in column time_s do not rise. Sort the rows by time.",
    ),
    "another encoding": (
        lambda t: t.text().encode("utf-16"),
        "bad_keypoints",
        "The file is not plain text. Save the table as CSV in UTF-8.",
    ),
}


@pytest.mark.parametrize("spoiling", REFUSED)
def test_a_spoilt_table_is_answered_with_one_sentence(tmp_path, capsys, spoiling):
    spoil, code, text = REFUSED[spoiling]
    assert measured(tmp_path, capsys, spoil(table_of(TRIALS[2])), order_of(TRIALS[2])) == (3, code, text)


@pytest.mark.parametrize(
    ("stated", "code", "text"),
    [
        ("20", "fps_low", "The frame rate is too low. Record at 60 frames per second, at least 30."),
        ("30", "slow_motion", "This looks like slow motion. Send the film at its true speed."),
        ("120", "fast_motion", "This looks sped up. Send the film at its true speed."),
    ],
)
def test_a_wrong_rate_is_noticed(tmp_path, capsys, stated, code, text):
    for trial in TRIALS:
        table = table_of(trial).without("time_s", "frame")
        assert measured(tmp_path, capsys, table.text(), [*order_of(trial), "--fps", stated]) == (3, code, text)


def test_the_wrong_view_is_noticed_without_shoulders(tmp_path, capsys):
    for trial in TRIALS:
        side, behind = ((table_of(trial, view).without("shoulder")).text() for view in ("side", "back"))
        assert measured(tmp_path, capsys, side, ["--view", "back"])[1] == "wrong_view_back"
        assert measured(tmp_path, capsys, behind, order_of(trial))[1] == "wrong_view_side"


def test_semicolons_commas_for_points_and_blank_lines_are_read(tmp_path, capsys):
    table, words = table_of(TRIALS[3]), order_of(TRIALS[3])
    told = [
        measured(tmp_path, capsys, text, words)["measures"]["contact_time_ms"]
        for text in (table.text(), table.text(";").replace(".", ","), table.text("\t"), table.text() + "\n\n")
    ]
    assert told == [told[0]] * 4


def test_a_rate_that_is_none(tmp_path, capsys):
    for rate in ("0", "-5", "nan"):
        with pytest.raises(SystemExit) as end:
            main(["measure-keypoints", str(tmp_path / "run.csv"), "--view", "side", f"--fps={rate}"])
        assert end.value.code == 2
        assert f"'{rate}' is not between 1 and 1000 frames per second." in capsys.readouterr().err
