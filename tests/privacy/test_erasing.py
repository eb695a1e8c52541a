"""Erase a runner everywhere: what is left is a tombstone, and a restored backup forgets them again."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry
from accounts.record import pseudonym, verify
from analyses import actions as measuring
from analyses.models import Analysis, Drift
from analyses.reckoning import differences
from clips import storage
from clips.models import Clip
from credits import ledger
from privacy import actions
from privacy.actions import erase as erasing
from privacy.models import Tombstone
from providers.base import FilmRefused, ProviderUnavailable, StartUnsure
from subjects.models import Subject
from tests.privacy.conftest import EMAIL, NAME


def identities(runner):
    """By what the runner could be found: name, address, codes, folders, digests, ids at the service."""
    clips = Clip.objects.filter(analyses__subject=runner)
    return {
        NAME,
        EMAIL,
        str(runner.code),
        runner.code.hex,
        *(str(code) for code in runner.analyses.values_list("code", flat=True)),
        *(code.hex for code in runner.analyses.values_list("code", flat=True)),
        *(remote_id for remote_id in runner.analyses.values_list("remote_id", flat=True) if remote_id),
        *(remote_id for remote_id in runner.remote.values_list("remote_id", flat=True) if remote_id),
        *(clip.folder.rpartition("/")[2] for clip in clips),
        *(clip.sha256 for clip in clips if clip.sha256),
    }


def dump(without=()):
    """The whole database as text, table by table."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in cursor.fetchall():
            if table not in without:
                cursor.execute(f'SELECT * FROM "{table}"')
                found[table] = repr(cursor.fetchall())
    return found


def content(key):
    with storage.open_file(key) as file:
        return file.read()


def erase(runner, by):
    tombstone = actions.erase_subject(subject=Subject.objects.get(pk=runner.pk), by=by)
    actions.finish_erasure(tombstone=tombstone)
    return Tombstone.objects.get(pk=tombstone.pk)


def test_after_it_a_search_finds_only_the_tombstone(everything, alice, as_alice):
    as_alice.get(f"/runners/{everything.code}/")
    record(organization=everything.organization, by=alice, action=AuditEntry.Action.EXPORTED, about=f"{NAME} · CSV")
    wanted = identities(everything)
    assert len(wanted) == 10
    before = dump()
    assert {word for word in wanted if any(word in text for text in before.values())} >= {NAME, EMAIL}

    tombstone = erase(everything, alice)

    assert {table: word for table, text in dump().items() for word in wanted if word in text} == {}
    keys = list(storage.every_key())
    assert keys == [f"tombstones/{pseudonym(everything.code)}.json"]
    assert [word for word in wanted if word in content(keys[0]).decode()] == []
    assert tombstone.finished_at
    assert tombstone.report["searched"]["found_in"] == {}
    assert tombstone.report["searched"]["named"] == {}


def test_differences_with_a_services_books_go_with_them(everything, alice, service, engine_account):
    engine_account.key = "a key of our own"
    engine_account.save()
    runner_there = everything.remote.get().remote_id
    service.people.clear()
    order = SimpleNamespace(view="back_view", subject_id=runner_there)
    service.starts.append({"id": "started-elsewhere", "order": order, "at": None})
    assert measuring.sync_account(account=engine_account) == 2
    tombstone = erase(everything, alice)
    assert tombstone.report["searched"]["found_in"] == tombstone.report["searched"]["named"] == {}
    assert tombstone.finished_at
    assert not Drift.objects.exists()


def test_no_file_of_theirs_is_left(everything, alice):
    before = len(list(storage.every_key()))
    assert before == 6
    tombstone = erase(everything, alice)
    assert tombstone.report["files"] == before
    assert tombstone.report["bytes"] > 100_000


def test_the_record_holds_and_says_who_erased(everything, alice, organization):
    record(organization=organization, by=alice, action=AuditEntry.Action.EXPORTED, about=f"{NAME} · CSV")
    erase(everything, alice)
    found = verify(organization)
    assert found.faults == []
    assert found.struck >= 2
    last = AuditEntry.objects.order_by("-number").first()
    assert (last.action, last.by) == ("erased", alice)
    assert AuditEntry.objects.of_runner(everything.code).count() == 2


def test_the_ledger_keeps_its_sum_and_forgets_for_whom(everything, order, account, alice, organization):
    ledger.give(organization=organization, amount=5, reason="start", by=alice)
    analysis = order(account=account, subject=everything)
    Analysis.objects.filter(pk=analysis.pk).update(status="running", remote_id="v1", body_sent_at=timezone.now())
    erase(everything, alice)
    assert ledger.balance(organization) == 4
    assert str(analysis.code) not in dump()["credits_entry"]


