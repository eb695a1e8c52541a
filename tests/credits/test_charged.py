"""An analysis that failed after it was started: a person decides, once, whether its credit comes back."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry
from analyses.models import Analysis, ProviderAccount
from credits import ledger
from credits.models import Decision

PAGE = "/credits/failed/"


@pytest.fixture
def failed(order, organization, alice):
    """A paid order that was started and failed there."""
    account = ProviderAccount.objects.create(organization=organization, kind="ochy")
    ledger.give(organization=organization, amount=5, reason="start", by=alice)
    analysis = order(account=account)
    analysis.move_to("sending")
    analysis.move_to("running", remote_id="r1")
    analysis.move_to("failed", reason_code="no_runner", reason="Nobody runs in this film.")
    return analysis


def decide(client, analysis, credit, reason="They refunded it"):
    return client.post(f"{PAGE}{analysis.code}/", {"credit": credit, "reason": reason}, follow=True).content.decode()


def test_it_is_listed_with_its_reason_and_the_credits_page_says_so(as_alice, failed):
    assert "Nobody runs in this film." in as_alice.get(PAGE).content.decode()
    assert "1 paid analysis failed after it was started. Does its credit come back?" in (
        as_alice.get("/credits/").content.decode()
    )
    assert "Does it come back?" in as_alice.get(f"/analyses/{failed.code}/").content.decode()


def test_the_credit_is_given_back_once(as_alice, failed, organization):
    assert "The credit was given back." in decide(as_alice, failed, "back")
    assert ledger.balance(organization) == 5
    assert "This was decided already." in decide(as_alice, failed, "back")
    assert "This was decided already." in decide(as_alice, failed, "keep")
    assert ledger.balance(organization) == 5
    entry = AuditEntry.objects.get(action="credits_decided")
    assert entry.about == "given back: 1 · They refunded it"
    assert entry.subject_key
    assert "Nothing to decide" in as_alice.get(PAGE).content.decode()


def test_the_credit_is_kept_as_spent_once(as_alice, failed, organization):
    assert "The credit stays spent." in decide(as_alice, failed, "keep", "They charge for it")
    assert "This was decided already." in decide(as_alice, failed, "back")
    assert ledger.balance(organization) == 4
    page = as_alice.get(PAGE).content.decode()
    assert "Kept as spent" in page
    assert "They charge for it" in page


def test_a_reason_is_asked_for(as_alice, failed):
    answer = as_alice.post(f"{PAGE}{failed.code}/", {"credit": "back", "reason": " "})
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()
    assert not Decision.objects.exists()


def test_what_gave_its_credit_back_by_itself_is_not_listed(as_alice, failed, organization):
    ledger.give_back(organization=organization, reference=failed.reference, reason="not started")
    assert "Nothing to decide" in as_alice.get(PAGE).content.decode()
    assert "This was decided already." in decide(as_alice, failed, "back")
    assert ledger.balance(organization) == 5


def test_what_did_not_fail_has_nothing_to_decide(as_alice, failed, organization):
    Analysis.objects.filter(pk=failed.pk).update(status="running")
    assert "Nothing to decide" in as_alice.get(PAGE).content.decode()
    assert "This was decided already." in decide(as_alice, failed, "back")
    assert ledger.balance(organization) == 4


def test_only_an_admin_decides(as_carol, as_bob, failed):
    for client in (as_carol, as_bob):
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}{failed.code}/", {"credit": "back", "reason": "Mine"}).status_code == 403
        assert "Does it come back?" not in client.get(f"/analyses/{failed.code}/").content.decode()
