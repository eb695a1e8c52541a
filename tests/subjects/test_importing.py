"""What becomes of each line of a list, what an import writes, and what undoing it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.record import verify
from subjects import imports
from subjects.imports import Fate
from subjects.models import Group, ImportedRunner, Note, RunnerImport, Site, Subject

HEADINGS = "Name,E-mail,Year of birth,Height (m),Sex"


@pytest.fixture
def take_in(organization, alice):
    """Take in a list of these lines below the headings."""

    def take(*lines, headings=HEADINGS, name="runners.csv"):
        data = "\n".join([headings, *lines]).encode()
        return imports.begin_import(organization=organization, file_name=name, data=data, by=alice)

    return take


@pytest.fixture
def judged(take_in):
    return lambda *lines: imports.lines_of(take_in(*lines), among=Subject.objects.all()).lines


@pytest.fixture
def carry_out(take_in, alice):
    def carry(*lines, **kind):
        run = take_in(*lines, **kind)
        return imports.carry_out(run=run, among=Subject.objects.all(), by=alice)

    return carry


@pytest.fixture
def jane(organization):
    return Subject.objects.create(
        organization=organization, name="Jané Doe", email="jane@example.com", birth_year=1990, height_m=1.7
    )


def test_nothing_is_written_before_the_import(take_in, judged):
    line = judged("Jane Doe,jane@example.com,1990,1.72,f")[0]
    assert (line.number, line.fate) == (2, Fate.NEW)
    assert line.values == {
        "name": "Jane Doe",
        "email": "jane@example.com",
        "birth_year": 1990,
        "height_m": 1.72,
        "sex": "female",
    }
    assert not Subject.objects.exists()


def test_the_waiting_file_cannot_be_read_in_the_database(take_in):
    assert "Jane" not in take_in("Jane Doe,,,,").sealed_text


@pytest.mark.parametrize(
    ("line", "fate", "before"),
    [
        ("jane doe,,,,", Fate.SAME, {}),
        ('"Doe, Jane",JANE@example.com,1990,1.70,', Fate.SAME, {}),
        ("Jane Doe,,1990,1.72,f", Fate.CHANGES, {"height_m": 1.7, "sex": ""}),
        ("Jane Doe,new@example.com,1990,,", Fate.CHANGES, {"email": "jane@example.com"}),
        ("Jane Doe,jane@example.com,1991,,", Fate.CHANGES, {"birth_year": 1990}),
        ("Jane Doe,,2001,,", Fate.NEW, {}),
        ("Jane Doe,else@example.com,2001,,", Fate.NEW, {}),
        ("Janet Doe,jane@example.com,1990,,", Fate.NEW, {}),
    ],
)
def test_a_runner_is_known_by_name_year_and_address(judged, jane, line, fate, before):
    found = judged(line)[0]
    assert (found.fate, found.before) == (fate, before)
    assert found.subject == (jane.pk if fate in (Fate.SAME, Fate.CHANGES) else None)


def test_the_spelling_here_stays(carry_out, jane):
    carry_out("JANE DOE,,1990,1.75,")
    jane.refresh_from_db()
    assert (jane.name, jane.height_m) == ("Jané Doe", 1.75)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (",jane@example.com,,,", "This line has no name."),
        ("Jane Doe,else@example.com,,,", "A runner here has this name and another e-mail. Add the year of birth."),
        ("John Roe,,,172,", "Did you mean 1.72 m?"),
    ],
)
def test_a_line_that_cannot_be_taken_in_says_why(judged, jane, line, sentence):
    found = judged(line)[0]
    assert (found.fate, found.sentences) == (Fate.WRONG, [sentence])


def test_two_runners_of_one_name_are_not_guessed_between(judged, organization):
    for year in (1980, 1990):
        Subject.objects.create(organization=organization, name="Jane Doe", birth_year=year)
    unclear, clear = judged("Jane Doe,,,,", "Jane Doe,,1980,1.72,")
    assert unclear.sentences == ["Several runners here have this name. Add the year of birth or the e-mail."]
    assert (clear.fate, clear.before) == (Fate.CHANGES, {"height_m": None})


def test_a_runner_who_stands_twice_in_the_file_is_taken_once(judged):
    lines = judged("Jane Doe,jane@example.com,1990,,", '"Doe, Jane",,1990,1.80,', "Jane Doe,,1985,,")
    assert [line.fate for line in lines] == [Fate.NEW, Fate.TWICE, Fate.NEW]
    assert lines[1].sentences == ["The same runner as in line 2."]


def test_an_import_writes_what_the_preview_said(carry_out, jane, organization):
    run = carry_out("Jane Doe,,1990,1.72,", "John Roe,john@example.com,,1.80,m", ",,,,f", "Jane Doe,,,,")
    assert run.status == RunnerImport.Status.DONE
    assert run.counts == {"new": 1, "changes": 1, "same": 0, "joins": 0, "twice": 1, "wrong": 1}
    john = Subject.objects.get(name="John Roe")
    assert (john.organization, john.email, john.height_m, john.sex) == (organization, "john@example.com", 1.8, "male")
    jane.refresh_from_db()
    assert jane.height_m == 1.72


def test_the_file_is_forgotten_with_the_import(carry_out):
    run = carry_out("Jane Doe,,,,")
    assert run.sealed_text == ""
    with pytest.raises(imports.TooLate):
        imports.table_of(run)


def test_new_runners_go_into_the_group_that_was_chosen(take_in, organization, alice):
    group = Group.objects.create(organization=organization, name="Juniors")
    run = take_in("Jane Doe,,,,")
    imports.set_columns(run=run, meanings=run.columns, has_headings=True, group=group)
    run.refresh_from_db()
    imports.carry_out(run=run, among=Subject.objects.all(), by=alice)
    assert [one.name for one in group.subjects.all()] == ["Jane Doe"]


def test_an_import_pressed_twice_writes_once(take_in, alice):
    run = take_in("Jane Doe,,,,")
    again = RunnerImport.objects.get(pk=run.pk)
    imports.carry_out(run=run, among=Subject.objects.all(), by=alice)
    with pytest.raises(imports.TooLate):
        imports.carry_out(run=again, among=Subject.objects.all(), by=alice)
    assert Subject.objects.count() == 1


def test_what_another_import_wrote_meanwhile_is_recognised(take_in, alice):
    first, second = take_in("Jane Doe,,1990,,"), take_in("Jane Doe,,1990,,")
    imports.carry_out(run=first, among=Subject.objects.all(), by=alice)
    run = imports.carry_out(run=second, among=Subject.objects.all(), by=alice)
    assert run.counts["same"] == 1
    assert Subject.objects.count() == 1


def test_each_runner_s_record_says_that_an_import_touched_them(carry_out, jane, organization, alice):
    carry_out("Jane Doe,,1990,1.72,m", "John Roe,,,,")
    john = Subject.objects.get(name="John Roe")
    said = {
        name: AuditEntry.objects.of_runner(subject.code).values_list("about", "by").get()
        for name, subject in (("jane", jane), ("john", john))
    }
    assert said == {"jane": ("sex, height_m", alice.pk), "john": ("imported", alice.pk)}
    assert verify(organization).faults == []


@pytest.mark.parametrize("count", [10, 60])
def test_the_number_of_queries_does_not_grow_with_the_list(take_in, alice, django_assert_max_num_queries, count):
    run = take_in(*(f"Runner {number},r{number}@example.com,1990,1.72,f" for number in range(count)))
    with django_assert_max_num_queries(20):
        imports.carry_out(run=run, among=Subject.objects.all(), by=alice)
    with django_assert_max_num_queries(60):
        imports.undo(run=run, by=alice)
    assert not Subject.objects.exists()


def test_an_undo_gives_back_what_was_there(carry_out, jane, alice):
    run = carry_out("Jane Doe,,1990,1.72,f", "John Roe,,,,")
    run = imports.undo(run=run, by=alice)
    assert (run.status, run.counts["removed"], run.counts["restored"], run.counts["stayed"]) == ("undone", 1, 1, 0)
    jane.refresh_from_db()
    assert (jane.height_m, jane.sex) == (1.7, "")
    assert list(Subject.objects.all()) == [jane]
    assert not ImportedRunner.objects.exists()


def test_an_undo_leaves_who_has_something_attached_or_was_changed_since(carry_out, jane, alice, clip):
    run = carry_out(
        "Jane Doe,,1990,1.72,",
        "Filmed One,,,,",
        "Noted One,,,,",
        "Edited One,,,1.80,",
        "Filled One,,,,",
        "Gone One,,,,",
    )
    clip.subject = Subject.objects.get(name="Filmed One")
    clip.save()
    noted = Subject.objects.get(name="Noted One")
    Note.objects.create(organization=noted.organization, subject=noted, by=alice, text="Tired")
    Subject.objects.filter(name="Edited One").update(height_m=1.81)
    Subject.objects.filter(name="Filled One").update(notes="Runs on the left side of the road")
    Subject.objects.filter(pk=jane.pk).update(height_m=1.74)
    run = imports.undo(run=run, by=alice)
    assert (run.counts["removed"], run.counts["restored"], run.counts["stayed"]) == (1, 0, 5)
    stayed = {one.subject.name: one.get_stayed_display() for one in run.runners.all()}
    assert stayed == {
        "Filmed One": "has films, notes or results",
        "Noted One": "has films, notes or results",
        "Edited One": "was changed since",
        "Filled One": "was changed since",
        "Jané Doe": "was changed since",
    }
    jane.refresh_from_db()
    assert jane.height_m == 1.74


def test_after_a_week_an_import_stays(carry_out, alice):
    run = carry_out("Jane Doe,,,,")
    RunnerImport.objects.filter(pk=run.pk).update(imported_at=timezone.now() - timedelta(days=7, seconds=1))
    with pytest.raises(imports.TooLate):
        imports.undo(run=run, by=alice)
    assert Subject.objects.count() == 1


def test_an_import_is_undone_once(carry_out, alice):
    run = imports.undo(run=carry_out("Jane Doe,,,,"), by=alice)
    with pytest.raises(imports.TooLate):
        imports.undo(run=run, by=alice)


def test_files_nobody_imports_and_what_only_serves_an_undo_are_forgotten(take_in, carry_out):
    old, new, done = take_in("A,,,,"), take_in("B,,,,"), carry_out("Jane Doe,,,,")
    now = timezone.now()
    RunnerImport.objects.filter(pk=old.pk).update(at=now - timedelta(hours=2, seconds=1))
    RunnerImport.objects.filter(pk=done.pk).update(imported_at=now - timedelta(days=7, seconds=1))
    assert imports.forget_imports(now=now) == 2
    assert set(RunnerImport.objects.all()) == {new, done}
    assert not ImportedRunner.objects.exists()
    assert Subject.objects.filter(name="Jane Doe").exists()


# ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def carry_groups(take_in, alice):
    """Import lines of a name and its groups, as somebody who sees all groups and may make more."""

    def carry(*lines):
        run = take_in(*lines, headings="Name;Group")
        return imports.carry_out(
            run=run, among=Subject.objects.all(), groups=Group.objects.all(), makes_groups=True, by=alice
        )

    return carry


@pytest.fixture
def sprint(organization):
    return Group.objects.create(organization=organization, name="Sprint")


def groups_of(name: str) -> list[str]:
    return list(Subject.objects.get(name=name).groups.values_list("name", flat=True))


def test_a_runner_goes_into_the_group_of_that_name(carry_groups, sprint):
    run = carry_groups("Jane Doe;sprint ", "Ada Long;")
    assert (groups_of("Jane Doe"), groups_of("Ada Long")) == (["Sprint"], [])
    assert Group.objects.count() == 1
    assert run.made_groups == {}


def test_several_groups_stand_in_one_cell(carry_groups, organization, sprint):
    Group.objects.create(organization=organization, name="Tuesday, late")
    carry_groups('Jane Doe;"Sprint, Masters | U16/U18"', "Ada Long;Tuesday, late")
    assert groups_of("Jane Doe") == ["Masters", "Sprint", "U16/U18"]
    assert groups_of("Ada Long") == ["Tuesday, late"]


def test_a_group_that_is_not_there_is_made_once_and_on_record(carry_groups, alice):
    run = carry_groups("Jane Doe;Masters", "Ada Long;MASTERS", "Eve Short;Masters")
    assert list(run.made_groups.values()) == ["Masters"]
    assert Group.objects.get().subjects.count() == 3
    assert AuditEntry.objects.filter(action="groups_changed").get().about == "Masters"


def test_a_line_that_is_left_out_makes_no_group(take_in, sprint):
    run = take_in("Jane Doe;Sprint;1990", "Ada Long;Masters;soon", headings="Name;Group;Year of birth")
    judged = imports.lines_of(run, among=Subject.objects.all(), groups=[sprint], makes_groups=True)
    assert [line.fate for line in judged.lines] == [Fate.NEW, Fate.WRONG]
    assert judged.new_groups == []


def test_a_runner_there_is_joins_and_leaves_none(carry_groups, organization, jane, sprint):
    other = Group.objects.create(organization=organization, name="Masters")
    jane.groups.add(other)
    run = carry_groups("Jané Doe;Sprint")
    assert groups_of("Jané Doe") == ["Masters", "Sprint"]
    assert run.counts["changes"] == 1
    again = carry_groups("Jané Doe;Sprint; ")
    assert again.counts["same"] == 1


def test_a_line_for_each_group_of_a_runner_puts_them_into_all(carry_groups, alice, organization, jane, sprint):
    run = carry_groups("Ada Long;Sprint", "Jané Doe;", "ADA LONG;Masters", "Ada Long;masters", "Jané Doe;Sprint")
    assert run.counts == {"new": 1, "changes": 1, "same": 0, "joins": 2, "twice": 1, "wrong": 0}
    assert (groups_of("Ada Long"), groups_of("Jané Doe")) == (["Masters", "Sprint"], ["Sprint"])
    assert {one.groups[0] for one in ImportedRunner.objects.filter(subject=jane)} == {sprint.pk}
    imports.undo(run=run, by=alice)
    assert list(Subject.objects.values_list("name", flat=True)) == ["Jané Doe"]
    assert groups_of("Jané Doe") == []
    assert list(Group.objects.values_list("name", flat=True)) == ["Sprint"]


def test_who_is_only_like_a_runner_before_joins_no_group_of_theirs(take_in, sprint):
    headings = "Name;Year of birth;E-mail;Group"
    lines = ("Karl Huber;1980;;Sprint", "Karl Huber;;;U16", "Karl Huber;1980;k@example.com;U16", "karl huber;1980;;U16")
    run = take_in(*lines, headings=headings)
    judged = imports.lines_of(run, among=Subject.objects.all(), groups=[sprint], makes_groups=True)
    assert [line.fate for line in judged.lines] == [Fate.NEW, Fate.TWICE, Fate.TWICE, Fate.JOINS]
    assert judged.lines[0].joins == ["sprint", "u16"]
    assert judged.lines[3].sentences == ["The same runner as in line 2: only the group is added."]


def test_an_undo_takes_back_who_joined_and_the_groups_it_made(carry_groups, alice, jane, sprint):
    run = carry_groups("Jané Doe;Sprint", "Jané Doe the younger;Masters")
    imports.undo(run=run, by=alice)
    assert list(Group.objects.values_list("name", flat=True)) == ["Sprint"]
    assert groups_of("Jané Doe") == []
    assert Subject.objects.count() == 1
    run.refresh_from_db()
    assert run.counts["groups_removed"] == 1


@pytest.mark.parametrize("use", ["runner", "coach", "name", "place"])
def test_an_undo_leaves_a_group_that_somebody_uses(carry_groups, alice, organization, jane, use):
    run = carry_groups("Ada Long;Masters")
    group = Group.objects.get()
    if use == "runner":
        group.subjects.add(jane)
    elif use == "coach":
        group.members.add(alice.memberships.get())
    elif use == "name":
        Group.objects.update(name="Veterans")
    else:
        Group.objects.update(site=Site.objects.create(organization=organization, name="Track"))
    imports.undo(run=run, by=alice)
    assert Group.objects.filter(pk=group.pk).exists()
    assert not Subject.objects.filter(name="Ada Long").exists()


def test_whoever_may_make_none_is_told_about_a_group_that_is_not_theirs(take_in, sprint):
    run = take_in("Jane Doe;Sprint", "Ada Long;Masters", headings="Name;Group")
    judged = imports.lines_of(run, among=Subject.objects.all(), groups=[sprint])
    assert judged.lines[0].fate == Fate.NEW
    assert judged.lines[1].sentences == [
        "“Masters” is not one of your groups. Choose another one, or ask an admin to add you to it."
    ]


def test_a_name_too_long_for_a_group_is_said(take_in):
    run = take_in(f"Jane Doe;{'x' * 81}", headings="Name;Group")
    judged = imports.lines_of(run, among=Subject.objects.all(), makes_groups=True)
    assert judged.lines[0].sentences == ["A group’s name has 80 characters at most."]
