"""Coaches who see only their groups: the runners of other groups do not exist for them, nor what hangs on those."""

from __future__ import annotations

import pytest
from django.apps import apps

from accounts import wall
from accounts.models import Membership
from accounts.scoping import OrgOwned, _key_to_runner
from analyses.models import Analysis, Drift, Measurement, Move, ProviderAccount
from clips.models import Clip
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


def in_sight(membership, model):
    with wall.nothing():
        wall.enter(membership.organization_id, coach=membership.pk)
        return set(model.objects.values_list("pk", flat=True))


def test_what_is_about_nobody_is_everybodys(juniors, carols, engine_account, runner):
    """Such as a runner whom only a service knows."""
    pks = [
        Drift.objects.create(
            organization=carols.organization,
            account=engine_account,
            kind="runner_unknown",
            remote_id=f"r-{number}",
            subject=subject,
        ).pk
        for number, subject in enumerate([None, juniors.subjects.get(), runner])
    ]
    assert in_sight(carols, Drift) == set(pks[:2])


def test_a_film_of_nobodys_is_its_senders_until_somebody_is_measured_in_it(
    juniors, carols, clip, order, runner, carol, alice
):
    def seen(**fields):
        Clip.objects.filter(pk=clip.pk).update(**fields)
        return clip.pk in in_sight(carols, Clip)

    assert not seen(uploaded_by=alice)
    assert seen(uploaded_by=carol)
    assert not seen(subject=runner)
    assert seen(subject=juniors.subjects.get(), uploaded_by=alice)
    order()  # of a runner of another group
    assert not seen(subject=None, uploaded_by=carol)
    order(subject=juniors.subjects.get())
    assert seen(uploaded_by=alice)


def test_each_table_is_kept_to_a_coachs_runners_by_its_shortest_sure_way():
    """A new table stands here, says itself who sees it, or is about nobody and is seen by all coaches."""
    plain = [one for one in apps.get_models() if issubclass(one, OrgOwned) and "seen_by" not in vars(one)]
    ways = {model: _key_to_runner(model) for model in plain}
    assert {model.__name__: key.name for model, key in ways.items() if key} == {
        **dict.fromkeys(("Note", "Mark", "Consent", "ConsentRequest", "ImportedRunner"), "subject"),
        **dict.fromkeys(("Analysis", "Pool", "ShareLink", "Report"), "subject"),
        **dict.fromkeys(("ServiceChoice", "RemoteSubject", "Drift"), "subject"),
        **dict.fromkeys(("Move", "Result", "Measurement", "Correction", "KeyedOrder", "Delivery"), "analysis"),
        "Beside": "now",
        "Repeat": "first",
        "NotePin": "note",
    }


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
