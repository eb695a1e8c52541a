"""The inbox says what needs somebody, and so does the shell on every page."""

from __future__ import annotations

import html
import re

import pytest
from django.utils import timezone

from analyses.models import Analysis, ProviderAccount
from credits import ledger


def shown(answer) -> str:
    return html.unescape(answer.content.decode())


def test_the_shell_counts_what_needs_somebody(as_bob, order):
    failed, done, reviewed, _under_way = order(), order(), order(), order()
    failed.move_to("failed", reason="No runner was found in the film.")
    rows = Analysis.objects
    rows.filter(pk__in=[done.pk, reviewed.pk]).update(status="succeeded", total_score=0.6)
    rows.filter(pk=reviewed.pk).update(reviewed_at=timezone.now())
    for url in ("/", "/runners/"):
        # Once in the rail, once in the bar of a phone.
        assert len(re.findall(r'Inbox <span class="count">2</span>', shown(as_bob.get(url)))) == 2


@pytest.mark.parametrize(("left", "said"), [(5, "5 credits left"), (1, "1 credit left"), (0, "0 credits left")])
def test_the_inbox_says_when_credits_run_out(as_carol, organization, alice, left, said):
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    if left:
        ledger.give(organization=organization, amount=left, reason="Start", by=alice)
    assert f"{said}: soon no film can be sent to be measured." in shown(as_carol.get("/"))
    ledger.give(organization=organization, amount=6, reason="More", by=alice)
    assert "soon no film can be sent" not in shown(as_carol.get("/"))


def test_the_inbox_is_silent_about_credits_where_nothing_is_charged(as_carol, engine_account):
    assert "soon no film can be sent" not in shown(as_carol.get("/"))
