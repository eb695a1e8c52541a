"""Several services in one organisation: the runner's own comes first, then a group's, then everybody's."""

from __future__ import annotations

import html

import pytest
from django.core.management import call_command

from accounts.models import AuditEntry, Membership
from analyses import actions
from analyses.actions import service as choosing
from analyses.leaving import account_for, account_of_kind
from analyses.models import Analysis, ProviderAccount, ServiceChoice
from analyses.remote import account_of
from credits import ledger
from subjects.models import Group, Subject


@pytest.fixture
def juniors(juniors, runner):
    juniors.subjects.add(runner)
    return juniors


def who(subject: Subject) -> str:
    return account_for(subject, account_of(subject.organization)).kind


def choose(whom, kind, by) -> None:
    actions.choose_service_for(whom=whom, kind=kind, by=by)


def said(answer) -> list[str]:
    return [str(one) for one in answer.context["messages"]]


def test_the_runner_s_own_service_comes_before_the_group_s_and_that_before_everybody_s(
    juniors, runner, engine_account, alice
):
    assert who(runner) == "engine"
    choose(juniors, "ochy", alice)
    assert who(runner) == "ochy"
    choose(runner, "engine", alice)
    assert who(runner) == "engine"
    choose(runner, "", alice)
    assert who(runner) == "ochy"
    choose(juniors, "", alice)
    assert who(runner) == "engine"
    assert not ServiceChoice.objects.exists()


def test_who_stays_in_the_house_is_measured_here_whatever_was_chosen(juniors, runner, engine_account, alice):
    choose(juniors, "ochy", alice)
    choose(runner, "ochy", alice)
    runner.local_only = True
    assert who(runner) == "engine"


def test_of_two_groups_that_differ_the_engine_measures(juniors, runner, organization, engine_account, alice):
    other = Group.objects.create(organization=organization, name="Seniors")
    other.subjects.add(runner)
    choose(juniors, "ochy", alice)
    choose(other, "engine", alice)
    assert who(runner) == "engine"


def test_an_account_made_for_one_runner_does_not_measure_everybody(runner, organization, engine_account, alice):
    choose(runner, "ochy", alice)
    assert account_of(organization) == engine_account


def test_the_engine_of_a_runner_who_stays_in_the_house_does_not_measure_everybody(runner, organization, account):
    runner.local_only = True
    assert who(runner) == "engine"
    assert account_of(organization) == account


def test_an_account_that_was_only_there_for_some_can_become_everybody_s(organization, settings):
    engine = account_of_kind(organization, "engine")
    settings.OCHY_KEY = ""
    assert account_of(organization) == engine
    engine.refresh_from_db()
    assert engine.chosen_at is not None


def test_a_key_is_kept_without_measuring_with_it(as_alice, organization, engine_account):
    done = as_alice.post("/settings/provider/", {"kind": "ochy", "key": "a-key", "only_key": "on"}, follow=True)
    assert said(done) == ["The key of Ochy is kept."]
    assert account_of(organization) == engine_account
    assert account_of_kind(organization, "ochy").key == "a-key"


def test_an_admin_chooses_for_a_group_and_a_runner(as_alice, juniors, runner, engine_account):
    page = f"/settings/provider/groups/{juniors.code}/"
    assert "As usual: Built-in engine" in html.unescape(as_alice.get(page).content.decode())
    assert said(as_alice.post(page, {"kind": "ochy"}, follow=True)) == ["Saved Juniors."]
    own = f"/settings/provider/runners/{runner.code}/"
    assert "As usual: Ochy" in html.unescape(as_alice.get(own).content.decode())
    listed = as_alice.post(own, {"kind": "engine"}, follow=True).content.decode()
    assert "Juniors" in listed
    assert "Runner 01" in listed
    about = list(
        AuditEntry.objects.filter(action="provider_changed").order_by("number").values_list("about", flat=True)
    )
    assert about == ["ochy · Juniors", "engine"]
    assert AuditEntry.objects.of_runner(runner.code).filter(action="provider_changed").count() == 1


def test_a_service_nobody_knows_is_not_chosen(as_alice, juniors, engine_account):
    assert as_alice.post(f"/settings/provider/groups/{juniors.code}/", {"kind": "other"}).status_code == 422
    assert not ServiceChoice.objects.exists()


def test_a_coach_does_not_choose_who_measures(as_carol, juniors, runner, engine_account):
    assert as_carol.post(f"/settings/provider/groups/{juniors.code}/", {"kind": "ochy"}).status_code == 403
    assert as_carol.post(f"/settings/provider/runners/{runner.code}/", {"kind": "ochy"}).status_code == 403


