"""Several films at once: each row matched, judged and ordered by itself."""

from __future__ import annotations

import pytest

from accounts.models import Organization
from analyses.models import Analysis, ProviderAccount, ServiceChoice
from clips.models import Clip
from credits import ledger
from credits.models import Budget
from subjects.models import Group, Subject
from tests.reading import in_one_line

PAGE, ROW, ORDER = "/upload/several/", "/upload/several/film/", "/upload/several/order/"


@pytest.fixture
def mara(organization):
    return Subject.objects.create(organization=organization, name="Mara Lindqvist", email="mara@example.com")


@pytest.fixture
def named(clip):
    """Give the film another name, and other facts."""

    def name(file_name, **facts):
        Clip.objects.filter(pk=clip.pk).update(original_name=file_name, **facts)
        clip.refresh_from_db()
        return clip

    return name


def row(client, clip, **chosen):
    return client.get(ROW, {"clip": str(clip.code), **chosen})


def send(client, clip, subject, **changes):
    answer = {"view": "side_view", "treadmill": "1", "pace": "6:00", "runner": str(subject.code)}
    return client.post(ORDER, {"clip": str(clip.code), **answer, **changes})


def test_the_page_is_for_those_who_may_order(as_carol, as_bob):
    assert "Several films" in in_one_line(as_carol.get(PAGE))
    assert as_bob.get(PAGE).status_code == 403


def test_before_the_first_film_the_page_says_what_will_be(as_carol):
    assert b"Up to 50 films at once: each is looked at as it comes" in as_carol.get(PAGE).content


def test_the_prices_of_fifty_films_are_told_from_one_look_at_the_ledger(
    as_carol, carol, organization, django_assert_max_num_queries
):
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    ledger.give(organization=organization, amount=20, reason="start", by=carol)
    Budget.objects.create(organization=organization, member=carol.memberships.get(), limit=9)
    as_carol.get(PAGE)
    with django_assert_max_num_queries(15):
        text = in_one_line(as_carol.get(PAGE))
    assert "Built-in engine, no credit." in text
    assert "Uses 50 credits, 20 left. Of your 9 a month 9 are left." in text


def test_a_film_s_name_finds_its_runner_and_how_it_was_filmed(as_carol, mara, runner, named):
    text = in_one_line(row(as_carol, named("lindqvist_mara_side_treadmill.mp4")))
    assert "<strong>Mara Lindqvist</strong>" in text
    assert '<option value="side_view" selected>' in text
    assert '<option value="1" selected>Treadmill' in text
    assert "Type the pace of the belt: 5:30, or 10.9 km/h." in text
    assert 'data-ready="0"' in text


def test_a_part_of_a_name_is_offered_first_and_not_taken(as_carol, mara, runner, named):
    text = in_one_line(row(as_carol, named("mara.mp4")))
    assert "Whose film is it?" in text
    assert "Choose the runner." in text
    assert text.index("Mara Lindqvist") < text.index("Runner 01")


def test_what_nobody_can_tell_is_asked_for(as_carol, runner, named):
    text = in_one_line(row(as_carol, named("IMG_0007.mp4")))
    for sentence in ("Choose the runner.", "Choose where it was filmed from.", "Choose the surface."):
        assert sentence in text
    assert "Upright" not in text


def test_the_runner_s_last_film_fills_in_the_rest(as_carol, mara, named, order):
    order(subject=mara)
    Analysis.objects.update(status="failed")
    text = in_one_line(row(as_carol, named("mara lindqvist.mp4")))
    assert 'value="6:00"' in text
    assert 'data-ready="1"' in text


def test_what_a_person_chose_goes_before_any_guess(as_carol, mara, runner, named):
    chosen = {"runner": str(runner.code), "view": "back_view", "treadmill": "0"}
    text = in_one_line(row(as_carol, named("mara lindqvist side treadmill.mp4"), **chosen))
    assert "<strong>Runner 01</strong>" in text
    assert '<option value="back_view" selected>' in text
    assert 'data-ready="1"' in text


