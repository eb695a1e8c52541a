"""A result leaves the house as a file: every number in it, no formula, and a line in the record."""

from __future__ import annotations

import csv
import html
import io
import json
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.tables import table
from analyses.models import Analysis, Measurement
from clips import storage
from subjects.models import Subject
from tests.reports.conftest import CALCULATED, RAW, RESULTS


def taken(client, analysis, form: str) -> bytes:
    answer = client.get(reverse("reports:export", args=[analysis.code, form]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_the_numbers_are_a_table(as_bob, done):
    found = {row["measure"]: row for row in rows(taken(as_bob, done, "numbers"))}
    assert found["cadence_spm"] == {
        "measure": "cadence_spm",
        "name": "Cadence",
        "side": "",
        "moment": "",
        "value": "168.4",
        "unit": "steps/min",
        "uncertainty_95": "1.5",
        "steps": "9",
        "typical_low": "162.0",
        "typical_high": "186.0",
    }
    assert found["trunk_lean_deg"]["value"] == "-2.0"


def test_a_file_bears_the_day_of_the_portals_own_time(as_bob, done):
    Analysis.objects.filter(pk=done.pk).update(ordered_at=datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
    with timezone.override("Asia/Seoul"):
        answer = as_bob.get(reverse("reports:export", args=[done.code, "numbers"]))
    assert answer["Content-Disposition"] == 'attachment; filename="runner-01-2026-11-22-numbers.csv"'


def test_the_steps_are_a_table_with_their_own_numbers(as_bob, done):
    first, second = rows(taken(as_bob, done, "steps"))
    assert (first["step"], first["side"], first["strike_s"], first["landing"]) == ("1", "left", "0.5", "rearfoot")
    assert (second["toe_off_s"], second["contact_time_ms"]) == ("1.083", "243.0")


def test_the_json_holds_everything_as_received(as_bob, done):
    whole = json.loads(taken(as_bob, done, "json"))
    assert whole["results"] == RESULTS
    assert whole["calculated"] == CALCULATED
    assert whole["raw"] == RAW
    assert whole["about"]["view"] == "side_view"


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "|calc", "%x"])
def test_no_text_becomes_a_formula(typed):
    (line,) = list(table(["a"], [[typed]]))[1:]
    assert next(csv.reader([line]))[0].startswith("'")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_part_of_a_text_becomes_a_formula_where_a_semicolon_parts_cells(sign):
    (line,) = list(table(["a"], [["A; B", f"Ann;{sign}1", f"{sign}1"]]))[1:]
    assert line.strip() == f"A; B,Ann;'{sign}1,'{sign}1"


def test_a_landing_word_from_outside_becomes_no_formula(as_bob, order, finish):
    words = {"house": {"steps": [{"step": 1, "foot": "left", "strike_s": 0.5, "landing": "=HYPERLINK(1)"}]}}
    (row,) = rows(taken(as_bob, finish(order(), calculated=words), "steps"))
    assert row["landing"] == "'=HYPERLINK(1)"


def test_a_trc_file_has_the_landmarks_in_millimetres_with_y_upwards(as_bob, done):
    lines = taken(as_bob, done, "trc").decode().split("\n")
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    assert lines[2].split("\t") == ["60", "60", "2", "2", "mm", "60", "1", "2"]
    assert lines[3].split("\t")[2:6] == ["nose", "", "", "left_heel"]
    assert lines[4].split("\t")[2:5] == ["X1", "Y1", "Z1"]
    assert lines[5] == ""
    # 100 pixels are a metre: 500 px are 5 m; 1,920 − 300 px are 16.2 m above the lower edge.
    assert lines[6].split("\t") == ["1", "0.0000", "5000.0", "16200.0", "0.0", "4805.0", "1200.0", "0.0"]
    assert lines[7].split("\t") == ["2", "0.0167", "5020.0", "16210.0", "0.0", "", "", ""]


def test_a_c3d_file_reads_back_with_points_gaps_and_events(as_bob, done, tmp_path):
    import ezc3d
    import numpy as np

    path = tmp_path / "run.c3d"
    path.write_bytes(taken(as_bob, done, "c3d"))
    read = ezc3d.c3d(str(path))
    point, event = read["parameters"]["POINT"], read["parameters"]["EVENT"]
    assert point["LABELS"]["value"] == ["nose", "left_heel"]
    assert point["UNITS"]["value"] == ["mm"]
    assert point["RATE"]["value"][0] == 60
    points = read["data"]["points"]
    assert points[:3, 0, 0] == pytest.approx([5000, 16200, 0])
    assert points[:3, 1, 0] == pytest.approx([4805, 1200, 0])
    assert np.isnan(points[0, 1, 1])
    assert event["LABELS"]["value"] == ["Foot Strike", "Foot Off", "Foot Strike", "Foot Off"]
    assert event["CONTEXTS"]["value"] == ["Left", "Left", "Right", "Right"]
    assert event["TIMES"]["value"][1] == pytest.approx([0.5, 0.75, 0.84, 1.083])


@pytest.mark.parametrize("form", ["trc", "c3d"])
def test_without_a_scale_there_are_no_millimetres_and_it_is_said(as_bob, order, finish, form):
    analysis = finish(order(), calculated={"metrics": {}})
    answer = as_bob.get(reverse("reports:export", args=[analysis.code, form]), follow=True)
    said = "The service gives no scale, so points cannot be written in millimetres. The JSON has them in pixels."
    assert said in html.unescape(answer.content.decode())
    assert not AuditEntry.objects.filter(action="exported").exists()


@pytest.mark.parametrize("form", ["json", "trc", "c3d"])
def test_where_the_key_points_are_gone_there_is_nothing_to_take_out(as_bob, done, form):
    storage.delete(done.result.raw_key)
    assert as_bob.get(reverse("reports:export", args=[done.code, form])).status_code == 404
    assert not AuditEntry.objects.filter(action="exported").exists()


def test_an_export_is_on_record(as_bob, bob, done):
    taken(as_bob, done, "numbers")
    entry = AuditEntry.objects.get(action="exported")
    assert entry.by == bob
    assert "numbers" in entry.about


def test_the_history_has_every_result_of_the_runner_and_of_nobody_else(as_bob, earlier, done, organization, clip):
    other = Subject.objects.create(organization=organization, name="Runner 02")
    for analysis, value in ((earlier, 160.0), (done, 168.4)):
        Measurement.objects.create(organization=organization, analysis=analysis, key="cadence_spm", value=value)
    answer = as_bob.get(reverse("reports:history", args=[done.subject.code]))
    found = rows(b"".join(answer.streaming_content))
    assert [(row["at"][:10], row["value"]) for row in found] == [("2026-10-03", "160.0"), ("2026-11-22", "168.4")]
    assert found[0]["surface"] == "treadmill"
    empty = as_bob.get(reverse("reports:history", args=[other.code]))
    assert rows(b"".join(empty.streaming_content)) == []
    assert [entry.about for entry in AuditEntry.objects.filter(action="exported")] == ["history", "history"]


def test_what_is_not_finished_or_not_known_is_not_there(as_bob, done, order):
    assert as_bob.get(reverse("reports:export", args=[order().code, "json"])).status_code == 404
    assert as_bob.get(reverse("reports:export", args=[done.code, "docx"])).status_code == 404
