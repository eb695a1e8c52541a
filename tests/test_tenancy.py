"""The wall between organisations, walked along every URL the portal has: a new one is covered on the day it is born."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import stamina
from django.conf import settings
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actions import invite
from accounts.models import Membership
from analyses.models import Analysis, Drift, Pool
from api.actions import add_endpoint, make_token, send_test
from credits import ledger
from credits.models import Ask, Budget
from privacy.models import Tombstone, Wording
from reports.models import Report, ShareLink
from subjects.imports import begin_import
from subjects.models import Consent, Group, Mark, Note, Site

# Reached without a membership, each guarded by its own secret, by a password, or holding nothing of anybody.
PUBLIC = ("account_", "admin:", "analyses:webhook", "clips:film", "health:", "style", "django.views", "i18n")
# One's own account, not an organisation's; what operators see, who are asked for by other means.
PUBLIC += ("mfa_", "usersessions_", "accounts:join", "metrics", "operator", "socialaccount_", "openid_connect_")
PUBLIC += ("reports:shared", "privacy:answer")
PUBLIC += ("api_v1",)  # by token alone, walked by tests/api/test_walls.py
ABOUT_NOBODY = {"analyses:measure"}  # what a measure means is the same for everybody
# What the clinic's readers may write.
FOR_READERS = {
    "subjects:note",
    "analyses:note",
    "accounts:leave",
    "accounts:switch",
    "accounts:you",
    "reports:new",
}
FOR_READERS |= {"api:tokens", "api:end_token"}  # their own
# Where an organisation is run, and what a coach may do there.
FOR_ADMINS = ("/settings/", "/members/", "/credits/", "/webhooks/", "/privacy/keeping/", "/privacy/erased/")
FOR_COACHES = {"accounts:leave", "analyses:repeatability", "analyses:forget_repeat"}


def named_patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Every URL's name with its arguments."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_patterns(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", frozenset(pattern.pattern.converters)


NAMES = sorted(
    (name, arguments)
    for name, arguments in named_patterns(get_resolver())
    if not name.startswith(PUBLIC) and name != "None"
)


@pytest.fixture
def rows(order, runner, clip, alice, bob, organization):
    """One row of each kind in Alice's organisation, and what must never be seen outside it."""
    analysis = order()
    analysis.move_to(Analysis.Status.FAILED, note="a secret reason", reason="a secret reason")
    Note.objects.create(organization=organization, subject=runner, by=alice, text="a secret note")
    ledger.give(organization=organization, amount=987654, reason="a secret gift", by=alice)
    return {
        "group": Group.objects.create(organization=organization, name="A secret group"),
        "site": Site.objects.create(organization=organization, name="A secret place"),
        "runner": runner,
        "clip": clip,
        "analysis": analysis,
        "organization": organization,
        "membership": Membership.objects.get(user=bob),
        "ask": Ask.objects.create(organization=organization, kind="gift", amount=9, reason="a secret", by=alice),
        "budget": Budget.objects.create(
            organization=organization, member=Membership.objects.get(user=alice), limit=987654
        ),
        "mark": Mark.objects.create(organization=organization, subject=runner, by=alice, kind="shoe", text="a secret"),
        "pool": Pool.objects.create(organization=organization, subject=runner, by=alice),
        **leaving(analysis),
        **agreed(analysis),
        **told(organization, alice),
        "invitation": invite(organization=organization, email="a secret@example.com", role="coach", by=alice)[0],
        "import": begin_import(organization=organization, file_name="a secret.csv", data=b"A secret one", by=alice),
        "drift": Drift.objects.create(
            organization=organization, account=analysis.account, kind="runner_gone", remote_id="a secret id"
        ),
    }


def leaving(analysis: Analysis) -> dict:
    """A shared link and a report about this analysis."""
    about = {"organization": analysis.organization, "subject": analysis.subject, "analysis": analysis, "language": "en"}
    link = ShareLink(**about, contents=["score"], expires_at=analysis.ordered_at + timedelta(days=30))
    link.make_token()
    link.save()
    return {"link": link, "report": Report.objects.create(**about, key="reports/1.pdf", size_bytes=1, page_count=1)}


