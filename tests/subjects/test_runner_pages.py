"""Finding, writing down and putting aside runners."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from subjects.forms import SubjectForm
from subjects.models import Group, Note, Subject
from tests.reading import shown

RUNNERS = "/runners/"


def page(runner: Subject, name: str = "detail") -> str:
    return reverse(f"subjects:{name}", args=[runner.code])


@pytest.fixture
def groups(organization):
    return [Group.objects.create(organization=organization, name=name) for name in ("Juniors", "Marathon")]


def test_everybody_in_the_organisation_reads_runners(as_alice, as_carol, as_bob, runner):
    for client in (as_alice, as_carol, as_bob):
        assert "Runner 01" in shown(client.get(RUNNERS))
        assert "Runner 01" in shown(client.get(page(runner)))


def test_a_reader_is_offered_nothing_to_change(as_bob, runner):
    for url in (RUNNERS, page(runner)):
        text = shown(as_bob.get(url))
        assert "New runner" not in text
        assert page(runner, "edit") not in text
        assert "New film" not in text


@pytest.mark.parametrize("name", ["archive", "restore", "edit", "note"])
def test_a_stranger_s_runner_does_not_exist(as_charlie, runner, name):
    assert as_charlie.post(page(runner, name), {"name": "Mine", "text": "Mine"}).status_code == 404


@pytest.mark.parametrize("name", ["archive", "restore", "note"])
def test_reading_where_something_changes_is_refused(as_alice, runner, name):
    assert as_alice.get(page(runner, name)).status_code == 405


def test_a_name_is_enough_for_a_new_runner(as_carol, organization):
    answer = as_carol.post("/runners/new/", {"name": "Runner 77"}, follow=True)
    assert "Runner 77 is on the list." in shown(answer)
    made = Subject.objects.get(name="Runner 77")
    assert (made.organization, made.height_m, made.sex) == (organization, None, "")


def test_everything_about_a_runner_can_be_written_down(as_carol, groups):
    as_carol.post(
        "/runners/new/",
        {
            "name": "Runner 77",
            "email": "r77@example.com",
            "height_m": "1,72",
            "weight_kg": "61.5",
            "birth_year": "1999",
            "sex": "female",
            "notes": "Left-handed",
            "groups": [str(groups[0].pk)],
        },
    )
    made = Subject.objects.get(name="Runner 77")
    assert (made.height_m, made.weight_kg, made.birth_year, made.sex) == (1.72, 61.5, 1999, "female")
    assert list(made.groups.all()) == [groups[0]]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("height_m", "172", "Did you mean 1.72 m?"),
        ("height_m", "50", "Did you mean 0.50 m?"),
        ("height_m", "3", "A height is between 0.5 and 2.5 metres."),
        ("height_m", "0.4", "A height is between 0.5 and 2.5 metres."),
        ("height_m", "1m72", "Type a number, such as 1.72."),
        ("height_m", "nan", "Type a number, such as 1.72."),
        ("weight_kg", "19", "A weight is between 20 and 300 kilograms."),
        ("weight_kg", "301", "A weight is between 20 and 300 kilograms."),
        ("birth_year", "1899", "A year of birth is between 1900 and 2026."),
        ("birth_year", "2027", "A year of birth is between 1900 and 2026."),
    ],
)
def test_what_cannot_be_is_asked_back(as_carol, time_machine, field, typed, said):
    time_machine.move_to("2026-11-22")
    answer = as_carol.post("/runners/new/", {"name": "Runner 77", field: typed})
    assert answer.status_code == 422
    assert said in shown(answer)
    assert not Subject.objects.filter(name="Runner 77").exists()


@pytest.mark.parametrize(("field", "typed"), [("height_m", "0.5"), ("height_m", "2.5"), ("weight_kg", "300")])
def test_the_limits_themselves_are_allowed(as_carol, field, typed):
    assert as_carol.post("/runners/new/", {"name": "Runner 77", field: typed}).status_code == 302


def test_a_runner_cannot_join_another_organisation_s_group(as_carol, charlie):
    theirs = Group.objects.create(organization=charlie.memberships.get().organization, name="Theirs")
    assert as_carol.post("/runners/new/", {"name": "Runner 77", "groups": [str(theirs.pk)]}).status_code == 422


def test_every_word_typed_must_be_in_the_name_or_the_address(as_bob, organization):
    for name, email in (("Ana Alvarez", "one@example.com"), ("Ana Berg", "two@example.com"), ("Ben Berg", "")):
        Subject.objects.create(organization=organization, name=name, email=email)
    text = shown(as_bob.get(RUNNERS, {"q": "ana berg"}))
    assert "Ana Berg" in text
    assert "Ana Alvarez" not in text
    assert "Ben Berg" not in text
    assert "Ana Alvarez" in shown(as_bob.get(RUNNERS, {"q": "one@"}))


def test_a_search_as_one_types_answers_the_list_alone(as_bob, runner):
    answer = as_bob.get(RUNNERS, {"q": "runner"}, headers={"HX-Request": "true"})
    assert "<html" not in shown(answer)
    assert "Runner 01" in shown(answer)
    assert "HX-Request" in answer["Vary"]


def test_a_list_is_filtered_by_group(as_bob, organization, runner, groups):
    Subject.objects.create(organization=organization, name="Somebody else")
    runner.groups.add(groups[1])
    text = shown(as_bob.get(RUNNERS, {"group": str(groups[1].code)}))
    assert "Runner 01" in text
    assert "Somebody else" not in text


def test_who_is_put_aside_leaves_the_list_and_comes_back(as_carol, runner):
    assert f'action="{page(runner, "archive")}"' in shown(as_carol.get(page(runner, "edit")))
    assert "Runner 01 is put aside. Nothing is lost." in shown(as_carol.post(page(runner, "archive"), follow=True))
    assert "Runner 01" not in shown(as_carol.get(RUNNERS))
    assert "Runner 01" in shown(as_carol.get(RUNNERS, {"archived": "on"}))
    assert f'action="{page(runner, "archive")}"' not in shown(as_carol.get(page(runner, "edit")))
    assert f'action="{page(runner, "restore")}"' in shown(as_carol.get(page(runner)))
    assert "Runner 01 is on the list again." in shown(as_carol.post(page(runner, "restore"), follow=True))
    assert "Runner 01" in shown(as_carol.get(RUNNERS))


def test_a_list_of_many_is_paged_with_few_queries(as_bob, organization, groups, django_assert_max_num_queries):
    for number in range(120):
        Subject.objects.create(organization=organization, name=f"Runner {number:03}").groups.add(groups[0])
    with django_assert_max_num_queries(12):
        text = shown(as_bob.get(RUNNERS, {"page": "2"}))
    assert "26–50 of 120" in text
    assert "Runner 049" in text
    assert "Runner 050" not in text


@pytest.mark.parametrize(
    ("query", "said"),
    [({}, "Only a name is needed. A film can come right after."), ({"q": "zzz"}, "Try fewer letters, another group")],
)
def test_an_empty_list_says_what_to_do(as_carol, query, said):
    assert said in shown(as_carol.get(RUNNERS, query))


def test_everybody_writes_notes(as_bob, bob, runner):
    answer = as_bob.post(page(runner, "note"), {"text": "Sore <b>calf</b>"}, follow=True)
    assert "Sore &lt;b&gt;calf&lt;/b&gt;" in answer.content.decode()
    note = Note.objects.get()
    assert (note.by, note.subject, note.organization) == (bob, runner, runner.organization)


def test_an_empty_note_is_not_kept(as_bob, runner):
    assert as_bob.post(page(runner, "note"), {"text": "  "}).status_code == 422
    assert not Note.objects.exists()


def test_groups_are_made_renamed_and_deleted(as_carol, organization, runner):
    as_carol.post("/runners/groups/", {"name": "Juniors"})
    group = Group.objects.get(organization=organization)
    runner.groups.add(group)
    url = reverse("subjects:rename_group", args=[group.code])
    assert "Saved Seniors." in shown(as_carol.post(url, {"name": "Seniors"}, follow=True))
    answer = as_carol.post(reverse("subjects:delete_group", args=[group.code]), follow=True)
    assert "The group Seniors is gone; its runners stay." in shown(answer)
    assert Subject.objects.filter(pk=runner.pk).exists()


def test_two_groups_cannot_have_one_name(as_carol, groups):
    answer = as_carol.post("/runners/groups/", {"name": "juniors"})
    assert answer.status_code == 422
    assert "There is a group called juniors already." in shown(answer)
    url = reverse("subjects:rename_group", args=[groups[1].code])
    assert "There is a group called Juniors already." in shown(as_carol.post(url, {"name": "Juniors"}, follow=True))
    groups[1].refresh_from_db()
    assert groups[1].name == "Marathon"


def test_an_aside_runner_says_so(as_bob, runner):
    runner.archived_at = timezone.now()
    runner.save()
    assert "not in the lists, nothing lost." in shown(as_bob.get(page(runner)))


@pytest.fixture
def filmed(order, organization):
    """Three runners: one filmed long ago, one lately, one never."""
    made = {}
    for name, filmed_at in (("Aa", "2026-01-05T09:00Z"), ("Bb", "2026-11-05T09:00Z"), ("Cc", None)):
        made[name] = Subject.objects.create(organization=organization, name=name, filmed_at=filmed_at)
    return made


def test_a_list_is_sorted_by_the_last_film(as_bob, filmed):
    text = shown(as_bob.get(RUNNERS, {"sort": "recent"}))
    assert text.index(">Bb<") < text.index(">Aa<") < text.index(">Cc<")
    assert 'aria-sort="descending"' in text
    text = shown(as_bob.get(RUNNERS, {"sort": "nonsense"}))
    assert text.index(">Aa<") < text.index(">Bb<") < text.index(">Cc<")


def test_an_order_says_when_the_runner_was_filmed_last(order, runner):
    analysis = order()
    runner.refresh_from_db()
    assert runner.filmed_at == analysis.ordered_at


def test_a_list_shows_the_way_of_the_score_and_what_is_to_do(as_bob, order, runner):
    for score, status in ((0.5, "succeeded"), (0.7, "succeeded"), (None, "failed"), (None, "running")):
        analysis = order()
        type(analysis).objects.filter(pk=analysis.pk).update(status=status, total_score=score)
    text = shown(as_bob.get(RUNNERS))
    assert "M0.0 10.0L64.0 6.0" in text
    assert "<strong>70</strong>" in text
    for said in ("2 new results", "1 failed", "Under way"):
        assert said in text


def test_a_line_of_scores_joins_one_view_alone(as_bob, order, runner):
    for score, view in ((0.5, "back_view"), (0.7, "side_view")):
        analysis = order()
        type(analysis).objects.filter(pk=analysis.pk).update(status="succeeded", total_score=score, view=view)
    text = shown(as_bob.get(RUNNERS))
    assert "<strong>70</strong>" in text
    assert 'class="spark"' not in text


def test_the_search_above_every_page_leads_to_the_only_runner_meant(as_bob, filmed, runner):
    answer = as_bob.get(RUNNERS, {"q": "bb", "go": "1"})
    assert answer["Location"] == page(filmed["Bb"])
    assert as_bob.get(RUNNERS, {"q": "zzz", "go": "1"}).status_code == 200
    assert as_bob.get(RUNNERS, {"q": "bb"}).status_code == 200


def test_a_character_no_database_takes_is_left_out_of_a_search(as_bob, filmed):
    # PostgreSQL refuses the whole question; SQLite reads no further.
    assert as_bob.get(RUNNERS, {"q": "\x00b\x00b", "go": "1"})["Location"] == page(filmed["Bb"])
    assert "\x00" not in str(Subject.objects.matching("\x00Runner").query)


@pytest.fixture
def meanwhile(monkeypatch):
    """Do something after the page has read the runner and before it writes."""

    def arrange(deed):
        read = SubjectForm.clean_birth_year
        monkeypatch.setattr(SubjectForm, "clean_birth_year", lambda form: (deed(), read(form))[1])

    return arrange


def test_what_was_decided_about_a_runner_meanwhile_stays(as_alice, runner, meanwhile):
    meanwhile(lambda: Subject.objects.filter(pk=runner.pk).update(local_only=True))
    as_alice.post(page(runner, "edit"), {"name": "Runner 02", "weight_kg": "64"})
    runner.refresh_from_db()
    assert (runner.name, runner.weight_kg, runner.local_only) == ("Runner 02", 64, True)


def test_a_runner_who_was_erased_meanwhile_does_not_come_back(as_alice, runner, meanwhile):
    meanwhile(lambda: Subject.objects.filter(pk=runner.pk).delete())
    assert as_alice.post(page(runner, "edit"), {"name": "Runner 02"}).status_code == 404
    assert not Subject.objects.exists()