def test_the_price_of_the_chosen_runner_is_shown_before_the_order(
    as_carol, juniors, runner, organization, engine_account, alice
):
    ledger.give(organization=organization, amount=37, reason="a gift", by=alice)
    choose(runner, "ochy", alice)
    line = as_carol.get("/upload/price/", {"runner": str(runner.code)}).content.decode()
    assert "Ochy · Uses 1 credit, 37 left." in line
    for asked in ({}, {"runner": "new"}, {"runner": "nonsense"}):
        assert "Built-in engine, no credit." in as_carol.get("/upload/price/", asked).content.decode()
    assert "Ochy · Uses 1 credit" in as_carol.get("/upload/", {"runner": str(runner.code)}).content.decode()


def test_an_order_goes_where_the_runner_s_choice_says(as_carol, runner, clip, organization, engine_account, alice):
    ledger.give(organization=organization, amount=1, reason="a gift", by=alice)
    choose(runner, "ochy", alice)
    given = {"clip": str(clip.code), "runner": str(runner.code), "view": "back_view", "treadmill": "0"}
    assert as_carol.post("/upload/", given).status_code == 302
    analysis = Analysis.objects.get()
    assert (analysis.account.kind, analysis.price) == ("ochy", 1)
    assert ledger.balance(organization) == 0


def test_the_command_line_asks_the_same_service(runner, organization, engine_account, alice, tmp_path, monkeypatch):
    asked = []
    film = tmp_path / "run.mp4"
    film.write_bytes(b"film")
    monkeypatch.setattr("analyses.management.commands.order.take_file", lambda **_: None)

    def order_analysis(**given):
        asked.append(given["account"].kind)
        raise actions.OrderRefused(["Enough."])

    monkeypatch.setattr("analyses.management.commands.order.actions.order_analysis", order_analysis)
    choose(runner, "ochy", alice)
    with pytest.raises(Exception, match="Enough"):
        call_command("order", str(film), "--subject", runner.name, "--view", "side_view")
    assert asked == ["ochy"]


def new_runner(clip, **more) -> dict:
    return {"clip": str(clip.code), "runner": "new", "new_name": "Dana", "view": "back_view", "treadmill": "0", **more}


def test_a_new_runner_of_an_order_is_in_the_coach_s_group(as_carol, carol, walled, clip, organization, engine_account):
    clip.uploaded_by = carol
    clip.save()
    answer = as_carol.post("/upload/", new_runner(clip), follow=True)
    assert answer.status_code == 200
    assert list(Subject.objects.get(name="Dana").groups.all()) == [walled]
    assert Subject.objects.get(name="Dana").filmed_at is not None


def test_the_coach_of_two_groups_says_into_which(as_carol, carol, walled, clip, organization, engine_account, alice):
    second = Group.objects.create(organization=organization, name="Second")
    second.members.add(Membership.objects.get(user=carol))
    clip.uploaded_by = carol
    clip.save()
    page = as_carol.get("/upload/").content.decode()
    assert "New runners go into" in page
    choose(second, "ochy", alice)
    ledger.give(organization=organization, amount=5, reason="a gift", by=alice)
    price = as_carol.get("/upload/price/", {"runner": "new", "group": str(second.code)})
    assert "Ochy" in price.content.decode()
    as_carol.post("/upload/", new_runner(clip, group=str(second.code)))
    assert list(Subject.objects.get(name="Dana").groups.all()) == [second]


def test_the_coach_of_no_group_is_told_whom_to_ask(as_carol, carol, walled, clip, engine_account):
    walled.members.clear()
    clip.uploaded_by = carol
    clip.save()
    answer = as_carol.post("/upload/", new_runner(clip))
    assert answer.status_code == 422
    assert "You are in no group yet. Ask an admin to put you into one." in answer.content.decode()
    assert not Subject.objects.filter(name="Dana").exists()


def test_a_film_that_is_nobody_s_yet_is_its_uploader_s(as_carol, carol, walled, clip):
    assert as_carol.get(f"/upload/?clip={clip.code}").context["clip"] is None
    clip.uploaded_by = carol
    clip.save()
    assert as_carol.get(f"/upload/?clip={clip.code}").context["clip"] == clip


def test_the_coach_of_one_group_is_asked_nothing_about_it(as_carol, walled, engine_account):
    page = as_carol.get("/upload/").content.decode()
    assert f'<input type="hidden" name="group" value="{walled.code}">' in page
    assert "New runners go into" not in page
    assert "data-input" in page


def test_a_choice_leaves_alone_what_workers_write_meanwhile(organization, alice, monkeypatch):
    read = choosing.account_of_kind

    def read_and_then_registered(*whose):
        read_one = read(*whose)
        ProviderAccount.objects.filter(pk=read_one.pk).update(webhook_token="told to the service")
        return read_one

    monkeypatch.setattr(choosing, "account_of_kind", read_and_then_registered)
    actions.choose_service(organization=organization, kind="ochy", key="a new key", by=alice)
    kept = ProviderAccount.objects.get(organization=organization, kind="ochy")
    assert (kept.webhook_token, kept.key) == ("told to the service", "a new key")