def test_a_row_is_ordered_like_any_film(as_carol, mara, clip, engine_account):
    text = in_one_line(send(as_carol, clip, mara))
    analysis = Analysis.objects.get()
    assert f"/analyses/{analysis.code}/" in text
    assert "Ordered: follow it" in text
    assert (analysis.subject, analysis.view, analysis.treadmill, analysis.pace_s_per_km) == (
        mara,
        "side_view",
        True,
        360,
    )


def test_a_new_runner_can_be_made_in_a_row(as_carol, clip, engine_account, organization):
    chosen = {"runner": "new", "new_name": "Ines Prado", "view": "back_view", "treadmill": "0"}
    assert "New runner: Ines Prado" in in_one_line(row(as_carol, clip, **chosen))
    as_carol.post(ORDER, {"clip": str(clip.code), **chosen})
    assert Analysis.objects.get().subject.name == "Ines Prado"


def test_pressed_twice_it_is_ordered_once(as_carol, mara, clip, engine_account):
    send(as_carol, clip, mara)
    send(as_carol, clip, mara)
    assert Analysis.objects.count() == 1
    assert "Ordered: follow it" in in_one_line(row(as_carol, clip))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pace": ""}, "Type the pace of the belt: 5:30, or 10.9 km/h."),
        ({"pace": "fast"}, "Write the pace as 5:30, or the speed as 10.9 km/h."),
        ({"runner": ""}, "Choose a runner, or type a new name."),
        (
            {"treadmill": "0"},
            "The film is upright; a side view over ground needs a landscape one. "
            "It can be measured all the same, less precisely; better film again.",
        ),
    ],
)
def test_a_row_that_is_refused_says_why_and_stays(as_carol, mara, clip, engine_account, changes, sentence):
    answer = send(as_carol, clip, mara, **changes)
    assert answer.status_code == 422
    assert sentence in in_one_line(answer)
    assert 'name="view"' in in_one_line(answer)
    assert not Analysis.objects.exists()


def test_a_warning_that_was_accepted_lets_the_film_through(as_carol, mara, clip, engine_account):
    assert "Measure it all the same" in in_one_line(
        row(as_carol, clip, runner=str(mara.code), view="side_view", treadmill="0")
    )
    assert send(as_carol, clip, mara, treadmill="0", accepted=str(clip.code)).status_code == 200


def test_a_film_that_cannot_be_measured_is_not_offered_for_order(as_carol, mara, named, engine_account):
    text = in_one_line(row(as_carol, named("mara lindqvist.mp4", fps=24), view="back_view", treadmill="0"))
    assert "The film has 24 frames a second; 30 is the least that can be measured." in text
    assert 'data-ready="0"' in text


class TestWithAServiceThatCosts:
    """Each row books its own price; what is left decides how many go."""

    @pytest.fixture(autouse=True)
    def _outside(self, organization, alice):
        ProviderAccount.objects.create(organization=organization, kind="ochy")
        ledger.give(organization=organization, amount=1, reason="Start", by=alice)

    def test_a_row_says_its_price_and_the_page_the_sum(self, as_carol, mara, clip):
        chosen = {"runner": str(mara.code), "view": "back_view", "treadmill": "0"}
        assert 'data-price="1"' in in_one_line(row(as_carol, clip, **chosen))
        text = as_carol.get(PAGE).content.decode()
        assert "Order 12 analyses" in text
        assert "Uses 12 credits, 1 left." in text

    def test_without_a_credit_a_row_says_so_and_nothing_is_written(self, as_carol, mara, clip):
        other = Clip.objects.get(pk=clip.pk)
        other.pk, other.code, other.folder = None, "12345678-1234-4234-8234-123456789012", "other/folder"
        other.save()
        assert send(as_carol, clip, mara).status_code == 200
        answer = send(as_carol, other, mara)
        assert answer.status_code == 422
        assert "credit" in in_one_line(answer)
        assert Analysis.objects.count() == 1

    def test_a_group_s_used_up_budget_is_told_before_and_not_twice_after(self, as_carol, mara, clip, organization):
        group = Group.objects.create(organization=organization, name="Juniors")
        group.subjects.add(mara)
        Budget.objects.create(organization=organization, group=group, limit=0)
        sentence = "of the 0 a month for “Juniors” 0 are left."
        chosen = {"runner": str(mara.code), "view": "back_view", "treadmill": "0"}
        assert sentence in in_one_line(row(as_carol, clip, **chosen))
        assert in_one_line(send(as_carol, clip, mara)).count(sentence) == 1

    def test_a_runner_who_stays_in_the_house_costs_nothing(self, as_carol, mara, clip):
        Subject.objects.filter(pk=mara.pk).update(local_only=True)
        chosen = {"runner": str(mara.code), "view": "back_view", "treadmill": "0"}
        assert 'data-price="0"' in in_one_line(row(as_carol, clip, **chosen))

    def test_without_a_consent_the_row_says_why(self, as_carol, mara, clip, organization):
        Organization.objects.filter(pk=organization.pk).update(consent_for=Organization.ConsentFor.EVERYTHING)
        chosen = {"runner": str(mara.code), "view": "back_view", "treadmill": "0"}
        text = in_one_line(row(as_carol, clip, **chosen))
        assert "Mara Lindqvist has not agreed" in text
        assert 'data-ready="0"' in text


