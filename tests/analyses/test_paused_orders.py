"""No credits at the service, or a key it refuses: orders wait, the admin is told and lets them go on."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from analyses import actions
from analyses.models import Analysis, ProviderAccount
from analyses.waiting import why_it_waits
from credits import ledger
from providers.base import KeyInvalid, KeyMissing, OutOfCredits
from tests.analyses.test_thread import fresh, make_due

NO_CREDITS = (
    "Ochy has no credits left for this account. Orders wait, no film is lost: an admin tops it up there and presses "
    "Continue in the settings."
)
NO_KEY = "Ochy does not accept our key. Orders wait, no film is lost: an admin enters a new one in the settings."


@pytest.fixture
def paid(order, account, organization, alice):
    ledger.give(organization=organization, amount=2, reason="start", by=alice)
    return order(account=account)


@pytest.fixture
def paused(paid, service, account):
    """The first start was answered with 402."""
    service.trouble = [OutOfCredits("no", http_status=402)]
    actions.send_analysis(analysis=paid)
    account.refresh_from_db()
    return account


@pytest.mark.parametrize(
    ("error", "text"), [(OutOfCredits("no"), NO_CREDITS), (KeyInvalid("no"), NO_KEY), (KeyMissing("no"), NO_KEY)]
)
def test_orders_wait_and_say_what_an_admin_must_do(paid, order, service, account, organization, error, text):
    service.trouble = [error]
    actions.send_analysis(analysis=paid)
    second = order(account=account)
    actions.send_analysis(analysis=fresh(second))
    for one in (paid, second):
        assert (fresh(one).status, why_it_waits(fresh(one))) == ("queued", text)
    assert service.starts == []
    assert ledger.balance(organization) == 0


def test_an_order_that_waits_can_be_taken_back_and_returns_its_credit(paid, paused, alice, organization):
    assert actions.cancel_order(analysis=fresh(paid), by=alice)
    assert ledger.balance(organization) == 2


def test_an_admin_continues_and_every_film_goes_out_once(paid, paused, service, alice, organization, charlie):
    elsewhere = charlie.memberships.get().organization
    other = ProviderAccount.objects.create(organization=elsewhere, kind="ochy", paused_at=timezone.now())
    assert actions.continue_orders(account=paused, by=alice)
    actions.send_analysis(analysis=fresh(paid))
    assert (fresh(paid).status, len(service.starts), ledger.balance(organization)) == ("running", 1, 1)
    assert AuditEntry.objects.filter(action="provider_changed", about="ochy · continued").count() == 1
    assert not actions.continue_orders(account=paused, by=alice)
    other.refresh_from_db()
    assert other.paused_at


def test_a_new_key_lets_orders_go_on(paid, service, organization, alice):
    service.trouble = [KeyInvalid("no")]
    actions.send_analysis(analysis=paid)
    actions.choose_service(organization=organization, kind="ochy", key="a new key", by=alice)
    actions.send_analysis(analysis=fresh(paid))
    assert fresh(paid).status == "running"


def test_a_test_that_the_key_passes_lets_orders_go_on(paid, service, account):
    service.trouble = [KeyInvalid("no")]
    actions.send_analysis(analysis=paid)
    account.refresh_from_db()
    assert actions.test_service(account=account).works
    account.refresh_from_db()
    assert account.paused_at is None


def test_a_test_says_nothing_about_credits(paused):
    assert actions.test_service(account=paused).works
    paused.refresh_from_db()
    assert paused.paused_at


def test_a_key_refused_while_measuring_stops_new_orders_and_keeps_asking(paid, order, account, service):
    actions.send_analysis(analysis=paid)
    service.trouble = [KeyInvalid("refused")]
    actions.check_analysis(analysis=make_due(paid))
    assert fresh(paid).status == "running"
    second = order(account=account)
    actions.send_analysis(analysis=fresh(second))
    assert why_it_waits(fresh(second)) == NO_KEY


@pytest.mark.parametrize("page", ["/", "/settings/provider/", "/upload/"])
def test_the_admin_reads_it_and_finds_the_button(as_alice, paused, page):
    text = as_alice.get(page).content.decode()
    assert NO_CREDITS in text
    assert 'action="/settings/provider/continue/"' in text


def test_a_coach_reads_it_without_the_button(as_carol, paused):
    text = as_carol.get("/").content.decode()
    assert NO_CREDITS in text
    assert "/settings/provider/continue/" not in text


def test_the_waiting_analysis_says_it_on_its_page(as_carol, paid, paused):
    assert NO_CREDITS in as_carol.get(f"/analyses/{paid.code}/").content.decode()


def test_a_service_without_trouble_shows_nothing(as_alice, account):
    assert "Orders wait" not in as_alice.get("/").content.decode()


def test_the_button_continues(as_alice, paused, paid):
    answer = as_alice.post("/settings/provider/continue/", follow=True)
    assert "Orders go on; what waited is sent now." in answer.content.decode()
    assert ProviderAccount.objects.get(pk=paused.pk).paused_at is None
    assert Analysis.objects.get(pk=paid.pk).due_at


def test_only_an_admin_continues(as_carol, paused):
    assert as_carol.post("/settings/provider/continue/").status_code == 403
    assert ProviderAccount.objects.get(pk=paused.pk).paused_at