def agreed(analysis: Analysis) -> dict:
    """A consent, and a runner who was erased."""
    consent = Consent.objects.create(
        organization=analysis.organization,
        subject=analysis.subject,
        purpose="sharing",
        giver="guardian",
        giver_name="A secret guardian",
        way="paper",
        text="a secret text",
        text_version="1",
        scan_key="consents/1/scan",
        scan_type="application/pdf",
    )
    Wording.objects.create(
        organization=analysis.organization, purpose="teaching", language="en", number=1, text="a secret wording"
    )
    stone = Tombstone.objects.create(organization=analysis.organization, subject_key="a secret key")
    return {"consent": consent, "tombstone": stone}


OF_THE_RUNNER = ("Runner 01", "run.mp4", "a secret reason", "a secret note", "a secret text", "A secret guardian")
# Rows of the organisation that hang on no runner.
NO_RUNNER_S = {"accounts:switch"}


def told(organization, alice) -> dict:
    """A token of Alice's, and an address that is called."""
    token, _ = make_token(membership=Membership.objects.get(user=alice), name="a secret token", scopes=["read"], days=1)
    endpoint, _ = add_endpoint(organization=organization, url="https://a.example/a secret", events=[], by=alice)
    return {"token": token, "endpoint": endpoint, "delivery": send_test(endpoint=endpoint)}


SHIPPED = b"by a secret link"  # every organisation's words for the consent to links
SECRETS = ("Runner 01", "a secret", "A secret", "987654", "alice@example.com", "run.mp4")


ACCOUNTS = {"invite_again": "invitation", "withdraw": "invitation"}
CREDITS = {"answer": "ask", "remove_budget": "budget"}
GROUPS = ("group", "rename_group", "delete_group", "group_coaches", "put_into_group", "take_out_of_group")
IMPORTS = ("import", "carry_out_import", "undo_import", "discard_import", "left_out_of_import")
SUBJECTS = dict.fromkeys(GROUPS, "group") | dict.fromkeys(IMPORTS, "import")
SUBJECTS |= {"rename_site": "site", "delete_site": "site", "remove_mark": "mark"}
ANALYSES = {
    "trend_table": "runner",
    "pool_day": "runner",
    "pool": "pool",
    "remove_pool": "pool",
    "settle_difference": "drift",
    "service_of_group": "group",
    "service_of_runner": "runner",
}
REPORTS = {"link": "link", "end_link": "link", "file": "report", "delete": "report", "history": "runner"}


PRIVACY = {"end_consent": "consent", "consent_scan": "consent", "erased": "tombstone", "erased_asked": "tombstone"}


def address(name: str, arguments: frozenset[str], rows: dict) -> str:
    namespace, _, deed = name.rpartition(":")
    kind = {
        "accounts": ACCOUNTS.get(deed, "organization"),
        "subjects": SUBJECTS.get(deed, "runner"),
        "credits": CREDITS.get(deed, "organization"),
        "clips": "clip",
        "analyses": ANALYSES.get(deed, "analysis"),
        "reports": REPORTS.get(deed, "analysis"),
        "privacy": PRIVACY.get(deed, "runner"),
        "api": {"end_token": "token", "replay": "delivery"}.get(deed, "endpoint"),
    }
    kwargs = {}
    for argument in arguments:
        if argument == "pk":
            kwargs[argument] = rows["membership"].pk
        elif argument in ("code", "other"):
            kwargs[argument] = rows[kind.get(namespace, "organization")].code
        else:
            kwargs[argument] = {"level": "raw", "name": "raw", "key": "cadence_spm", "day": "2026-11-22"}.get(
                argument, "1"
            )
    return reverse(name, kwargs=kwargs)