@pytest.mark.parametrize(
    ("status", "sent", "left"),
    [("queued", False, 5), ("sending", False, 5), ("sending", True, 4), ("unsure", True, 4), ("failed", False, 4)],
)
def test_an_order_whose_film_was_not_sent_gives_its_credit_back(
    known, order, account, alice, organization, status, sent, left
):
    ledger.give(organization=organization, amount=5, reason="start", by=alice)
    analysis = order(account=account, subject=known)
    sent_at = timezone.now() if sent else None
    Analysis.objects.filter(pk=analysis.pk).update(status=status, body_sent_at=sent_at)
    erase(known, alice)
    assert ledger.balance(organization) == left
    assert str(analysis.code) not in dump()["credits_entry"]
    assert differences(organization) == []


def test_the_ledger_page_still_opens(everything, order, account, alice, as_alice, organization):
    ledger.give(organization=organization, amount=5, reason="start", by=alice)
    order(account=account, subject=everything)
    erase(everything, alice)
    assert as_alice.get("/credits/").status_code == 200


def test_others_lose_nothing(everything, organization, alice):
    other = Subject.objects.create(organization=organization, name="Runner 02")
    kept = Clip.objects.create(
        organization=organization, subject=other, original_name="b.mp4", folder=storage.new_folder()
    )
    storage.put(kept.original_key, io.BytesIO(b"theirs"))
    erase(everything, alice)
    assert Subject.objects.get() == other
    assert content(kept.original_key) == b"theirs"


def test_a_film_in_which_another_was_measured_stays(everything, order, organization, alice, clip):
    other = Subject.objects.create(organization=organization, name="Runner 02")
    order(subject=other)
    tombstone = erase(everything, alice)
    assert tombstone.report["kept_films"] == 1
    assert Clip.objects.get() == clip
    assert Analysis.objects.get().subject == other
    assert clip.original_key in list(storage.every_key())


def test_the_same_film_sent_in_twice_goes_too(everything, organization, alice, clip):
    Clip.objects.create(
        organization=organization, original_name="again.mp4", folder=storage.new_folder(), sha256=clip.sha256
    )
    erase(everything, alice)
    assert not Clip.objects.exists()


def test_a_name_that_stands_elsewhere_is_shown_to_a_person(everything, organization, alice):
    Subject.objects.create(organization=organization, name=f"A friend of {NAME}")
    tombstone = erase(everything, alice)
    assert tombstone.report["searched"]["named"] == {"subjects.Subject": 1}
    assert tombstone.finished_at


# ── services ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_service_is_told(everything, service, alice):
    [remote_id] = everything.remote.values_list("remote_id", flat=True)
    tombstone = erase(everything, alice)
    assert service.deleted == [remote_id]
    assert (tombstone.report["told"], tombstone.remote, tombstone.to_ask) == (1, [], [])


def test_a_silent_service_is_asked_again(everything, service, alice):
    def silent(subject_id):
        raise ProviderUnavailable("no answer")

    deleted, service.delete_subject = service.delete_subject, silent
    tombstone = erase(everything, alice)
    assert tombstone.finished_at is None
    assert len(tombstone.remote) == 1
    assert tombstone.due_at > timezone.now()
    assert tombstone.report["told"] == 0
    service.delete_subject = deleted
    Tombstone.objects.update(due_at="2020-01-01T00:00Z")
    actions.finish_erasure(tombstone=Tombstone.objects.get())
    again = Tombstone.objects.get()
    assert again.finished_at
    assert (again.remote, again.sealed_marks) == ([], "")


def test_what_only_a_letter_erases_is_listed_until_it_is_written(
    known, order, account, service, alice, organization, as_alice
):
    ledger.give(organization=organization, amount=5, reason="start", by=alice)
    analysis = order(account=account, subject=known)
    measuring.send_analysis(analysis=analysis)
    analysis.refresh_from_db()
    tombstone = erase(known, alice)
    assert [item["analyses"] for item in tombstone.to_ask] == [[analysis.remote_id]]
    page = as_alice.get(f"/privacy/erased/{tombstone.code}/").content.decode()
    assert f"analysis {analysis.remote_id}" in page
    as_alice.post(f"/privacy/erased/{tombstone.code}/asked/")
    tombstone.refresh_from_db()
    assert tombstone.to_ask == []
    assert AuditEntry.objects.filter(action="erased", about="Asked by letter: Ochy").exists()
    assert analysis.remote_id not in repr(dump())


@pytest.mark.parametrize(("lost", "is_asked_for"), [(StartUnsure("reset"), True), (FilmRefused("too long"), False)])
def test_a_film_that_was_sent_and_never_answered_for_is_in_the_letter_too(
    known, order, account, service, alice, credits, lost, is_asked_for
):
    service.lost_answers = [lost]
    measuring.send_analysis(analysis=order(account=account, subject=known))
    [there] = service.people
    letter = {"service": "Ochy", "subject": there, "analyses": []}
    assert erase(known, alice).to_ask == ([letter] if is_asked_for else [])


