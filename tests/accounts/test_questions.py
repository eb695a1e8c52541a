"""Questions that are put together once: whoever asks is answered within their own sight."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet

from accounts import wall
from accounts.models import Organization
from accounts.questions import ask
from subjects.models import Group, Subject

built: list[str] = []


def names(*runners: int) -> QuerySet[Any, Any]:
    built.append("names")
    return Subject.objects.filter(pk__in=runners).order_by("pk").values_list("pk", "name")


def everything_known(runner: int) -> QuerySet[Any, Any]:
    """What a database may give otherwise than Python has it: SQLite knows no codes, moments or truths."""
    return Subject.objects.filter(pk=runner).values_list("code", "created_at", "local_only", "height_m", "archived_at")


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