@pytest.fixture
def walk(rows, subtests):
    """Go to every address in turn, as a test of its own name; what one visit writes is gone before the next.

    A service that does not answer is asked once.
    """

    def walk(visit: Callable[[str, frozenset[str], str], None]) -> None:
        for name, arguments in NAMES:
            with subtests.test(name), transaction.atomic(), stamina.set_testing(True):
                visit(name, arguments, address(name, arguments, rows))
                transaction.set_rollback(True)

    return walk


def test_a_stranger_finds_nothing(as_charlie, walk):
    def visit(name, arguments, url):
        answers = {method: getattr(as_charlie, method)(url) for method in ("get", "post", "put", "patch", "delete")}
        if arguments and name not in ABOUT_NOBODY:
            codes = {answer.status_code for answer in answers.values()}
            assert codes <= {404, 405}
            assert 404 in codes
        for answer in answers.values():
            assert answer.status_code < 500
            shown = b"" if answer.streaming else answer.content.replace(SHIPPED, b"")
            assert not [secret for secret in SECRETS if secret.encode() in shown]

    walk(visit)


@pytest.mark.slow
def test_a_coach_kept_to_other_groups_finds_nothing_of_a_runner(as_carol, organization, walk):
    organization.coaches_see_groups = True
    organization.save()

    def visit(name, arguments, url):
        answers = [getattr(as_carol, method)(url) for method in ("get", "post")]
        if arguments and name not in ABOUT_NOBODY | NO_RUNNER_S:
            assert {answer.status_code for answer in answers} <= {403, 404, 405}
        for answer in answers:
            assert answer.status_code < 500
            shown = b"" if answer.streaming else answer.content
            assert not [secret for secret in OF_THE_RUNNER if secret.encode() in shown]

    walk(visit)


def test_a_reader_changes_nothing(as_bob, walk):
    def visit(name, _, url):
        if name not in FOR_READERS:
            assert as_bob.post(url, {}).status_code in (403, 405)

    walk(visit)


@pytest.mark.slow
def test_a_coach_settles_nothing_for_the_organisation(as_carol, walk):
    def visit(name, _, url):
        if url.startswith(FOR_ADMINS) and name not in FOR_COACHES:
            answers = {getattr(as_carol, method)(url).status_code for method in ("get", "post")}
            assert answers <= {403, 405}, name

    walk(visit)


@pytest.mark.slow
def test_somebody_without_a_sign_in_is_asked_for_one(client, walk):
    def visit(_name, _arguments, url):
        for method in ("get", "post"):
            answer = getattr(client, method)(url)
            assert answer.status_code == 405 or answer["Location"].startswith("/accounts/login/")

    walk(visit)


@pytest.mark.slow
def test_somebody_who_works_nowhere_is_told_so(client, walk, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody@example.com", "a long password", name="Nobody"))

    def visit(_name, _arguments, url):
        answer = client.get(url)
        assert answer.status_code in (403, 404, 405)
        assert not [secret for secret in SECRETS if secret.encode() in answer.content]

    walk(visit)


def test_the_walk_met_every_room():
    rooms = {"accounts", "subjects", "credits", "clips", "analyses", "reports"}
    assert {name.partition(":")[0] for name, _ in NAMES} >= rooms


FILES = ("views.py", "forms.py", "views/*.py", "operations/*.py")
PEOPLE = settings.BASE / "accounts/views/joining.py"  # looks up people, who belong to no organisation
EDGES = sorted(
    path
    for app in ("accounts", "subjects", "credits", "clips", "analyses", "reports", "privacy", "api")
    for pattern in FILES
    for path in (settings.BASE / app).glob(pattern)
    if path != PEOPLE
)


@pytest.mark.parametrize("path", EDGES, ids=lambda path: str(Path(path).relative_to(settings.BASE)))
def test_no_view_or_form_goes_round_the_gate(path):
    names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert not names & {"objects", "_default_manager", "_base_manager"}
