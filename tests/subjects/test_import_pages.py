"""A list of runners through the pages: chosen, looked at, imported, undone; and what each member may see of it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Membership, Organization
from subjects.models import Group, RunnerImport, Subject
from tests.reading import in_one_line

IMPORTS = "/runners/import/"
LIST = "Name;E-Mail;Jahrgang;Größe (cm)\nJörg Müller;joerg@example.com;1990;182\nÄnne Groß;;1985;1,68\n;;;\n"


def choose(client, text=LIST, encoding="cp1252", name="runners.csv"):
    return client.post(IMPORTS, {"file": SimpleUploadedFile(name, text.encode(encoding))})


def page(deed="import") -> str:
    return reverse(f"subjects:{deed}", args=[RunnerImport.objects.get().code])


@pytest.fixture
def chosen(as_carol):
    assert choose(as_carol).status_code == 302
    return RunnerImport.objects.get()


def test_the_list_of_runners_leads_to_the_import(as_carol, as_bob):
    assert IMPORTS in in_one_line(as_carol.get("/runners/"))
    assert IMPORTS not in in_one_line(as_bob.get("/runners/"))


def test_a_list_goes_from_the_file_to_the_runners_and_back(as_carol, organization):
    answer = as_carol.post(IMPORTS, {"file": SimpleUploadedFile("runners.csv", LIST.encode("utf-16"))}, follow=True)
    text = in_one_line(answer)
    assert "Jörg Müller" in text
    assert "1.82 m" in text
    assert "Did you mean 1.68 m?" in text
    assert "Import 1 runner</button>" in text
    assert not Subject.objects.exists()

    text = in_one_line(as_carol.post(page("carry_out_import"), follow=True))
    assert "1 runner imported." in text
    made = Subject.objects.get()
    assert (made.name, made.organization, made.height_m, made.birth_year) == ("Jörg Müller", organization, 1.82, 1990)

    text = in_one_line(as_carol.post(page("undo_import"), follow=True))
    assert "The import is undone." in text
    assert not Subject.objects.exists()
    assert "This import can no longer be undone." in in_one_line(as_carol.post(page("undo_import"), follow=True))


def test_columns_can_be_given_another_meaning(as_carol, chosen):
    choice = {
        "has_headings": "on",
        "column_0": "name",
        "column_1": "email",
        "column_2": "birth",
        "column_3": "height_m",
    }
    text = in_one_line(as_carol.post(page(), choice, follow=True))
    assert "Did you mean 1.82 m?" in text
    assert "1.68 m" in text


def test_two_columns_of_one_meaning_say_so(as_carol, chosen):
    answer = as_carol.post(page(), {"column_0": "name", "column_1": "name"})
    assert answer.status_code == 422
    assert "Two columns mean “Name”. Choose one of them." in in_one_line(answer)
    assert RunnerImport.objects.get().columns == chosen.columns


def test_a_meaning_there_is_not_changes_nothing(as_carol, chosen):
    assert as_carol.post(page(), {"column_0": "walk"}).status_code == 422
    assert RunnerImport.objects.get().columns == chosen.columns


def test_without_a_name_nothing_is_imported(as_carol, chosen):
    answer = as_carol.post(page(), {"column_2": "birth"}, follow=True)
    assert "Say above which column holds the name." in in_one_line(answer)
    assert "Say which column holds the name." in in_one_line(as_carol.post(page("carry_out_import"), follow=True))
    assert not Subject.objects.exists()


def test_the_lines_of_one_fate_are_shown_alone(as_carol, chosen):
    assert "Änne Groß" not in in_one_line(as_carol.get(page(), {"show": "new"})).partition('id="lines"')[2]
    assert "Jörg Müller" not in in_one_line(as_carol.get(page(), {"show": "wrong"})).partition('id="lines"')[2]
    assert "No line of this kind." in in_one_line(as_carol.get(page(), {"show": "twice"}))


def test_what_will_change_is_shown_before_and_after(as_carol, organization):
    Subject.objects.create(organization=organization, name="Joerg Mueller", height_m=1.8, birth_year=1990)
    choose(as_carol)
    assert "Height: 1.80 m → <strong>1.82 m</strong>" in in_one_line(as_carol.get(page()))


def test_without_a_column_of_names_there_are_no_lines_to_leave_out(as_carol, chosen):
    RunnerImport.objects.filter(pk=chosen.pk).update(columns=["", "email", "", ""])
    assert as_carol.get(page("left_out_of_import")).status_code == 404


def test_lines_left_out_can_be_put_right_elsewhere_and_hold_no_formula(as_carol):
    choose(as_carol, "Name,Height (m)\nA B,9\n=1+1,9\nC D,1.72\n", "utf-8")
    answer = as_carol.get(page("left_out_of_import"))
    assert answer["Content-Disposition"] == 'attachment; filename="left-out.csv"'
    assert b"".join(answer.streaming_content).decode("utf-8-sig").splitlines() == [
        "Name,Height (m),Why",
        "A B,9,A height is between 0.5 and 2.5 metres.",
        "'=1+1,9,A height is between 0.5 and 2.5 metres.",
    ]
    as_carol.post(page("carry_out_import"))
    assert as_carol.get(page("left_out_of_import")).status_code == 404


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty. Choose another one."),
        (b"a" * 5_000_001, "The file is larger than 5 MB. Split it and import the parts."),
        (b"PK\x03\x04", "This is a workbook. Save the sheet as CSV and choose that file."),
    ],
)
def test_a_file_that_is_no_list_says_what_to_do(as_carol, data, sentence):
    answer = as_carol.post(IMPORTS, {"file": SimpleUploadedFile("runners.csv", data)})
    assert answer.status_code == 422
    assert sentence in in_one_line(answer)
    assert not RunnerImport.objects.exists()


def test_no_file_says_so(as_carol):
    assert "Choose a file first." in in_one_line(as_carol.post(IMPORTS))


def test_a_list_can_be_forgotten(as_carol, chosen):
    text = in_one_line(as_carol.post(page("discard_import"), follow=True))
    assert "The list is forgotten. Nothing was imported." in text
    assert not RunnerImport.objects.exists()


def test_pressing_import_again_says_that_it_was_done(as_carol, chosen):
    as_carol.post(page("carry_out_import"))
    assert "This list was imported before." in in_one_line(as_carol.post(page("carry_out_import"), follow=True))
    assert Subject.objects.count() == 1


def test_a_list_names_people_and_is_for_its_coach_and_admins(chosen, as_alice, organization, client, django_user_model):
    other = django_user_model.objects.create_user("other@example.com", "a long password", name="Other")
    Membership.objects.create(organization=organization, user=other, role=Membership.Role.COACH)
    client.force_login(other)
    assert client.get(page()).status_code == 404
    assert client.post(page("carry_out_import")).status_code == 404
    assert "runners.csv" not in in_one_line(client.get(IMPORTS))
    assert as_alice.get(page()).status_code == 200
    assert "runners.csv" in in_one_line(as_alice.get(IMPORTS))


class TestACoachWhoSeesOnlyTheirGroups:
    """Recognises and makes runners within their groups alone."""

    @pytest.fixture(autouse=True)
    def _kept_to_groups(self, organization, carol):
        Organization.objects.filter(pk=organization.pk).update(coaches_see_groups=True)
        self.group = Group.objects.create(organization=organization, name="Juniors")
        self.group.members.add(carol.memberships.get())

    def test_a_group_is_needed_and_chosen_by_itself_when_it_is_the_only_one(self, as_carol, chosen):
        assert "Choose a group." not in in_one_line(as_carol.get(page()))
        as_carol.post(page("carry_out_import"))
        assert [one.name for one in self.group.subjects.all()] == ["Jörg Müller"]

    def test_nobody_outside_is_recognised_or_named(self, as_carol, organization):
        Subject.objects.create(organization=organization, name="Jörg Müller", birth_year=1990, height_m=1.5)
        choose(as_carol)
        text = in_one_line(as_carol.get(page()))
        assert "1.50 m" not in text
        as_carol.post(page("carry_out_import"))
        assert Subject.objects.filter(name="Jörg Müller").count() == 2


def test_a_preview_of_many_lines_is_paged_and_asks_the_database_little(as_carol, django_assert_max_num_queries):
    lines = "\n".join(f"Runner {number},r{number}@example.com" for number in range(120))
    choose(as_carol, f"Name,E-mail\n{lines}\n")
    with django_assert_max_num_queries(20):
        text = in_one_line(as_carol.get(page(), {"page": 3}))
    assert "101–120 of 120" in text
    assert "Import 120 runners" in text


def test_new_groups_are_proposed_and_made_with_the_import(as_carol, organization):
    Group.objects.create(organization=organization, name="Sprint")
    choose(as_carol, "Name;Gruppe\nJörg Müller;Sprint\nÄnne Groß;Masters\n")
    text = in_one_line(as_carol.get(page()))
    assert "The import makes this group: Masters." in text
    assert list(Group.objects.values_list("name", flat=True)) == ["Sprint"]
    as_carol.post(page("carry_out_import"))
    assert Subject.objects.get(name="Änne Groß").groups.get().name == "Masters"
    assert "<dt>Groups</dt><dd>Masters</dd>" in in_one_line(as_carol.get(page()))
    as_carol.post(page("undo_import"))
    assert list(Group.objects.values_list("name", flat=True)) == ["Sprint"]


def test_a_second_line_of_a_runner_is_shown_as_the_group_it_adds(as_carol):
    choose(as_carol, "Name;Gruppe\nÄnne Groß;Masters\nÄnne Groß;Sprint\nÄnne Groß;Sprint\n")
    text = in_one_line(as_carol.get(page()))
    assert "The import makes these groups: Masters, Sprint." in text
    assert 'Another group <span class="count">1</span>' in text
    assert "The same runner as in line 2: only the group is added." in text
    assert "Import 1 runner" in text
    alone = in_one_line(as_carol.get(page(), {"show": "joins"}))
    assert alone.count("Änne Groß</th>") == 1
    left_out = b"".join(as_carol.get(page("left_out_of_import")).streaming_content).decode("utf-8-sig")
    assert left_out.splitlines() == ["Name,Gruppe,Why", "Änne Groß,Sprint,The same runner as in line 2."]
    as_carol.post(page("carry_out_import"))
    assert Subject.objects.get().groups.count() == 2
    assert "<dt>Left out</dt><dd>1</dd>" in in_one_line(as_carol.get(page()))


def test_a_coach_of_groups_imports_into_theirs_and_makes_none(as_carol, carol, organization):
    Organization.objects.update(coaches_see_groups=True)
    mine = Group.objects.create(organization=organization, name="Sprint")
    mine.members.add(Membership.objects.get(user=carol))
    Group.objects.create(organization=organization, name="Masters")
    choose(as_carol, "Name;Group\nJane Doe;Sprint\nAda Long;Masters\nEve Short;Veterans\n")
    text = in_one_line(as_carol.get(page()))
    # Whether there is such a group elsewhere is none of their business: one sentence for both.
    for name in ("Masters", "Veterans"):
        assert f"“{name}” is not one of your groups. Choose another one, or ask an admin to add you to it." in text
    assert "The import makes" not in text
    as_carol.post(page("carry_out_import"))
    assert list(mine.subjects.values_list("name", flat=True)) == ["Jane Doe"]
    assert Subject.objects.count() == 1
    assert Group.objects.count() == 2
