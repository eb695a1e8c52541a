"""Our books and a service's are compared; what only one side knows is offered to the admin, who settles it."""

from __future__ import annotations

import io
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from analyses import actions, jobs
from analyses.actions import sync
from analyses.models import Analysis, Drift, ProviderAccount, RemoteSubject
from clips.models import Clip
from providers.base import ProviderUnavailable, StartUnsure, State
from providers.base import RemoteSubject as There
from subjects.models import Subject
from tests.clips.films import write_film

PAGE = "/settings/provider/differences/"


class Killed(BaseException):
    """kill -9: nothing after it runs."""


@pytest.fixture
def account(engine_account):
    """An account with a key of its own."""
    engine_account.key = "a key of our own"
    engine_account.save()
    return engine_account


@pytest.fixture
def stranger_there(service):
    """A runner only the service knows."""
    service.people["r-1"] = There("r-1", "somebody", 1.81, 74.0)


@pytest.fixture
def analysis_there(service, monkeypatch, tmp_path):
    """An analysis that was started elsewhere with our key, of a runner we do not know there."""
    film = write_film(tmp_path / "drawn.mp4", seconds=2, fps=30, size=(64, 48))
    service.state = State.SUCCEEDED
    order = SimpleNamespace(view="back_view", subject_id="r-9")
    service.starts.append({"id": "a-1", "order": order, "at": None})

    @contextmanager
    def download(link):
        yield [film.read_bytes()]

    monkeypatch.setattr(service, "download", download)


def told(client, url, **fields):
    return [str(one) for one in client.post(url, fields, follow=True).context["messages"]]


def settle(client, **fields):
    drift = Drift.objects.get(settled="")
    return told(client, f"{PAGE}{drift.code}/", **fields)


def test_a_runner_only_the_service_knows_becomes_one_of_ours(as_alice, account, stranger_there):
    assert told(as_alice, PAGE + "compare/") == ["Compared: 1 difference."]
    assert "A runner only the service knows" in as_alice.get(PAGE).content.decode()
    assert settle(as_alice, do="take", name="Runner 77") == ["Runner 77 is the service’s runner from now on."]
    made = Subject.objects.get(name="Runner 77")
    assert (made.height_m, made.weight_kg) == (1.81, 74.0)
    assert RemoteSubject.objects.get(subject=made).remote_id == "r-1"
    assert told(as_alice, PAGE + "compare/") == ["Compared: 0 differences."]


def test_it_may_be_a_runner_we_have(as_alice, account, stranger_there, runner):
    actions.sync_account(account=account)
    settle(as_alice, do="take", name=runner.name.lower())
    assert RemoteSubject.objects.get(remote_id="r-1").subject == runner
    assert Subject.objects.count() == 1


def test_what_was_left_is_not_offered_again(as_alice, account, stranger_there):
    actions.sync_account(account=account)
    assert settle(as_alice, do="leave") == ["It is left as it is and not shown again."]
    assert actions.sync_account(account=account) == 0


def test_what_is_no_longer_so_goes_and_comes_back_if_it_returns(account, service, stranger_there):
    actions.sync_account(account=account)
    gone = service.people.pop("r-1")
    assert actions.sync_account(account=account) == 0
    service.people["r-1"] = gone
    assert actions.sync_account(account=account) == 1
    assert Drift.objects.count() == 1


def test_an_analysis_started_elsewhere_is_taken_over_with_its_film(as_alice, account, runner, analysis_there, service):
    actions.sync_account(account=account)
    assert settle(as_alice, do="take", name=runner.name) == [
        "The analysis is taken over; its result is here in a moment. No credit was used."
    ]
    taken = Analysis.objects.get()
    assert (taken.remote_id, taken.view, taken.price, taken.status) == ("a-1", "back_view", 0, "running")
    assert (taken.clip.frame_count, taken.clip.organization) == (60, account.organization)
    actions.check_analysis(analysis=taken)
    assert Analysis.objects.get().status == "succeeded"
    assert actions.sync_account(account=account) == 0


