"""One row of every kind that a page can be about, for pictures and for looking: two results, and what hangs on them."""

from __future__ import annotations

import io
import time
from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts.actions import invite
from accounts.models import User
from analyses.actions import keep_repeat, pool_passes
from analyses.models import Analysis, Drift, ProviderAccount
from api.actions import add_endpoint, make_token, send_test
from clips import storage
from credits import ledger
from credits.actions import set_budget
from credits.models import Ask, Budget
from privacy.actions import ask_for_consent, record_consent, uses
from privacy.models import Tombstone
from reports.actions import share
from reports.models import Report
from subjects.imports import begin_import
from subjects.models import Group, Mark, Note, Site, Subject

A_DAY_S = 86_400
PEOPLE = """Name;E-mail;Height;Weight;Born
Mara Lindqvist;mara@example.com;1,68 m;57 kg;1991
Jörg Müller;joerg@example.com;182;74;1986
Ines Prado;not an address;171 cm;;1999
;nobody@example.com;;;
"""


def one_of_each(*, now: Analysis, twin: Analysis, before: Analysis, failed: Analysis, by: User) -> dict[str, Any]:
    """Make what is not there and return {what an address calls it: row}; the secret of a link as {name}_token.

    `now`, `before` and `twin` are finished analyses of one runner, `twin` of another film of the same minute as `now`;
    `by` is an admin. `failed` becomes one that was paid for.
    """
    organization, runner = now.organization, now.subject
    membership = organization.memberships.get(user=by)
    about = {"organization": organization, "subject": runner, "by": by}
    ledger.give(organization=organization, amount=25, reason="Autumn pack, invoice 2026-114", by=by)
    site = Site.objects.create(organization=organization, name="Riverside track")
    group = Group.objects.create(organization=organization, name="Marathon squad", site=site)
    group.subjects.add(runner)
    group.members.add(membership)
    set_budget(budget=Budget(organization=organization, group=group), limit=20, by=by)
    Note.objects.create(**about, text="Cue: shorter steps. Felt easy.")
    Mark.objects.create(**about, kind="pain", level=3, text="Left knee")
    token, _secret = make_token(membership=membership, name="Squad's spreadsheet", scopes=["read"], days=90)
    endpoint, _secret = add_endpoint(organization=organization, url="https://hooks.example/runs", events=[], by=by)
    invitation, joining = invite(organization=organization, email="new.coach@example.com", role="coach", by=by)
    return {
        **_paid_and_failed(failed, by),
        **_leaving(now, before, by),
        **_agreed(runner, by),
        "pool": pool_passes(passes=[now, twin], by=by),
        "repeat": keep_repeat(first=now, second=twin, by=by),
        "organization": organization,
        "runner": runner,
        "clip": now.clip,
        "analysis": now,
        "other": before,
        "failed": failed,
        "membership": membership,
        "group": group,
        "site": site,
        "mark": Mark.objects.create(**about, kind="shoe", text="Light trainer"),
        "ask": Ask.objects.create(organization=organization, kind="gift", amount=50, reason="Testing week", by=by),
        "budget": set_budget(budget=Budget(organization=organization, member=membership), limit=40, by=by),
        "token": token,
        "endpoint": endpoint,
        "delivery": send_test(endpoint=endpoint),
        "invitation": invitation,
        "join_token": joining,
        "import": begin_import(organization=organization, file_name="autumn.csv", data=PEOPLE.encode(), by=by),
    }


def _paid_and_failed(failed: Analysis, by: User) -> dict[str, Any]:
    """Let a failed analysis be one that an outside service began and that used a credit; and let its list differ."""
    account, _made = ProviderAccount.objects.get_or_create(organization=failed.organization, kind="ochy")
    ledger.spend(
        organization=failed.organization,
        amount=1,
        reference=f"picture:{failed.code}",
        by=by,
        use=ledger.Use(analysis=failed.code, view=failed.view, service="ochy"),
    )
    Analysis.objects.filter(pk=failed.pk).update(account=account, price=1, started_at=timezone.now())
    drift = Drift.objects.create(
        organization=failed.organization, account=account, kind="runner_unknown", remote_id="remote-17",
        about={"label": "Ines P.", "height_m": 1.71, "weight_kg": 60},
    )  # fmt: skip
    return {"drift": drift}


def _leaving(now: Analysis, before: Analysis, by: User) -> dict[str, Any]:
    contents = ["score", "findings", "film", "change", "earlier_film", "numbers", "curves"]
    link = share(analysis=now, before=before, contents=contents, language="en", by=by)
    key = f"reports/{now.code}.pdf"
    storage.put(key, io.BytesIO(b"%PDF-1.4"))
    report = Report.objects.create(
        organization=now.organization, subject=now.subject, analysis=now, language="en", key=key,
        size_bytes=214_000, page_count=2, made_by=by,
    )  # fmt: skip
    return {"link": link, "shared_token": link.token, "report": report}


def _agreed(runner: Subject, by: User) -> dict[str, Any]:
    """A consent on paper, one asked for by link, and a runner who was erased."""
    use = uses()[0]
    words = use.words(runner.organization)
    consent = record_consent(subject=runner, use=use, words=words, giver="runner", giver_name="", way="paper", by=by)
    _request, token = ask_for_consent(subject=runner, chosen=uses(), language="en", by=by)
    stone = Tombstone.objects.create(
        organization=runner.organization, subject_key="0f3c", erased_by=by, finished_at=timezone.now(),
        erased_at=timezone.now() - timedelta(minutes=2), report={},
    )  # fmt: skip
    return {"consent": consent, "consent_token": token, "tombstone": stone}


def secure(user: User) -> None:
    """Give somebody a second factor and recovery codes."""
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)


def signed_in(user: User) -> Client:
    """Sign somebody in who has typed their password anew, as recently as asked for as long as pictures take."""
    client = Client()
    client.force_login(user)
    request = HttpRequest()
    request.user, request.session = user, client.session
    record_authentication(request, user, method="password", reauthenticated=True, at=time.time() + A_DAY_S)
    request.session.save()
    return client
