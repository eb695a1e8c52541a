"""The wall between organisations, for what an address does not hold: ids in forms and query strings, keys, secrets.

Charlie, an admin with an organisation as full as Alice's, sends one of Alice's ids where a page asks for one of his
own. The same request with his own id works, so that a refusal is about whose it is.
"""

from __future__ import annotations

import io
import itertools
import json
import re
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import invite
from accounts.models import Membership
from accounts.record import pseudonym
from accounts.scoping import OrgOwned
from analyses import actions
from analyses.models import Analysis, Drift, ProviderAccount
from clips import storage
from clips.models import Clip
from privacy.actions import ask_for_consent, use_of
from reports.models import Report, ShareLink
from subjects.models import Group, Note, Subject
from tests.analyses.finished import finish

pytestmark = pytest.mark.slow

SECRETS = ("Quaxo", "alice@example.com")
FILM = b"film " * 1000
HOW = {"view": "side_view", "treadmill": "1", "pace": "6:00"}
LINK = {"contents": ["score", "change"], "language": "en"}
FILM_CLAIMS = {"name": "x.mp4", "size": "2000", "duration": "6", "width": "1080", "height": "1920", **HOW}


def house_of(user, word: str, score: float) -> SimpleNamespace:
    """Everything of one organisation whose id a page may ask for; its words all begin with `word`."""
    member = Membership.objects.select_related("organization").get(user=user)
    own = {"organization": member.organization}
    account = ProviderAccount.objects.create(**own, kind="engine", webhook_token=f"{word}-token")
    runner = Subject.objects.create(**own, name=f"{word} runner", height_m=1.75, weight_kg=68)
    made = SimpleNamespace(member=member, account=account, runner=runner, **own)
    made.group = Group.objects.create(**own, name=f"{word} group")
    made.clips = [a_clip(made, f"{word}-{number}.mp4") for number in range(3)]
    made.before, made.now = (
        finish(ordered(made, made.clips[number], user), day=number, score=score) for number in range(2)
    )
    for one in (made.before, made.now):  # two passes of one day, so that they can be pooled
        Analysis.objects.filter(pk=one.pk).update(ordered_at=made.before.ordered_at + (one.pk == made.now.pk) * HOUR)
    made.now.refresh_from_db()
    made.drift = Drift.objects.create(**own, account=account, kind="runner_unknown", remote_id=f"{word}-there")
    made.report = Report.objects.create(
        **own, subject=runner, analysis=made.now, key=f"reports/{word}/r.pdf", size_bytes=4, page_count=1
    )
    storage.put(made.report.key, io.BytesIO(f"{word} report".encode()))
    made.link = ShareLink(
        **own,
        subject=runner,
        analysis=made.now,
        language="en",
        contents=["score"],
        expires_at=timezone.now() + 24 * HOUR,
    )
    made.link.make_token()
    made.link.save()
    Note.objects.create(**own, subject=runner, by=user, text=f"{word} note")
    return made


HOUR = timezone.timedelta(hours=1)


def a_clip(house, name: str) -> Clip:
    facts = {"size_bytes": len(FILM), "container": "mp4", "codec": "h264", "duration_s": 6.0, "fps": 60}
    facts |= {"frame_count": 360, "rotation_deg": 0, "width_px": 1080, "height_px": 1920, "status": "probed"}
    folder = storage.new_folder()
    clip = Clip.objects.create(organization=house.organization, original_name=name, folder=folder, **facts)
    storage.put(clip.original_key, io.BytesIO(FILM))
    return clip


def ordered(house, clip, by) -> Analysis:
    how = {"view": "side_view", "treadmill": True, "pace_s_per_km": 360}
    return actions.order_analysis(clip=clip, subject=house.runner, account=house.account, by=by, **how)


@pytest.fixture
def hers(alice):
    return house_of(alice, "Quaxo", 0.31)


@pytest.fixture
def his(charlie):
    return house_of(charlie, "Own", 0.7)


