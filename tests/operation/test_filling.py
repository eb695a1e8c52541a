"""Tables filled for measuring: as many rows as were asked for, and pages that show them."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Organization, User
from analyses.models import Analysis, Measurement, Result
from subjects.models import Subject

ANSWERS = settings.BASE / "tests" / "providers" / "ochy" / "answers"


@pytest.fixture
def answer(tmp_path):
    path = tmp_path / "answer.json"
    levels = {level: json.loads((ANSWERS / f"{level}_side.json").read_text()) for level in ("results", "calculated")}
    path.write_text(json.dumps(levels))
    return path


@pytest.mark.slow
def test_the_tables_hold_what_was_asked_for_and_the_pages_show_it(db, answer):
    call_command("fill", answer, "--runners", "20", "--analyses", "100", "--password", "a long password")
    assert (Subject.objects.count(), Analysis.objects.count(), Result.objects.count()) == (20, 100, 98)
    assert Analysis.objects.filter(status="failed").count() == 2
    assert Measurement.objects.filter(analysis__status="failed").count() == 0
    newest = Analysis.objects.filter(subject=Subject.objects.order_by("pk").first()).first()
    assert newest.subject.filmed_at == newest.ordered_at
    client = Client()
    client.force_login(User.objects.get(email="coach@full.example"))
    for url in ("/", "/runners/", f"/runners/{newest.subject.code}/", f"/analyses/{newest.code}/"):
        assert client.get(url).status_code == 200


def test_a_second_filling_under_one_name_is_refused(db, answer):
    Organization.objects.create(name="Full clinic")
    with pytest.raises(CommandError, match="There is an organisation called Full clinic already"):
        call_command("fill", answer, "--password", "a long password")


@pytest.mark.parametrize("text", ["{}", "[]", '"calculated"', "{", ""])
def test_a_file_that_is_no_answer_is_refused(db, tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(CommandError, match="holds no measured answer"):
        call_command("fill", path, "--password", "a long password")
