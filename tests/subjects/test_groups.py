"""Groups: who is in them, who looks after them, the places they belong to, and the wall they can be."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Membership
from subjects.models import Group, RunnerImport, Site, Subject
from tests.reading import shown

GROUPS = "/runners/groups/"


def said(answer) -> list[str]:
    return [str(one) for one in answer.context["messages"]]


def page(row, name: str = "group") -> str:
    return reverse(f"subjects:{name}", args=[row.code])


def test_runners_are_found_put_into_a_group_and_taken_out(as_carol, juniors, runner):
    assert "Runner 01" in shown(as_carol.get(page(juniors), {"q": "01"}))
    put = as_carol.post(page(juniors, "put_into_group"), {"runner": [str(runner.code)]}, follow=True)
    assert said(put) == ["1 runner added."]
    assert list(juniors.subjects.all()) == [runner]
    assert "Nobody outside the group has this name." in shown(as_carol.get(page(juniors), {"q": "01"}))
    gone = as_carol.post(page(juniors, "take_out_of_group"), {"runner": str(runner.code)}, follow=True)
    assert said(gone) == ["Runner 01 is no longer in this group."]
    assert not juniors.subjects.exists()
    changes = AuditEntry.objects.of_runner(runner.code).filter(action="changed", about="groups")
    assert changes.count() == 2


def test_a_word_that_is_no_code_is_nobody_s(as_carol, juniors):
    assert as_carol.post(page(juniors, "take_out_of_group"), {"runner": "nonsense"}).status_code == 404


def test_only_one_s_own_runners_are_put_into_a_group(as_carol, juniors, charlie):
    theirs = Subject.objects.create(organization=charlie.memberships.get().organization, name="Runner 99")
    as_carol.post(page(juniors, "put_into_group"), {"runner": [str(theirs.code), "nonsense"]})
    assert not juniors.subjects.exists()


def test_an_admin_says_who_looks_after_a_group(as_alice, juniors, carol, organization):
    member = Membership.objects.get(user=carol)
    done = as_alice.post(page(juniors, "group_coaches"), {"members": [member.pk]}, follow=True)
    assert said(done) == ["Saved Juniors."]
    assert list(juniors.members.all()) == [member]
    assert AuditEntry.objects.get(action="groups_changed").about == "Juniors · carol@example.com added"
    assert "Carol" in shown(as_alice.get(GROUPS))
    as_alice.post(page(juniors, "group_coaches"), {})
    assert not juniors.members.exists()


def test_a_stranger_is_not_put_into_a_group(as_alice, juniors, charlie):
    answer = as_alice.post(page(juniors, "group_coaches"), {"members": [charlie.memberships.get().pk]}, follow=True)
    assert said(answer) == ["One of these people is no longer a member. Look again."]
    assert not juniors.members.exists()


@pytest.mark.parametrize("number", ["9" * 30, "²", "-1", "\x00"])
def test_a_number_no_row_has_is_nobody_s(as_alice, juniors, runner, number):
    assert as_alice.post(page(juniors, "group_coaches"), {"members": [number]}).status_code == 302
    assert as_alice.post(page(runner, "edit"), {"name": "Runner 01", "groups": [number]}).status_code == 422
    invited = as_alice.post("/members/invite/", {"email": "new@example.com", "role": "coach", "groups": [number]})
    assert invited.status_code == 422


def test_a_coach_does_not_say_who_looks_after_a_group(as_carol, juniors):
    assert as_carol.post(page(juniors, "group_coaches"), {}).status_code == 403


def test_an_admin_keeps_coaches_to_their_groups_and_lets_them_go(as_alice, as_carol, carol, organization, runner):
    kept = as_alice.post("/runners/groups/wall/", {"wanted": "1"}, follow=True)
    assert said(kept) == ["Coaches see only the runners of their groups now."]
    assert "In no group yet: Carol." in shown(kept)
    assert as_carol.get(page(runner, "detail")).status_code == 404
    freed = as_alice.post("/runners/groups/wall/", {"wanted": "0"}, follow=True)
    assert said(freed) == ["Coaches see all runners now."]
    assert as_carol.get(page(runner, "detail")).status_code == 200
    assert [one.about for one in AuditEntry.objects.filter(action="groups_changed").order_by("number")] == [
        "coaches see only their groups",
        "coaches see all runners",
    ]


@pytest.mark.parametrize("name", ["rename_group", "delete_group", "put_into_group", "take_out_of_group"])
def test_where_groups_are_a_wall_those_inside_do_not_move_it(as_carol, walled, runner, name):
    assert as_carol.post(page(walled, name), {"name": "Mine", "runner": str(runner.code)}).status_code == 403
    assert as_carol.post(GROUPS, {"name": "Mine"}).status_code == 403


def test_a_coach_sees_their_own_groups_alone(as_carol, walled, organization):
    other = Group.objects.create(organization=organization, name="Seniors")
    assert "Seniors" not in shown(as_carol.get(GROUPS))
    assert as_carol.get(page(other)).status_code == 404
    assert as_carol.get(page(walled)).status_code == 200


def test_a_coach_s_new_runner_is_in_their_group(as_carol, walled):
    as_carol.post("/runners/new/", {"name": "Runner 77", "groups": [str(walled.pk)]})
    assert list(Subject.objects.get(name="Runner 77").groups.all()) == [walled]


def test_a_coach_of_one_group_finds_it_chosen(as_carol, walled):
    assert as_carol.get("/runners/new/").context["form"]["groups"].value() == [walled.pk]


def test_a_coach_does_not_lose_a_runner_by_leaving_the_group_out(as_carol, walled, runner):
    walled.subjects.add(runner)
    answer = as_carol.post(page(runner, "edit"), {"name": "Runner 01"})
    assert answer.status_code == 422
    assert "Choose a group. You see only the runners of your groups." in shown(answer)


def test_a_group_that_is_not_the_coach_s_stays_when_they_save(as_carol, walled, runner, organization):
    other = Group.objects.create(organization=organization, name="Seniors")
    runner.groups.add(walled, other)
    as_carol.post(page(runner, "edit"), {"name": "Runner 01b", "groups": [str(walled.pk)]})
    runner.refresh_from_db()
    assert runner.name == "Runner 01b"
    assert set(runner.groups.all()) == {walled, other}


def test_a_coach_without_a_group_is_told_whom_to_ask(as_carol, walled):
    walled.members.clear()
    assert "You are in no group yet. Ask an admin to put you into one." in shown(as_carol.get("/runners/new/"))
    assert as_carol.post("/runners/new/", {"name": "Runner 77"}).status_code == 422


def test_a_place_is_named_renamed_and_deleted(as_alice, organization, juniors):
    as_alice.post("/runners/places/", {"name": "North"})
    site = Site.objects.get(organization=organization)
    as_alice.post(page(juniors, "rename_group"), {"name": "Juniors", "site": site.pk})
    juniors.refresh_from_db()
    assert juniors.site == site
    assert said(as_alice.post(page(site, "rename_site"), {"name": "South"}, follow=True))[-1] == "Saved South."
    gone = as_alice.post(page(site, "delete_site"), follow=True)
    assert said(gone)[-1:] == ["The place South is gone; its groups stay."]
    juniors.refresh_from_db()
    assert juniors.site is None


def test_two_places_cannot_have_one_name(as_alice, organization):
    for name in ("North", "South"):
        as_alice.post("/runners/places/", {"name": name})
    again = as_alice.post("/runners/places/", {"name": "north"})
    assert again.status_code == 422
    assert "There is a place called north already." in shown(again)
    renamed = as_alice.post(page(Site.objects.get(name="South"), "rename_site"), {"name": "North"}, follow=True)
    assert said(renamed) == ["There is a place called North already."]


def test_a_coach_makes_no_place(as_carol, organization):
    assert as_carol.post("/runners/places/", {"name": "North"}).status_code == 403


def test_the_runners_of_one_place_are_listed(as_bob, organization, juniors, runner):
    juniors.site = Site.objects.create(organization=organization, name="North")
    juniors.save()
    juniors.subjects.add(Subject.objects.create(organization=organization, name="Runner 02"))
    text = shown(as_bob.get("/runners/", {"site": str(juniors.site.code)}))
    assert "Runner 02" in text
    assert "Runner 01" not in text


def test_the_inbox_shows_one_place(as_bob, order, organization, juniors, runner):
    order()
    juniors.site = Site.objects.create(organization=organization, name="North")
    juniors.save()
    assert "Runner 01" not in shown(as_bob.get("/", {"site": str(juniors.site.code)}))
    juniors.subjects.add(runner)
    assert "Runner 01" in shown(as_bob.get("/", {"site": str(juniors.site.code)}))


def test_a_list_of_runners_is_whose_who_brought_it(walled, carol, alice, organization):
    theirs = RunnerImport.objects.create(organization=organization, by=alice, file_name="theirs.csv")
    mine = RunnerImport.objects.create(organization=organization, by=carol, file_name="mine.csv")
    assert list(RunnerImport.objects.visible_to(Membership.objects.get(user=carol))) == [mine]
    assert set(RunnerImport.objects.visible_to(Membership.objects.get(user=alice))) == {mine, theirs}