# Where a page asks for an id: (name, address, method, what it is sent), made from his house and from whose id it is.
CASES = {
    "order: film": lambda his, whose: ("analyses:order", (), "post", order_of(whose.clips[2], his.runner)),
    "order: runner": lambda his, whose: ("analyses:order", (), "post", order_of(his.clips[2], whose.runner)),
    "order page: runner": lambda _, whose: ("analyses:order", (), "get", {"runner": whose.runner.code}),
    "order page: film": lambda _, whose: ("analyses:order", (), "get", {"clip": whose.clips[2].code}),
    "price: runner": lambda _, whose: ("analyses:price", (), "get", {"runner": whose.runner.code}),
    "price: group": lambda _, whose: ("analyses:price", (), "get", {"group": whose.group.code}),
    "one of several: film": lambda _, whose: ("analyses:several_row", (), "get", {"clip": whose.clips[2].code}),
    "one of several: runner": lambda his, whose: (
        "analyses:several_row",
        (),
        "get",
        {"clip": his.clips[2].code, "runner": whose.runner.code},
    ),
    "order of several: film": lambda his, whose: (
        "analyses:several_order",
        (),
        "post",
        order_of(whose.clips[2], his.runner),
    ),
    "order of several: runner": lambda his, whose: (
        "analyses:several_order",
        (),
        "post",
        order_of(his.clips[2], whose.runner),
    ),
    "upload: runner": lambda _, whose: ("clips:begin", (), "post", {**FILM_CLAIMS, "subject": whose.runner.code}),
    "compare: before": lambda his, whose: ("analyses:compare", (his.now.code, whose.before.code), "get", {}),
    "compare: now": lambda his, whose: ("analyses:compare", (whose.now.code, his.before.code), "get", {}),
    "repeat: before": lambda his, whose: ("analyses:repeat", (his.now.code, whose.before.code), "post", {}),
    "pictures: before": lambda his, whose: ("analyses:make_beside", (his.now.code, whose.before.code), "post", {}),
    "pool: pass": lambda his, whose: (
        "analyses:pool_day",
        (his.runner.code, f"{his.now.ordered_at:%Y-%m-%d}"),
        "post",
        {"pass": [his.now.code, whose.before.code]},
    ),
    "difference: runner": lambda his, whose: (
        "analyses:settle_difference",
        (his.drift.code,),
        "post",
        {"do": "take", "runner": whose.runner.code, "name": ""},
    ),
    "share: before": lambda his, whose: (
        "reports:share",
        (his.now.code,),
        "post",
        {**LINK, "before": whose.before.code},
    ),
    "share page: before": lambda his, whose: ("reports:share", (his.now.code,), "get", {"before": whose.before.code}),
    "links: runner": lambda _, whose: ("reports:links", (), "get", {"runner": whose.runner.code}),
    "reports: runner": lambda _, whose: ("reports:list", (), "get", {"runner": whose.runner.code}),
    "reports: just made": lambda _, whose: ("reports:list", (), "get", {"made": whose.report.code}),
    "runners: group": lambda _, whose: ("subjects:list", (), "get", {"group": whose.group.code}),
    "group: runner in": lambda his, whose: (
        "subjects:put_into_group",
        (his.group.code,),
        "post",
        {"runner": whose.runner.code},
    ),
    "group: runner out": lambda his, whose: (
        "subjects:take_out_of_group",
        (his.group.code,),
        "post",
        {"runner": whose.runner.code},
    ),
    "group: coach": lambda his, whose: (
        "subjects:group_coaches",
        (his.group.code,),
        "post",
        {"members": [whose.member.pk]},
    ),
    "invitation: group": lambda _, whose: (
        "accounts:invite",
        (),
        "post",
        {"email": "new@example.com", "role": "coach", "groups": [whose.group.pk]},
    ),
    "budget: member": lambda _, whose: (
        "credits:set_budget",
        (),
        "post",
        {"who": f"member:{whose.member.pk}", "limit": "5"},
    ),
    "budget: group": lambda _, whose: (
        "credits:set_budget",
        (),
        "post",
        {"who": f"group:{whose.group.pk}", "limit": "5"},
    ),
    "record: person": lambda _, whose: ("accounts:audit", (), "get", {"by": whose.member.user_id}),
    "record: runner": lambda _, whose: ("accounts:audit", (), "get", {"runner": pseudonym(whose.runner.code)}),
    "record as table: person": lambda _, whose: ("accounts:audit_csv", (), "get", {"by": whose.member.user_id}),
}


def order_of(clip, runner) -> dict:
    return {"clip": clip.code, "runner": runner.code, **HOW}


def rows_of(organization) -> dict[str, list]:
    """Every row of an organisation, as it stands."""
    return {
        model._meta.label: list(model._base_manager.filter(organization=organization).order_by("pk").values())
        for model in owned_models()
    }


def owned_models() -> list:
    return [model for model in apps.get_models() if issubclass(model, OrgOwned)]


def mixed() -> list[str]:
    """Return every reference from a row of one organisation to a row of another."""
    found = []
    for model in owned_models():
        for field in (*model._meta.fields, *model._meta.many_to_many):
            other = field.related_model
            if other is None or not issubclass(other, OrgOwned | Membership):
                continue
            whose = f"{field.name}__organization"
            pairs = model._base_manager.exclude(**{field.name: None}).values_list("organization", whose)
            found += [f"{model._meta.label}.{field.name}" for mine, theirs in pairs if mine != theirs]
    return found


