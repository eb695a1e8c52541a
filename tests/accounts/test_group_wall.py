"""Coaches who see only their groups: the runners of other groups do not exist for them, nor what hangs on those."""

from __future__ import annotations

import pytest

from accounts import wall
from accounts.models import Membership
from analyses.models import Analysis, Measurement, Move, ProviderAccount
from credits import ledger
from credits.models import Entry
from subjects.models import Group, Note, Subject


@pytest.fixture
def carols(organization, carol):
    """Carol's membership, in an organisation that keeps coaches to their groups."""
    organization.coaches_see_groups = True
    organization.save()
    return Membership.objects.select_related("organization").get(user=carol)


@pytest.fixture
def juniors(organization, carols):
    """Carol's group, with one runner in it."""
    group = Group.objects.create(organization=organization, name="Juniors")
    group.members.add(carols)
    group.subjects.add(Subject.objects.create(organization=organization, name="Runner 02"))
    return group


def test_a_coach_sees_the_runners_of_their_groups_alone(juniors, runner, as_carol, as_alice, as_bob):
    assert b"Runner 02" in as_carol.get("/runners/").content
    assert b"Runner 01" not in as_carol.get("/runners/").content
    assert as_carol.get(f"/runners/{runner.code}/").status_code == 404
    assert as_carol.get(f"/runners/{juniors.subjects.get().code}/").status_code == 200
    for client in (as_alice, as_bob):
        assert b"Runner 01" in client.get("/runners/").content


def test_a_view_that_forgets_the_gate_shows_a_coach_their_groups_alone(juniors, order, carols, alice, runner):
    order()
    Note.objects.create(organization=carols.organization, subject=runner, by=alice, text="A note")
    with wall.nothing():
        wall.enter(carols.organization_id, coach=carols.pk)
        assert [one.name for one in Subject.objects.all()] == ["Runner 02"]
        for model in (Analysis, Move, Note):
            assert not model.objects.exists()
        assert Subject.objects.filter(pk=runner.pk).update(name="changed") == 0
        assert Analysis.objects.all().delete()[0] == 0
    juniors.subjects.add(runner)
    with wall.nothing():
        wall.enter(carols.organization_id, coach=carols.pk)
        for model in (Analysis, Move, Note):
            assert model.objects.count() == 1
        assert not Measurement.objects.exists()


def test_a_runner_in_two_groups_of_a_coach_is_seen_once(juniors, organization, carols):
    other = Group.objects.create(organization=organization, name="Marathon")
    other.members.add(carols)
    other.subjects.add(juniors.subjects.get())
    assert [one.name for one in Subject.objects.visible_to(carols)] == ["Runner 02"]


def test_an_order_is_charged_to_all_groups_of_its_runner_also_those_the_coach_does_not_see(
    juniors, organization, carols, clip, order, alice
):
    ledger.give(organization=organization, amount=1, reason="Start", by=alice)
    account = ProviderAccount.objects.create(organization=organization, kind="ochy")
    hidden = Group.objects.create(organization=organization, name="Marathon")
    hidden.subjects.add(juniors.subjects.get())
    clip.uploaded_by = carols.user
    clip.save()
    with wall.nothing():
        wall.enter(organization.pk, coach=carols.pk)
        analysis = order(account=account, subject=juniors.subjects.get(), by=carols.user)
    spent = Entry.objects.get(kind="spend")
    assert (spent.paid_for, spent.view, spent.service) == (analysis.code, "side_view", "ochy")
    assert {use.name: use.group for use in spent.group_uses.all()} == {"Juniors": juniors, "Marathon": hidden}


def test_a_coach_without_a_group_sees_no_runner(carols, runner, as_carol):
    assert not Subject.objects.visible_to(carols).exists()
    assert as_carol.get("/runners/").status_code == 200


def test_a_query_for_all_does_not_run_within_a_coach_s_sight(juniors, organization, carols):
    with wall.only(organization.pk):
        all_of_them = Subject.objects.all()
        with wall.nothing():
            wall.enter(organization.pk, coach=carols.pk)
            with pytest.raises(wall.NoScope):
                list(all_of_them)


@pytest.mark.parametrize("role", ["admin", "clinic"])
def test_admins_and_the_clinic_see_all(carols, runner, role):
    carols.role = role
    assert Subject.objects.visible_to(carols).get() == runner


def test_where_nobody_wants_it_a_coach_sees_all(juniors, organization, runner, as_carol):
    organization.coaches_see_groups = False
    organization.save()
    assert as_carol.get(f"/runners/{runner.code}/").status_code == 200