def test_without_a_result_there_is_nothing_to_take_over(as_alice, account, runner, analysis_there, service):
    service.state = State.RUNNING
    actions.sync_account(account=account)
    assert settle(as_alice, do="take", name=runner.name) == [
        "This analysis has no result at the service, so there is nothing to take over."
    ]
    assert not Analysis.objects.exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "Say whose it is: type the runner’s name."),
        ("Nobody", "There is no runner of this name. Add the runner first."),
        ("Twin", "There are several runners of this name. Give one of them another name first."),
    ],
)
def test_it_must_be_clear_whose_it_is(as_alice, account, organization, analysis_there, name, text):
    Subject.objects.bulk_create(Subject(organization=organization, name="Twin") for _ in range(2))
    actions.sync_account(account=account)
    assert settle(as_alice, do="take", name=name) == [text]


def test_a_runner_the_service_lost_is_made_anew_with_the_next_film(as_alice, account, order, service):
    actions.send_analysis(analysis=order())
    service.people.clear()
    actions.sync_account(account=account)
    assert settle(as_alice, do="take") == ["The next film makes the runner at the service anew."]
    assert RemoteSubject.objects.get().remote_id == ""


@pytest.mark.parametrize("there", [(1.2, 68.0), (1.75, None), (1.751, 68.0)])
def test_a_runner_somebody_changed_there_is_told_ours_with_the_next_film(account, order, runner, service, there):
    actions.send_analysis(analysis=order())
    [remote_id] = service.people
    told_times, update = [], service.update_subject
    service.update_subject = lambda remote_id, data: told_times.append(data) or update(remote_id, data)
    service.people[remote_id] = There(remote_id, str(runner.code), *there)
    assert actions.sync_account(account=account) == 0
    actions.send_analysis(analysis=order())
    assert (service.people[remote_id].height_m, len(told_times)) == ((1.751, 0) if there[0] == 1.751 else (1.75, 1))


@pytest.mark.parametrize("killed_at", range(5))
def test_a_comparison_that_was_killed_anywhere_goes_on(
    account, order, service, stranger_there, analysis_there, monkeypatch, killed_at
):
    """It stops before each of its steps in turn, and once after them all."""
    actions.send_analysis(analysis=order())
    service.people = {"r-1": service.people["r-1"]}  # ours is gone there
    note, calls = sync._note, []

    def killed(*given):
        if len(calls) == killed_at:
            raise Killed
        calls.append(given)
        note(*given)

    monkeypatch.setattr(sync, "_note", killed)
    with pytest.raises(Killed) if killed_at < 4 else nullcontext():
        actions.sync_account(account=account)
    monkeypatch.setattr(sync, "_note", note)
    for _ in range(2):
        assert actions.sync_account(account=account) == 3
    kinds = Drift.objects.order_by("kind").values_list("kind", "settled")
    assert list(kinds) == [("analysis_unknown", ""), ("runner_gone", ""), ("runner_unknown", "")]


def test_with_the_key_of_the_house_nothing_unknown_is_shown(as_alice, engine_account, stranger_there, analysis_there):
    assert told(as_alice, PAGE + "compare/") == ["Compared: 0 differences."]
    assert "nobody can say whose" in as_alice.get(PAGE).content.decode()


def test_a_silent_service_changes_nothing(as_alice, account, service):
    service.trouble = [ProviderUnavailable("It does not answer.")]
    assert told(as_alice, PAGE + "compare/") == ["It does not answer."]
    service.trouble = [ProviderUnavailable("It does not answer.")]
    with pytest.raises(CommandError, match="1 services did not answer"):
        call_command("sync", stdout=io.StringIO(), stderr=io.StringIO())


def test_the_command_lists_what_differs(account, stranger_there):
    said = io.StringIO()
    call_command("sync", stdout=said)
    assert said.getvalue() == ("Track club · Built-in engine: 1 differences\n  A runner only the service knows: r-1\n")


def test_books_are_compared_once_a_day(account, order, service, monkeypatch):
    order()
    sent = []
    monkeypatch.setattr(jobs, "send_hint", lambda step, *, queue, **row: sent.append(step.__name__) or True)
    assert jobs.hint_syncs() == 1
    jobs.sync_account(account_id=account.pk)
    assert jobs.hint_syncs() == 0
    assert sent == ["sync_account"]


