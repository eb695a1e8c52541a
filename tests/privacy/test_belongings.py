"""Which rows are a runner's, to the row: what lies right beside them is somebody else's and stays."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from accounts.models import Organization
from analyses.models import Analysis, Drift, ProviderAccount, RemoteSubject, WebhookCall
from clips import storage
from clips.models import Clip
from privacy.belongings import Marks, belongings_of, marks_of
from subjects.models import Group, Subject

DIGEST = "ab" * 32


@pytest.fixture
def elsewhere(db):
    """The same service's account of another organisation."""
    return ProviderAccount.objects.create(organization=Organization.objects.create(name="Elsewhere"), kind="engine")


@pytest.fixture
def other(organization):
    return Subject.objects.create(organization=organization, name="Runner 02")


@pytest.fixture
def send(organization):
    """Have the same film sent in once more."""

    def make(**more):
        fields = {"organization": organization, "original_name": "run.mp4", "sha256": DIGEST}
        return Clip.objects.create(**fields | {"folder": storage.new_folder(), **more})

    return make


def theirs(runner, model):
    return {row.pk for row in belongings_of(runner).rows(model)}


def test_an_upload_of_the_same_file_is_theirs_where_it_is_nobody_elses(runner, other, order, clip, send, elsewhere):
    mine, again = send(subject=runner), send()
    Clip.objects.filter(pk=clip.pk).update(sha256=DIGEST)
    order(subject=other)
    send(subject=other)
    send(sha256="cd" * 32)
    send(organization=elsewhere.organization)
    assert theirs(runner, Clip) == {mine.pk, again.pk}
    assert belongings_of(runner).kept_films == 0


def test_two_films_without_a_digest_are_not_the_same(runner, send):
    mine = send(subject=runner, sha256="")
    send(sha256="")
    assert theirs(runner, Clip) == {mine.pk}


def test_a_film_they_were_measured_in_is_theirs_and_one_of_anothers_is_counted(runner, other, order, clip, send):
    order()
    assert theirs(runner, Clip) == {clip.pk}
    for whose in ({"subject": other}, {"subject": None}):
        Clip.objects.filter(pk=clip.pk).update(**whose)
        if whose["subject"] is None:
            order(subject=other)
        found = belongings_of(runner)
        assert (list(found.rows(Clip)), found.kept_films) == ([], 1)


def test_only_calls_about_their_analyses_in_their_organisation_are_theirs(runner, order, engine_account, elsewhere):
    Analysis.objects.filter(pk=order().pk).update(remote_id="r-1")
    order()  # not sent yet: no service has given it a name

    def call(account, remote_id):
        return WebhookCall.objects.create(
            organization=account.organization, account=account, remote_id=remote_id, outcome="asked"
        ).pk

    mine = call(engine_account, "r-1")
    call(engine_account, "r-2")
    call(engine_account, "")
    call(elsewhere, "r-1")
    assert theirs(runner, WebhookCall) == {mine}


def test_only_differences_about_them_are_theirs(runner, order, engine_account, elsewhere):
    Analysis.objects.filter(pk=order().pk).update(remote_id="r-1")
    order()  # not sent yet: no service has given it a name
    RemoteSubject.objects.create(
        organization=runner.organization, account=engine_account, subject=runner, remote_id="s-1"
    )

    def differ(account, kind, remote_id, **about):
        return Drift.objects.create(
            organization=account.organization, account=account, kind=kind, remote_id=remote_id, about=about
        ).pk

    mine = {
        differ(engine_account, "analysis_gone", "r-1"),
        differ(engine_account, "runner_gone", "s-1"),
        differ(engine_account, "analysis_unknown", "r-3", runner="s-1"),
    }
    differ(engine_account, "analysis_unknown", "r-4", runner="s-2")
    differ(engine_account, "runner_unknown", "")
    differ(elsewhere, "analysis_gone", "r-1")
    assert theirs(runner, Drift) == mine


def test_only_the_admin_sites_lines_about_their_rows_are_theirs(runner, other, alice):
    def line(row):
        kind = ContentType.objects.get_for_model(row)
        return LogEntry.objects.create(
            user=alice, content_type=kind, object_id=str(row.pk), object_repr="x", action_flag=CHANGE
        ).pk

    Group.objects.create(organization=runner.organization, pk=runner.pk, name="A group of the same number")
    mine = line(runner)
    line(other)
    line(Group.objects.get())
    assert theirs(runner, LogEntry) == {mine}


def test_what_a_runner_can_be_recognised_by(runner, order, engine_account, clip):
    runner.name, runner.email = "Quillanna Vex", "q@example.org"
    runner.save()
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(remote_id="remote-1")
    Clip.objects.filter(pk=clip.pk).update(sha256=DIGEST)
    RemoteSubject.objects.create(
        organization=runner.organization, account=engine_account, subject=runner, remote_id="person-1"
    )
    found = marks_of(belongings_of(runner))
    assert (found.name, found.email) == ("Quillanna Vex", "q@example.org")
    assert found.remote_ids == {"remote-1", "person-1"}
    assert found.sha256 == {DIGEST}
    assert {str(runner.code), str(clip.code), str(analysis.code)} <= found.codes
    assert found.folders == {clip.folder.rpartition("/")[2]}
    assert found.keys == set()
    assert Marks.from_text(found.as_text()) == found


def test_a_copys_key_is_a_mark_and_its_folder_too(runner, order, clip):
    order()
    key = f"films/{'12' * 16}/review.mp4"
    Clip.objects.filter(pk=clip.pk).update(review_key=key)
    found = marks_of(belongings_of(runner))
    assert found.keys == {key}
    assert found.folders == {clip.folder.rpartition("/")[2], "12" * 16}
    assert found.are_in(f"GET /{key}?signed")
    assert not found.are_in("GET /films/another/review.mp4")


def marks(**given):
    empty = dict.fromkeys(("codes", "remote_ids", "sha256", "folders", "keys"), frozenset())
    return Marks(**({"name": "", "email": ""} | empty | given))


@pytest.mark.parametrize("name", ["codes", "remote_ids", "sha256", "folders"])
def test_a_random_word_of_theirs_is_found_as_a_whole_one(name):
    one = marks(**{name: frozenset({DIGEST})})
    assert one.are_in(f"file {DIGEST}.mp4")
    assert not one.are_in(f"file {DIGEST[:-1]}.mp4")


def test_one_of_several_keys_is_enough():
    assert marks(keys=frozenset({"films/a/review.mp4", "films/b/review.mp4"})).are_in("see films/b/review.mp4")


@pytest.mark.parametrize(
    ("name", "text", "stands"),
    [
        ("Ann Bo", "asked of ANN BO today", True),
        ("Ann", "Joanna and Annabel", False),
        ("Ann", "Ann.", True),
        ("An", "An", False),
        ("", "anything", False),
        ("A.b", "Axb", False),
    ],
)
def test_a_name_is_found_as_whole_words_of_three_letters_or_more(name, text, stands):
    assert marks(name=name).name_is_in(text) is stands
    assert marks(email=name).name_is_in(text) is stands