def test_a_film_that_is_gone_or_a_stranger_s_has_no_row(as_carol, as_charlie, clip, mara, engine_account):
    assert row(as_charlie, clip).status_code == 404
    assert send(as_charlie, clip, mara).status_code == 404
    assert as_carol.get(ROW, {"clip": "nonsense"}).status_code == 404
    clip.delete()
    assert row(as_carol, clip).status_code == 404


def test_a_coach_kept_to_groups_is_offered_nobody_else(as_carol, carol, mara, runner, named, organization):
    Organization.objects.filter(pk=organization.pk).update(coaches_see_groups=True)
    group = Group.objects.create(organization=organization, name="Juniors")
    group.members.add(carol.memberships.get())
    group.subjects.add(runner)
    text = in_one_line(row(as_carol, named("mara lindqvist.mp4", uploaded_by=carol)))
    assert "Mara" not in text
    assert "Runner 01" in text


def test_ten_thousand_runners_cost_no_more_queries(as_carol, named, organization, django_assert_max_num_queries):
    Subject.objects.bulk_create(Subject(organization=organization, name=f"Runner {n:05}") for n in range(300))
    clip = named("runner 00123.mp4")
    with django_assert_max_num_queries(25):
        assert "<strong>Runner 00123</strong>" in in_one_line(row(as_carol, clip))


# ── sizes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sizes_nobody_knows_are_asked_where_the_view_needs_them(as_carol, mara, runner, clip):
    chosen = {"treadmill": "0", "runner": str(mara.code)}
    side = in_one_line(row(as_carol, clip, view="side_view", **chosen))
    assert 'name="height_m"' in side
    assert 'name="weight_kg"' in side
    assert "Without them 1.70 m and 70 kg are used; lengths and forces follow from them." in side
    assert 'data-ready="1"' in side
    back = in_one_line(row(as_carol, clip, view="back_view", **chosen))
    assert 'name="height_m"' in back
    assert 'name="weight_kg"' not in back
    known = in_one_line(row(as_carol, clip, view="side_view", **chosen | {"runner": str(runner.code)}))
    assert 'name="height_m"' not in known


def test_sizes_are_not_asked_before_it_is_said_whose_film_it_is(as_carol, mara, named):
    assert 'name="height_m"' not in in_one_line(row(as_carol, named("IMG_0007.mp4"), view="side_view"))


def test_a_size_that_cannot_be_is_said_in_its_row(as_carol, mara, clip, engine_account):
    wrong = {"view": "side_view", "treadmill": "0", "runner": str(mara.code), "height_m": "175"}
    text = in_one_line(row(as_carol, clip, **wrong))
    assert "Did you mean 1.75 m?" in text
    assert 'value="175"' in text
    assert 'data-ready="0"' in text
    refused = send(as_carol, clip, mara, height_m="175")
    assert refused.status_code == 422
    assert in_one_line(refused).count("Did you mean 1.75 m?") == 1
    assert Analysis.objects.count() == 0


def test_sizes_typed_in_a_row_are_kept_with_the_runner(as_carol, mara, clip, engine_account):
    send(as_carol, clip, mara, height_m="1.68", weight_kg="58")
    mara.refresh_from_db()
    analysis = Analysis.objects.get()
    assert (mara.height_m, mara.weight_kg) == (analysis.height_m, analysis.weight_kg) == (1.68, 58)


