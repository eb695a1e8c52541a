"""Which addresses are pages: all that the portal knows and that answer a GET, but for those named here with a reason.

So a page is photographed, and looked at by axe, from the day its URL is born.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from tests.test_tenancy import address, named_patterns

NOT_PAGES = {
    "a file": (
        *("accounts:audit_csv", "credits:ledger_csv", "credits:used_csv", "subjects:left_out_of_import"),
        *("analyses:landmarks", "analyses:raw", "clips:film", "privacy:consent_scan", "mfa_download_recovery_codes"),
        *("reports:export", "reports:file", "reports:history", "reports:statement"),
        *("reports:look_samples", "reports:shared_film", "reports:shared_logo", "reports:shared_look"),
    ),
    "a part of a page, on which it is seen": (
        *("analyses:beside_state", "analyses:price", "analyses:runner_choices", "analyses:several_row"),
        *("analyses:status", "clips:checks", "privacy:what_goes"),
    ),
    "leads on to a page": ("account_logout", "account_set_password", "analyses:compare_newest", "mfa_reauthenticate"),
    "for programs": ("health:healthz", "health:readyz", "metrics"),
    "there only with DEBUG; tests/pages looks at it": ("style:page",),
    "a step of a sign-in that is seen only in its middle": (
        *("mfa_authenticate", "mfa_login_webauthn", "mfa_reauthenticate_webauthn"),
        *("openid_connect_login", "openid_connect_callback"),
        *("mfa_edit_webauthn", "mfa_remove_webauthn"),
    ),
}
# Django's own pages, and the interface for programs, whose addresses are walked by tests/api.
NOT_OURS = ("admin:", "api_v1", "None")
# Pages of those who have a second factor already.
SECURED = {"mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes"}
# Pages in another state than the first one, by what they show.
STATES = {
    "inbox-reviewed": "/?show=reviewed",
    "inbox-failed": "/?show=failed",
    "runners-recent": "/runners/?sort=recent",
    "runners-none-match": "/runners/?q=zzzz",
}


class Person(Enum):
    """Who looks at a page."""

    NOBODY = auto()  # not signed in
    ADMIN = auto()
    SECURED = auto()  # an admin with a second factor


@dataclass(frozen=True)
class Page:
    """A page to look at, and the status it answers with."""

    name: str
    url: str
    person: Person = Person.ADMIN
    is_about_a_row: bool = False
    status: int = 200


def every_page(rows: dict[str, Any]) -> list[Page]:
    """Return all pages, each about one of `rows` (tests/browser/rows.py) where it is about something."""
    return [*_named(rows), *_states(rows)]


def _named(rows: dict[str, Any]) -> Iterator[Page]:
    left_out = {name for names in NOT_PAGES.values() for name in names}
    somebody = Client(SERVER_NAME="localhost")
    for name, arguments in sorted(set(named_patterns(get_resolver()))):
        if name in left_out or name.startswith(NOT_OURS):
            continue
        exact = _exact(name, rows)
        url = reverse(name, kwargs=exact) if exact else address(name, arguments, rows)
        page = Page(name.replace(":", "-"), url, is_about_a_row=bool(arguments or exact))
        answer = somebody.get(url)
        if answer.status_code == 405:
            continue  # a deed, not a page
        if not answer.headers.get("Location", "").startswith("/accounts/login/?next="):
            page = replace(page, person=Person.NOBODY, status=answer.status_code)
        yield replace(page, person=Person.SECURED) if name in SECURED else page


def _exact(name: str, rows: dict[str, Any]) -> dict[str, Any]:
    """What stands in the addresses that are about two rows, a day or a secret."""
    now = rows["analysis"]
    told: dict[str, dict[str, Any]] = {
        "analyses:compare": {"code": now.code, "other": rows["other"].code},
        "analyses:pool_day": {"code": now.subject.code, "day": str(timezone.localdate(now.ordered_at))},
        "reports:shared": {"token": rows["shared_token"]},
        "accounts:join": {"token": rows["join_token"]},
        "privacy:answer": {"token": rows["consent_token"]},
        "account_reset_password_from_key": {"uidb36": "1", "key": "too-old"},
    }
    return told.get(name, {})


def _states(rows: dict[str, Any]) -> Iterator[Page]:
    for name, url in STATES.items():
        yield Page(name, url)
    yield Page("nothing-here", "/nowhere/", person=Person.NOBODY, status=404)
    for name in ("failed", "running"):
        yield Page(f"result-{name}", reverse("analyses:detail", args=[rows[name].code]), is_about_a_row=True)
    frame = f"{reverse('analyses:note', args=[rows['analysis'].code])}?frame=12"
    yield Page("note-about-a-frame", frame, is_about_a_row=True)
    chosen = f"{reverse('analyses:order')}?runner={rows['runner'].code}&clip={rows['clip'].code}"
    yield Page("upload-of-a-runner", chosen, is_about_a_row=True)
