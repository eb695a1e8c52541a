"""The secret address the service calls: changed without a gap, looked at daily, and asked again about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from analyses import actions, jobs
from analyses.models import ProviderAccount, WebhookCall
from providers.base import ProviderUnavailable
from tests.analyses.test_webhooks import address, call, hints, running  # noqa: F401 - fixtures

HOME = "http://127.0.0.1:8000"


def text_of(client, url):
    return [str(one) for one in client.post(url, follow=True).context["messages"]]


def test_both_addresses_are_good_for_a_day_after_a_change(client, as_alice, address, service, hints):  # noqa: F811
    assert text_of(as_alice, "/settings/provider/webhook/change/") == [
        "The address is new. Calls to the former one are taken for one more day."
    ]
    new = service.registered.removeprefix(HOME)
    assert new != address
    assert [call(client, one, event="x").status_code for one in (address, new)] == [200, 200]
    ProviderAccount.objects.update(former_token_until=timezone.now() - timedelta(seconds=1))
    assert [call(client, one, event="x").status_code for one in (address, new)] == [404, 200]
    assert AuditEntry.objects.filter(action="webhook_changed").count() == 1


def test_a_change_the_service_did_not_hear_of_is_told_later(client, as_alice, address, service, engine_account):  # noqa: F811
    service.trouble = [ProviderUnavailable("It does not answer.")]
    assert text_of(as_alice, "/settings/provider/webhook/change/") == [
        "The address is new here, but Built-in engine could not be told: It does not answer. "
        "Both are good; we try again."
    ]
    assert service.registered == HOME + address
    assert ProviderAccount.objects.get(pk=engine_account.pk).former_token_until is None
    engine_account.refresh_from_db()
    assert actions.check_webhook(account=engine_account) is True
    assert call(client, service.registered.removeprefix(HOME), event="x").status_code == 200
    assert call(client, address, event="x").status_code == 200
    assert ProviderAccount.objects.get(pk=engine_account.pk).former_token_until is not None


def test_an_address_the_service_still_calls_is_good_however_often_it_is_changed(client, as_alice, address, service):  # noqa: F811
    service.trouble = [ProviderUnavailable("It does not answer."), ProviderUnavailable("It does not answer.")]
    for _ in range(2):
        as_alice.post("/settings/provider/webhook/change/")
    assert service.registered == HOME + address
    assert call(client, address, event="x").status_code == 200


def test_nothing_is_changed_before_the_service_calls(as_alice, engine_account):
    assert text_of(as_alice, "/settings/provider/webhook/change/") == [
        "There is no address to change yet. Have the service call us first."
    ]


def test_organisations_that_share_a_key_change_together(address, service, engine_account, charlie, alice):  # noqa: F811
    elsewhere = charlie.memberships.get().organization
    other = ProviderAccount.objects.create(organization=elsewhere, kind=ProviderAccount.Kind.ENGINE)
    actions.register_webhook(account=other)
    assert service.registered == HOME + address
    engine_account.refresh_from_db()
    actions.rotate_webhook(account=engine_account, by=alice)
    other.refresh_from_db()
    assert other.webhook_token == engine_account.webhook_token
    actions.register_webhook(account=other)
    assert service.registered.endswith(f"/{engine_account.webhook_token}/")


def test_what_the_service_forgot_is_registered_again(address, service, engine_account):  # noqa: F811
    assert actions.check_webhook(account=engine_account) is False
    service.registered = ""
    assert actions.check_webhook(account=engine_account) is True
    assert service.registered == HOME + address
    service.calls = False
    assert actions.check_webhook(account=engine_account) is True
    assert service.calls


def test_it_is_looked_at_once_a_day(address, engine_account, monkeypatch):  # noqa: F811
    sent = []
    monkeypatch.setattr(jobs, "send_hint", lambda step, *, queue, **row: sent.append((step.__name__, row)) or True)
    assert jobs.hint_webhooks() == 0
    ProviderAccount.objects.update(webhook_checked_at=timezone.now() - timedelta(hours=25))
    assert jobs.hint_webhooks() == 1
    assert sent == [("check_webhook", {"account_id": engine_account.pk})]
    jobs.check_webhook(account_id=engine_account.pk)
    assert jobs.hint_webhooks() == 0


def test_after_an_outage_what_was_called_about_is_asked_again(client, as_alice, address, running, hints):  # noqa: F811
    call(client, address, event="analysis.completed", video_id=running.remote_id)
    hints.clear()
    assert text_of(as_alice, "/settings/provider/calls/again/") == ["We ask again about 1 analysis."]
    assert hints == [running.pk]
    WebhookCall.objects.update(at=timezone.now() - timedelta(days=8))
    assert text_of(as_alice, "/settings/provider/calls/again/") == ["Everything the service called about has ended."]


def test_the_page_tells_what_came_of_each_call(client, as_alice, address, running):  # noqa: F811
    call(client, address, event="analysis.completed", video_id=running.remote_id)
    call(client, address, event="webhook.test")
    page = as_alice.get("/settings/provider/calls/").content.decode()
    assert "we asked" in page
    assert "a test" in page


@pytest.mark.parametrize("calls", [3, 60])
def test_the_page_asks_the_database_a_fixed_number_of_times(
    as_alice, engine_account, django_assert_max_num_queries, calls
):
    WebhookCall.objects.bulk_create(
        WebhookCall(organization=engine_account.organization, account=engine_account, outcome="asked")
        for _ in range(calls)
    )
    with django_assert_max_num_queries(12):
        as_alice.get("/settings/provider/calls/")


@pytest.mark.usefixtures("running")
def test_calls_are_forgotten_once_they_are_no_longer_listed(client, address, settings):  # noqa: F811
    settings.WEBHOOK_LOG_DAYS = 30
    call(client, address, event="webhook.test")
    WebhookCall.objects.update(at=timezone.now() - timedelta(days=29))
    assert jobs.forget_calls() == 0
    call(client, address, event="webhook.test")
    WebhookCall.objects.filter(at__lt=timezone.now() - timedelta(days=28)).update(
        at=timezone.now() - timedelta(days=31)
    )
    assert jobs.forget_calls() == 1
    assert WebhookCall.objects.count() == 1
