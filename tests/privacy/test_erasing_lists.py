"""A list of runners that waits to be imported, or was, may name who is erased."""

from __future__ import annotations

import pytest

from accounts.tables import csv_line
from privacy import actions
from subjects import imports
from subjects.models import ImportedRunner, RunnerImport, Subject


def test_a_waiting_list_goes_and_what_an_import_wrote_down_goes_too(runner, organization, alice):
    kind = {"organization": organization, "by": alice, "data": b"Name,Height (m)\nRunner 01,1.80\n"}
    run = imports.begin_import(file_name="done.csv", **kind)
    imports.carry_out(run=run, among=Subject.objects.all(), by=alice)
    imports.begin_import(file_name="waiting.csv", **kind)
    assert ImportedRunner.objects.get().before == {"height_m": 1.75}
    actions.erase_subject(subject=runner, by=alice)
    assert not ImportedRunner.objects.exists()
    assert [one.file_name for one in RunnerImport.objects.all()] == ["done.csv"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "|", "%"])
def test_no_column_of_the_record_begins_a_formula(sign):
    assert csv_line([1, f"{sign}1@example.com", "about"]) == f"1,'{sign}1@example.com,about\r\n"
