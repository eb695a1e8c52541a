"""Questions that are put together once: whoever asks is answered within their own sight."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import Http404
from django.test import RequestFactory

from accounts import access, wall
from accounts.models import Organization
from accounts.questions import Asked, Word, ask, rows
from subjects.models import Group, Mark, Note, Subject

built: list[str] = []


def names(*runners: int) -> QuerySet[Any, Any]:
    built.append("names")
    return Subject.objects.filter(pk__in=runners).order_by("pk").values_list("pk", "name")


def with_words(*words: str) -> QuerySet[Any, Any]:
    built.append("with_words")
    found = Subject.objects.all()
    for word in words:
        found = found.filter(name__icontains=word)
    return found.values_list("name")


def everything_known(runner: int) -> QuerySet[Any, Any]:
    """What a database may give otherwise than Python has it: SQLite knows no codes, moments or truths."""
    return Subject.objects.filter(pk=runner).values_list("code", "created_at", "local_only", "height_m", "archived_at")


def something_worked_out(runner: int) -> QuerySet[Any, Any]:
    return Subject.objects.filter(pk=runner).values_list("pk", Lower("name"), "name")


@pytest.fixture
def others(runner):
    """Runners of another organisation, and a second one of ours."""
    elsewhere = Organization.objects.create(name="Elsewhere")
    ours = Subject.objects.create(organization=runner.organization, name="Runner 02")
    theirs = [Subject.objects.create(organization=elsewhere, name=f"Runner {number}") for number in (98, 99)]
    return [ours, *theirs]


def test_a_question_is_put_together_once_and_each_asking_is_about_its_own_rows(runner, others):
    ours, first, second = others
    ask(names, runner.pk, ours.pk)
    before = len(built)
    assert ask(names, first.pk, second.pk) == [(first.pk, "Runner 98"), (second.pk, "Runner 99")]
    assert ask(names, ours.pk, runner.pk) == [(runner.pk, "Runner 01"), (ours.pk, "Runner 02")]
    assert len(built) == before
    assert ask(names, ours.pk) == [(ours.pk, "Runner 02")]


def test_a_word_that_is_searched_for_makes_no_question_of_its_own(runner, others):
    Subject.objects.create(organization=runner.organization, name=r"100_% \o/")
    ask(with_words, Word("run"), Word("01"))
    before = len(built)
    for words, found in ((("runner", "02"), "Runner 02"), ((r"0_% \o", "%"), r"100_% \o/"), (("run", "_"), None)):
        assert ask(with_words, *map(Word, words)) == ([(found,)] if found else [])
    assert len(built) == before


def test_what_is_worked_out_stands_where_it_was_asked_for(runner):
    assert ask(something_worked_out, runner.pk) == [(runner.pk, "runner 01", "Runner 01")]


def test_whoever_asks_finds_rows_in_their_own_sight_alone(runner, others):
    ours, theirs, _second = others
    for _built_then_known in range(2):
        with wall.only(runner.organization_id):
            assert ask(names, ours.pk, theirs.pk) == [(ours.pk, "Runner 02")]
        with wall.only(theirs.organization_id):
            assert ask(names, ours.pk, theirs.pk) == [(theirs.pk, "Runner 98")]


def test_coaches_who_see_their_groups_alone_are_answered_about_them(runner, others, carol, alice):
    ours, _first, _second = others
    carols, alices = carol.memberships.get(), alice.memberships.get()
    for member, one in ((carols, runner), (alices, ours)):
        group = Group.objects.create(organization=runner.organization, name=f"Of {member.user.name}")
        group.members.add(member)
        group.subjects.add(one)
    for member, seen in ((carols, runner), (alices, ours), (carols, runner)):
        with wall.nothing():
            wall.enter(runner.organization_id, coach=member.pk)
            assert ask(names, runner.pk, ours.pk) == [(seen.pk, seen.name)]


def test_with_nothing_in_sight_even_a_known_question_is_refused(runner):
    with wall.only(runner.organization_id):
        assert ask(names, runner.pk) == [(runner.pk, "Runner 01")]
    with wall.nothing(), pytest.raises(wall.NoScope, match="Subject is asked for outside its organisation"):
        ask(names, runner.pk)


def test_values_come_as_the_models_give_them(runner):
    runner.height_m, runner.local_only = 1.72, True
    runner.save()
    assert ask(everything_known, runner.pk) == list(everything_known(runner.pk))


# ── rows of a model ─────────────────────────────────────────────────────────────────────────────────────────────────


def runners_with(runner: int, kind: str, since: date) -> QuerySet[Mark]:
    built.append("runners_with")
    marks = Mark.objects.filter(subject=runner, kind=kind, on__gte=since).order_by("-on")
    return marks.select_related("subject").annotate(told=Lower("text"))


def with_pins(*runners: int) -> QuerySet[Note]:
    return Note.objects.filter(subject__in=runners).select_related("pin").order_by("pk")


@pytest.fixture
def marked(runner, others, alice):
    """Race marks of 20, 21 and 22 November for two runners, and a cue."""
    for one in (runner, others[0]):
        for day in (20, 21, 22):
            about = {"organization": runner.organization, "subject": one, "by": alice, "on": date(2026, 11, day)}
            Mark.objects.create(kind="race", text=f"RACE {day}", **about)
            Mark.objects.create(kind="cue", text="CUE", **about)
    return runner, others[0]


def test_rows_come_as_a_queryset_gives_them_with_what_was_selected_beside_them(marked, django_assert_num_queries):
    first, second = marked
    before = built.count("runners_with")
    for runner, since, days in ((first, 21, [22, 21]), (second, 22, [22]), (first, 23, [])):
        with django_assert_num_queries(1):
            found = rows(runners_with, runner.pk, "race", date(2026, 11, since))
            assert [(one.on.day, one.told, one.subject.name) for one in found] == [
                (day, f"race {day}", runner.name) for day in days
            ]
    assert built.count("runners_with") == before + 1
    assert [one.kind for one in rows(runners_with, first.pk, "cue", date(2026, 11, 22))] == ["cue"]
    assert built.count("runners_with") == before + 2  # another word is another question
    found = rows(runners_with, first.pk, "race", date(2026, 11, 22))[0]
    found.text = "Changed"
    found.save()  # it knows that it is in the database, and in which
    assert Mark.objects.get(pk=found.pk).text == "Changed"


def test_what_is_beside_a_row_or_not_is_known_without_another_question(runner, alice, django_assert_num_queries):
    Note.objects.create(organization=runner.organization, subject=runner, by=alice, text="Felt easy")
    for _built_then_known in range(2):
        with django_assert_num_queries(1):
            assert [getattr(note, "pin", None) for note in rows(with_pins, runner.pk)] == [None]


def test_a_part_is_read_alone_and_whoever_counts_is_told_of_all(marked):
    runner, _other = marked
    all_of_them = Asked(runners_with, runner.pk, "race", date(2026, 1, 1))
    assert [one.on.day for one in all_of_them[:2]] == [22, 21]
    assert [one.on.day for one in all_of_them[2:4]] == [20]
    assert [all_of_them.count(most) for most in (2, 3, 4)] == [2, 3, 3]
    assert all_of_them[0:0] == []
    with wall.nothing(), pytest.raises(wall.NoScope):
        all_of_them[:2]


def called(code: UUID) -> QuerySet[Subject]:
    built.append("called")
    return Subject.objects.filter(code=code)


def test_a_row_is_known_by_its_code(runner, others):
    before = built.count("called")
    for one in (runner, others[0], runner):
        assert rows(called, one.code) == [one]
    assert rows(called, uuid4()) == []
    assert built.count("called") == before + 1


def test_the_gate_lets_a_question_through_about_its_own_organisation_alone(runner, others, alice):
    request = RequestFactory().get("/")
    request.member = alice.memberships.get()
    assert access.row(request, Asked(called, runner.code), runner.code) == runner
    with pytest.raises(Http404):
        access.row(request, Asked(called, others[1].code), others[1].code)
    with pytest.raises(Http404):
        access.row(request, Asked(called, uuid4()), uuid4())