# ── the group of a new runner ───────────────────────────────────────────────────────────────────────────────────────

INES = {"runner": "new", "new_name": "Ines Prado", "view": "back_view", "treadmill": "0"}


def test_a_new_runner_s_group_can_be_chosen(as_carol, clip, engine_account, organization):
    sprint = Group.objects.create(organization=organization, name="Sprint")
    Group.objects.create(organization=organization, name="Masters")
    text = in_one_line(row(as_carol, clip, group=str(sprint.code), **INES))
    assert f'<option value="{sprint.code}" selected>Sprint</option>' in text
    assert '<option value="">no group</option>' in text
    as_carol.post(ORDER, {"clip": str(clip.code), "group": str(sprint.code), **INES})
    assert Subject.objects.get(name="Ines Prado").groups.get() == sprint


def test_a_runner_there_is_keeps_their_groups(as_carol, mara, clip, organization):
    Group.objects.create(organization=organization, name="Sprint")
    chosen = {"runner": str(mara.code), "view": "back_view", "treadmill": "0"}
    assert 'name="group"' not in in_one_line(row(as_carol, clip, **chosen))


def test_a_coach_of_groups_chooses_among_theirs(as_carol, carol, clip, engine_account, organization):
    Organization.objects.update(coaches_see_groups=True)
    Clip.objects.update(uploaded_by=carol)
    assert "You are in no group yet. Ask an admin to put you into one." in in_one_line(row(as_carol, clip, **INES))
    groups = [Group.objects.create(organization=organization, name=name) for name in ("Elite", "Sprint", "Zebras")]
    for group in groups[1:]:
        group.members.add(carol.memberships.get())
    text = in_one_line(row(as_carol, clip, **INES))
    assert "Elite" not in text
    assert "no group" not in text
    as_carol.post(ORDER, {"clip": str(clip.code), "group": str(groups[2].code), **INES})
    assert Subject.objects.get(name="Ines Prado").groups.get() == groups[2]


def test_the_service_of_the_chosen_group_counts(as_carol, clip, engine_account, organization):
    group = Group.objects.create(organization=organization, name="Elite")
    cloud = ProviderAccount.objects.create(organization=organization, kind="ochy", chosen_at=None)
    ServiceChoice.objects.create(organization=organization, group=group, account=cloud)
    assert 'data-price="0"' in in_one_line(row(as_carol, clip, **INES))
    assert 'data-price="1"' in in_one_line(row(as_carol, clip, group=str(group.code), **INES))


# ── consent ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def asks(organization):
    Organization.objects.filter(pk=organization.pk).update(consent_for="everything")


def test_without_consent_the_row_says_so_and_leads_to_asking(as_carol, mara, clip, engine_account, asks):
    text = in_one_line(row(as_carol, clip, runner=str(mara.code), view="side_view", treadmill="0"))
    assert "Mara Lindqvist has not agreed to be measured here. Ask for consent under Privacy." in text
    assert f'href="/privacy/runners/{mara.code}/"' in text
    assert 'data-ready="0"' in text
    refused = send(as_carol, clip, mara)
    assert refused.status_code == 422
    assert in_one_line(refused).count("has not agreed to be measured here") == 1
    assert Analysis.objects.count() == 0


def test_a_new_runner_without_consent_is_added_first(as_carol, clip, engine_account, asks):
    text = in_one_line(row(as_carol, clip, **INES))
    assert "Ines Prado has not agreed to be measured here. Ask for consent under Privacy." in text
    assert 'href="/runners/new/?name=Ines%20Prado"' in text
    assert 'data-ready="0"' in text
    assert 'value="Ines Prado"' in in_one_line(as_carol.get("/runners/new/?name=Ines%20Prado"))


def test_the_page_for_one_film_leads_to_asking_as_well(as_carol, runner, asks):
    page = in_one_line(as_carol.get("/upload/", {"runner": str(runner.code)}))
    assert f'href="/privacy/runners/{runner.code}/" target="_blank"' in page
    assert "Add the runner first" in in_one_line(as_carol.get("/upload/price/", {"runner": "new", "new_name": "Zoe"}))