# ── after a restore ─────────────────────────────────────────────────────────────────────────────────────────────────


def restored(rows):
    for row in serializers.deserialize("json", rows):
        row.save()


@pytest.fixture
def backup(everything):
    """The runner's rows and files as they were before the erasing."""
    clips = Clip.objects.filter(analyses__subject=everything)
    rows = serializers.serialize(
        "json",
        [
            everything,
            *everything.remarks.all(),
            *everything.consents.all(),
            *clips,
            *everything.analyses.all(),
            *[one.result for one in everything.analyses.select_related("result")],
        ],
    )
    files = {key: content(key) for key in storage.every_key()}

    def restore():
        restored(rows)
        for key, content in files.items():
            storage.put(key, io.BytesIO(content))

    return restore


def test_a_restored_backup_forgets_again(everything, backup, alice):
    wanted = identities(everything)
    erase(everything, alice)
    backup()
    assert Subject.objects.filter(name=NAME).exists()
    found = actions.forget_again()
    assert (found.tombstones, found.runners, found.files) == (1, 1, 6)
    assert Tombstone.objects.get().finished_at
    assert {table: word for table, text in dump().items() for word in wanted if word in text} == {}
    assert len(list(storage.every_key())) == 1


def test_so_does_one_that_is_older_than_the_tombstone(everything, backup, alice):
    erase(everything, alice)
    Tombstone.objects.all().delete()
    backup()
    out = io.StringIO()
    call_command("forget_again", stdout=out)
    assert out.getvalue().startswith("1 tombstones; erased again: 1 runners,")
    assert not Subject.objects.exists()


def test_so_does_one_in_a_new_place_with_the_list_from_the_old(everything, backup, alice, tmp_path):
    erase(everything, alice)
    out = io.StringIO()
    call_command("forget_again", "--list", stdout=out)
    kept = tmp_path / "tombstones.txt"
    kept.write_text(out.getvalue())
    Tombstone.objects.all().delete()
    storage.delete(*list(storage.every_key("tombstones/")))
    backup()
    assert actions.forget_again().runners == 0
    call_command("forget_again", "--from", str(kept), stdout=io.StringIO())
    assert not Subject.objects.exists()


def test_films_that_came_back_alone_go_again(everything, backup, alice):
    erase(everything, alice)
    backup()
    for row in (*everything.analyses.all(),):
        row.delete()
    Subject.objects.all().delete()
    found = actions.forget_again()
    assert (found.runners, found.films) == (0, 1)
    assert not Clip.objects.exists()
    assert len(list(storage.every_key())) == 1


def test_nothing_erased_is_nothing_to_forget(everything):
    assert actions.forget_again() == actions.forget_again()
    assert Subject.objects.filter(name=NAME).exists()


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_admin_erases_in_three_taps(everything, as_alice, queue, django_capture_on_commit_callbacks):
    first = as_alice.get(f"/privacy/runners/{everything.code}/").content.decode()
    assert f'href="/privacy/runners/{everything.code}/erase/"' in first
    second = as_alice.get(f"/privacy/runners/{everything.code}/erase/").content.decode()
    assert f"Erase {NAME} everywhere?" in second
    with django_capture_on_commit_callbacks(execute=True):
        third = as_alice.post(f"/privacy/runners/{everything.code}/erase/")
    tombstone = Tombstone.objects.get()
    assert third["Location"] == f"/privacy/erased/{tombstone.code}/"
    assert queue == [tombstone.pk]
    waiting = as_alice.get(third["Location"]).content.decode()
    assert "The runner is gone from every page." in waiting
    assert NAME not in waiting
    actions.finish_erasure(tombstone=tombstone)
    proof = as_alice.get(third["Location"]).content.decode()
    assert "Erased, and proved by a search." in proof
    assert "Nothing but this page’s own row." in proof


@pytest.mark.parametrize("who", ["as_bob", "as_carol"])
def test_only_an_admin_erases(everything, who, request):
    client = request.getfixturevalue(who)
    assert client.post(f"/privacy/runners/{everything.code}/erase/").status_code == 403
    assert Subject.objects.filter(pk=everything.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_worker_writes_while_a_runner_is_erased_goes_with_them(everything, alice, monkeypatch):
    look = erasing.belongings_of

    def a_step_is_taken_after_the_look(subject):
        monkeypatch.setattr(erasing, "belongings_of", look)
        found = look(subject)
        analysis = everything.analyses.get()
        analysis.moves.create(organization=analysis.organization, old="running", new="stalled")
        return found

    monkeypatch.setattr(erasing, "belongings_of", a_step_is_taken_after_the_look)
    actions.erase_subject(subject=Subject.objects.get(pk=everything.pk), by=alice)
    assert not Subject.objects.exists()
