"""The second wall: what happens when a view forgets the gate, and who looks past it with a reason."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import Count
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import path, resolve

from accounts import wall
from accounts.access import MemberRequest, member_required
from accounts.middleware import WallMiddleware
from accounts.models import Organization, User
from accounts.record import AppendOnly
from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from clips.models import Clip
from coachportal.urls import urlpatterns as ours
from subjects.models import Group, Subject


@pytest.fixture
def elsewhere(runner):
    """A runner of another organisation, beside ours."""
    organization = Organization.objects.create(name="Elsewhere")
    return Subject.objects.create(organization=organization, name="Runner 99")


ASKED = {
    "a list": lambda rows: list(rows.all()),
    "one": lambda rows: rows.get(name="Runner 99"),
    "the first": lambda rows: rows.first(),
    "a number": lambda rows: rows.count(),
    "whether": lambda rows: rows.exists(),
    "a sum": lambda rows: rows.aggregate(n=Count("pk")),
    "values": lambda rows: list(rows.values_list("name", flat=True)),
    "one by one": lambda rows: list(rows.iterator()),
    "by number": lambda rows: rows.in_bulk(),
    "a change": lambda rows: rows.update(name="changed"),
    "an end": lambda rows: rows.filter(name="Runner 99").delete(),
    "one made if missing": lambda rows: rows.get_or_create(name="Runner 99"),
    "inside another": lambda rows: list(Organization.objects.filter(pk__in=rows.values("organization"))),
    "two together": lambda rows: list(rows.filter(name="a").union(rows.filter(name="b"))),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_outside_an_organisation_nothing_can_be_asked(elsewhere, ask):
    with wall.nothing(), pytest.raises(wall.NoScope, match="Subject is asked for outside its organisation"):
        ask(Subject.objects)
    assert set(Subject.objects.values_list("name", flat=True)) == {"Runner 01", "Runner 99"}


def test_within_an_organisation_a_query_that_forgot_the_filter_finds_its_rows_alone(elsewhere, organization):
    with wall.only(organization.pk):
        assert [one.name for one in Subject.objects.all()] == ["Runner 01"]
        assert not Subject.objects.filter(pk=elsewhere.pk).exists()
        assert Subject.objects.filter(pk=elsewhere.pk).update(name="changed") == 0
        assert Subject.objects.filter(pk=elsewhere.pk).delete()[0] == 0
        assert Subject.objects.count() == 1
    elsewhere.refresh_from_db()
    assert elsewhere.name == "Runner 99"


def test_a_query_begun_in_sight_of_all_does_not_run_inside_one_organisation(elsewhere, organization):
    everybody = Subject.objects.all()
    with wall.only(organization.pk), pytest.raises(wall.NoScope):
        list(everybody)


def test_a_query_begun_in_one_organisation_does_not_run_in_another(elsewhere, organization):
    with wall.only(organization.pk):
        ours = Subject.objects.all()
    with wall.only(elsewhere.organization_id):
        for asked in (ours, ours.filter(name="Runner 99")):
            with pytest.raises(wall.NoScope):
                list(asked)


def test_the_gate_narrows_by_itself_whatever_is_in_sight(elsewhere, organization, carol):
    member = carol.memberships.get()
    with wall.everything("as an operator has it"):
        assert [one.name for one in Subject.objects.all().visible_to(member)] == ["Runner 01"]
    with wall.only(organization.pk):
        assert [one.name for one in Subject.objects.all().visible_to(member)] == ["Runner 01"]
    with wall.only(elsewhere.organization_id):
        assert not Subject.objects.all().visible_to(member).exists()


@pytest.mark.parametrize(
    ("address", "is_staff", "sees_all"),
    [("/admin/", True, True), ("/admin/", False, False), ("/runners/", True, False)],
)
def test_only_operators_see_all_and_on_the_admin_site_alone(address, is_staff, sees_all):
    request = RequestFactory().get(address)
    request.resolver_match, request.user = resolve(address), User(is_staff=is_staff)
    with wall.nothing():
        WallMiddleware(lambda _: HttpResponse()).process_view(request, None, (), {})
        assert (wall.current() is wall.EVERYTHING) is sees_all


def test_the_rows_hanging_on_a_row_are_behind_the_wall_too(runner, organization):
    group = Group.objects.create(organization=organization, name="Tuesday")
    runner.groups.add(group)
    with wall.nothing():
        with pytest.raises(wall.NoScope):
            list(runner.groups.all())
        with pytest.raises(wall.NoScope):
            runner.clips.count()
    with wall.only(organization.pk):
        assert list(Subject.objects.prefetch_related("groups")[0].groups.all()) == [group]


def test_the_refusal_says_what_to_do(runner):
    with wall.nothing(), pytest.raises(wall.NoScope) as refused:
        list(Subject.objects.all())
    assert str(refused.value) == (
        "Subject is asked for outside its organisation. A view for members takes @member_required; any other place "
        'enters accounts.wall.only(organization.pk), or says why it looks at all: accounts.wall.everything("...").'
    )


def test_to_look_at_everything_needs_a_reason():
    with pytest.raises(ValueError, match="Say why"), wall.everything(""):
        raise AssertionError("must not come here")


@pytest.mark.parametrize(
    "model", [model for model in apps.get_models() if issubclass(model, OrgOwned)], ids=lambda model: model.__name__
)
def test_every_model_of_an_organisation_stands_behind_the_wall(model):
    assert isinstance(model._default_manager.all(), OrgOwnedQuerySet)
    for ask in (lambda rows: rows.count(), lambda rows: rows.delete()):  # some rows are deleted without being read
        with wall.nothing(), pytest.raises((wall.NoScope, AppendOnly)):
            ask(model._default_manager.all())


def forgetful(request):
    return HttpResponse(",".join(one.name for one in Subject.objects.all()))


@member_required
def careless(request: MemberRequest):
    return HttpResponse(",".join(one.name for one in Subject.objects.all()))


@member_required
def streaming(request: MemberRequest):
    return StreamingHttpResponse(one.name for one in Subject.objects.iterator())


urlpatterns = [*ours, path("forgetful", forgetful), path("careless", careless), path("streaming", streaming)]


@pytest.mark.urls("tests.accounts.test_wall")
class TestRequests:
    def test_a_view_without_the_gate_shows_nobody_anything(self, as_alice, elsewhere):
        with pytest.raises(wall.NoScope):
            as_alice.get("/forgetful")

    def test_a_view_that_forgets_to_narrow_shows_its_members_rows_alone(self, as_alice, as_charlie, elsewhere):
        assert as_alice.get("/careless").content == b"Runner 01"
        assert as_charlie.get("/careless").content == b""

    def test_an_answer_in_pieces_is_read_within_the_same_wall(self, as_alice, elsewhere):
        answer = as_alice.get("/streaming")
        with wall.nothing():
            assert answer.getvalue() == b"Runner 01"

    def test_nothing_stays_in_sight_for_the_next_request(self, as_alice, elsewhere):
        with wall.nothing():
            as_alice.get("/careless")
            assert wall.current() is None

    def test_an_operator_sees_all_organisations_on_the_admin_site(self, client, elsewhere, django_user_model):
        client.force_login(django_user_model.objects.create_superuser("op@example.com", "a long password", name="Op"))
        shown = client.get("/admin/subjects/subject/").content.decode()
        assert "Runner 01" in shown
        assert "Runner 99" in shown


def test_a_worker_looks_at_the_organisation_of_its_row_alone(clip, monkeypatch):
    import clips.jobs

    seen = []
    monkeypatch.setattr(clips.jobs.actions, "make_review_copy", lambda clip: seen.append(wall.current()))
    clips.jobs.make_review_copy(clip_id=clip.pk)
    assert seen == [wall.Sight(clip.organization_id)]
    assert Clip.objects.exists()