@pytest.mark.parametrize("case", CASES)
def test_an_id_of_another_organisation_is_nobody_s(case, hers, his, as_charlie, monkeypatch):
    monkeypatch.setattr("analyses.jobs.hint", lambda analysis: None)

    def send(whose):
        name, arguments, method, given = CASES[case](his, whose)
        return getattr(as_charlie, method)(reverse(name, args=arguments), given)

    with transaction.atomic():
        own = send(his)
        assert own.status_code in (200, 201, 302), own.content.decode()[-2000:]
        transaction.set_rollback(True)
    before, known = rows_of(hers.organization), mixed()
    answer = send(hers)
    assert answer.status_code < 500
    shown = (answer.getvalue() if answer.streaming else answer.content).decode()
    assert not [secret for secret in SECRETS if secret in shown]
    assert rows_of(hers.organization) == before
    assert mixed() == known == []


def test_every_part_of_the_fixture_is_there_for_both(hers, his):
    """What the cases compare would be empty if a name in it were wrong."""
    for house in (hers, his):
        assert {label for label, rows in rows_of(house.organization).items() if rows} >= {
            "subjects.Subject",
            "clips.Clip",
            "analyses.Analysis",
            "analyses.Measurement",
            "reports.ShareLink",
        }


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_is_no_address(hers, as_charlie):
    keys = [hers.clips[0].original_key, hers.report.key, hers.now.result.raw_key]
    for front, key in itertools.product(("/", "/media/", "/films/", "/films/f/", "/films/f/x/", "/static/"), keys):
        assert as_charlie.get(f"{front}{key}").status_code == 404


def test_a_signed_link_is_its_holder_s_until_it_expires_and_leads_to_one_file(hers, as_charlie):
    """By decision, said in docs/security.md: a link carries its own right, as one of a bucket does."""
    link = storage.link(hers.clips[0].original_key, content_type="video/mp4")
    assert as_charlie.get(link).getvalue() == FILM
    assert Client().get(link).getvalue() == FILM
    _, _, _, token, name = link.split("/")
    for forged in (f"/films/f/{token[:-1]}/{name}", f"/films/f/{token}x/{name}", f"/films/f/{name}/{token}"):
        assert as_charlie.get(forged).status_code == 404
    # The name at the end is for the browser alone: another's leads to the same file.
    assert as_charlie.get(f"/films/f/{token}/{his_name(hers)}").getvalue() == FILM


def his_name(house) -> str:
    return house.clips[1].folder.rpartition("/")[2]


# ── secrets in addresses ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_share_token_shows_its_own_result_and_nothing_beside_it(hers, his, as_charlie):
    page = reverse("reports:shared", args=[his.link.token])
    assert as_charlie.get(page).status_code == 200
    for which in ("film", "still", "earlier-film", hers.now.code, hers.link.code):
        assert as_charlie.get(f"{page}{which}/").status_code == 404
    for wrong in (hers.link.token_hash, str(hers.link.code), hers.link.token[:-1], f"{hers.link.token}x"):
        assert as_charlie.get(reverse("reports:shared", args=[wrong])).status_code == 404


def test_a_webhook_s_token_moves_only_its_own_analyses(hers, his, client, monkeypatch):
    told = []
    monkeypatch.setattr("analyses.webhooks.jobs.hint", lambda analysis: told.append(analysis.pk))
    Analysis.objects.update(status="running")
    before = rows_of(hers.organization)
    event = json.dumps({"video_id": hers.now.remote_id, "status": "completed"})

    def call(kind, token):
        address = reverse("analyses:webhook", args=[kind, token])
        return client.post(address, event, content_type="application/json").status_code

    assert call("engine", his.account.webhook_token) == 200
    assert told == []
    assert rows_of(hers.organization) == before
    assert call("ochy", hers.account.webhook_token) == 404
    assert call("engine", f"{hers.account.webhook_token}x") == 404
    assert call("engine", hers.account.webhook_token) == 200
    assert told == [hers.now.pk], "the right token does"


def test_an_invitation_is_for_its_address_alone(hers, alice, bob, as_charlie):
    invitation, token = invite(organization=hers.organization, email=bob.email, role="admin", by=alice)
    members = list(hers.organization.memberships.values_list("user", "role"))
    for method in ("get", "post"):
        assert getattr(as_charlie, method)(reverse("accounts:join", args=[token])).status_code == 403
    assert as_charlie.get(reverse("accounts:join", args=[invitation.token_digest])).status_code == 404
    assert list(hers.organization.memberships.values_list("user", "role")) == members


def test_a_consent_token_is_about_its_runner_alone(hers, his, charlie, alice, client):
    asked = {"chosen": [use_of("measuring")], "language": "en"}
    _, his_token = ask_for_consent(subject=his.runner, by=charlie, **asked)
    before = rows_of(hers.organization)
    address = reverse("privacy:answer", args=[his_token])
    given = {"giver": "runner", "giver_name": "", "measuring": "yes", "subject": hers.runner.code}
    given["read"] = re.search(r'name="read" value="([^"]+)"', client.get(address).content.decode())[1]
    assert client.post(address, given | {"runner": hers.runner.code}).status_code in (200, 302)
    assert rows_of(hers.organization) == before
    assert his.runner.consents.exists()