def test_the_page_asks_the_database_a_fixed_number_of_times(as_alice, account, django_assert_max_num_queries):
    Drift.objects.bulk_create(
        Drift(
            organization=account.organization,
            account=account,
            kind=Drift.Kind.ANALYSIS_UNKNOWN,
            remote_id=f"a-{number}",
            about={"runner": f"r-{number}", "view": "side_view"},
        )
        for number in range(60)
    )
    with django_assert_max_num_queries(12):
        as_alice.get(PAGE)


def twice(client, monkeypatch, action, **fields):
    """Press the button a second time just before the first press is carried out; return what both are told."""
    drift = Drift.objects.get(settled="")
    carry_out, first = getattr(actions, action), []

    def pressed_again(**given):
        monkeypatch.setattr(actions, action, carry_out)
        first.extend(told(client, f"{PAGE}{drift.code}/", **fields))
        return carry_out(**given)

    monkeypatch.setattr(actions, action, pressed_again)
    second = told(client, f"{PAGE}{drift.code}/", **fields)
    return first, second


def test_a_button_pressed_twice_makes_one_runner(as_alice, account, stranger_there, monkeypatch):
    actions.sync_account(account=account)
    first, second = twice(as_alice, monkeypatch, "adopt_runner", do="take", name="Runner 77")
    assert first == ["Runner 77 is the service’s runner from now on."]
    assert second == ["This difference was settled already."]
    assert Subject.objects.filter(name="Runner 77").count() == 1


def test_a_button_pressed_twice_takes_one_analysis_over(as_alice, account, runner, analysis_there, monkeypatch):
    actions.sync_account(account=account)
    _first, second = twice(as_alice, monkeypatch, "import_analysis", do="take", name=runner.name)
    assert second == ["This difference was settled already."]
    assert (Analysis.objects.count(), Clip.objects.count()) == (1, 1)


def test_what_is_made_while_the_lists_come_is_no_difference(account, order, service, monkeypatch):
    list_them = service.analyses

    def sent_meanwhile():
        listed = list_them()
        actions.send_analysis(analysis=order())
        return listed

    monkeypatch.setattr(service, "analyses", sent_meanwhile)
    assert actions.sync_account(account=account) == 0


def test_a_start_whose_answer_has_not_come_is_no_difference(account, order, service):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=order())
    assert actions.sync_account(account=account) == 0


def test_an_analysis_that_is_gone_there_can_only_be_left(as_alice, account, order, service):
    actions.send_analysis(analysis=order())
    service.starts.clear()
    actions.sync_account(account=account)
    assert settle(as_alice, do="take") == ["It is left as it is and not shown again."]


def test_what_has_become_ours_meanwhile_is_not_taken_over_twice(as_alice, account, runner, analysis_there, order):
    actions.sync_account(account=account)
    there = Drift.objects.get(kind="analysis_unknown")
    ours = order()
    Analysis.objects.filter(pk=ours.pk).update(status="running", remote_id=there.remote_id)
    films = Clip.objects.count()
    answer = as_alice.post(f"{PAGE}{there.code}/", {"do": "take", "name": runner.name}, follow=True)
    assert "This difference was settled already." in answer.content.decode()
    assert (Analysis.objects.count(), Clip.objects.count()) == (1, films)


@pytest.mark.parametrize("turn", [jobs.hint_syncs, jobs.hint_webhooks])
def test_services_that_never_answer_do_not_stand_before_the_others_for_ever(turn, account, order, monkeypatch):
    broken = ProviderAccount.objects.create(organization=account.organization, kind="ochy")
    ProviderAccount.objects.update(webhook_registered_at=timezone.now())
    Analysis.objects.filter(pk=order().pk).update(account=broken)
    order()
    told = []
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    monkeypatch.setattr(jobs, "send_hint", lambda step, *, queue, account_id: told.append(account_id) is None)
    assert sum(turn() for _ in range(60)) == 60  # one of two by lot: all sixty the same once in 10^18 times
    assert set(told) == {account.pk, broken.pk}
