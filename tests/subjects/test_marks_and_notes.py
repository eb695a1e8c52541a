"""Marks and notes: what may explain a change, put on its day in two taps."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from subjects.models import Mark, Note
from tests.reading import shown


def page(runner, name: str = "detail") -> str:
    return reverse(f"subjects:{name}", args=[runner.code])


@pytest.mark.parametrize("kind", ["shoe", "cue", "injury", "race"])
def test_one_press_marks_today(as_carol, carol, runner, time_machine, kind):
    time_machine.move_to("2026-11-22T10:00:00Z")
    as_carol.post(page(runner, "mark"), {"mark": kind})
    mark = Mark.objects.get()
    assert (mark.kind, mark.on, mark.level, mark.by) == (kind, date(2026, 11, 22), None, carol)
    assert mark.get_kind_display() in shown(as_carol.get(page(runner)))


@pytest.mark.parametrize("level", [0, 4, 10])
def test_pain_has_a_level(as_carol, runner, level):
    as_carol.post(page(runner, "mark"), {"mark": f"pain-{level}", "on": "2026-11-01", "text": "left calf"})
    mark = Mark.objects.get()
    assert (mark.level, mark.on) == (level, date(2026, 11, 1))
    text = shown(as_carol.get(page(runner)))
    assert f"Pain {level}/10" in text
    assert "left calf" in text


def test_a_mark_sent_again_is_one_and_another_level_is_another(as_carol, runner):
    for level in (4, 4, 5):
        as_carol.post(page(runner, "mark"), {"mark": f"pain-{level}", "on": "2026-11-01", "text": "left calf"})
    assert sorted(mark.level for mark in Mark.objects.all()) == [4, 5]


@pytest.mark.parametrize("typed", ["pain", "pain-11", "pain-", "shoe-3", "nonsense", ""])
def test_what_is_no_mark_is_not_kept(as_carol, runner, typed):
    answer = as_carol.post(page(runner, "mark"), {"mark": typed}, follow=True)
    said = "Choose one of the marks." if typed else "This field is required."
    assert said in shown(answer)
    assert not Mark.objects.exists()


def test_a_day_that_is_none_is_asked_back(as_carol, runner):
    answer = as_carol.post(page(runner, "mark"), {"mark": "shoe", "on": "someday"}, follow=True)
    assert "Type a day, such as 2026-11-22." in shown(answer)


def test_the_database_keeps_levels_for_pain_alone(organization, runner, carol):
    for kind, level in (("pain", None), ("pain", 11), ("shoe", 3)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Mark.objects.create(organization=organization, subject=runner, by=carol, kind=kind, level=level)


def test_a_slip_is_removed(as_carol, organization, runner, carol):
    mark = Mark.objects.create(organization=organization, subject=runner, by=carol, kind="race")
    answer = as_carol.post(reverse("subjects:remove_mark", args=[mark.code]), follow=True)
    assert "The mark is gone." in shown(answer)
    assert not Mark.objects.exists()


def test_a_reader_writes_notes_and_sets_no_marks(as_bob, runner):
    assert as_bob.post(page(runner, "mark"), {"mark": "shoe"}).status_code == 403
    assert 'value="shoe"' not in shown(as_bob.get(page(runner)))
    as_bob.post(page(runner, "note"), {"text": "Knee looks calmer", "on": "2026-10-30"})
    assert Note.objects.get().on == date(2026, 10, 30)
    assert "30 Oct 2026" in shown(as_bob.get(page(runner)))


@pytest.mark.parametrize(("born", "said"), [(1991, "35–39 years"), (1996, "30–34 years"), (2010, None), (None, None)])
def test_the_head_says_the_age_band_and_no_child_s_age(as_bob, runner, time_machine, born, said):
    time_machine.move_to("2026-11-22")
    runner.birth_year = born
    runner.save()
    text = shown(as_bob.get(page(runner)))
    assert (said in text) if said else " years" not in text
