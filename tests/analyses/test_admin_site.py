"""The operators' site: everything can be looked at, keys cannot."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib import admin
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(admin_user, client):
    client.force_login(admin_user)
    return client


OURS = sorted(
    (model for model in admin.site._registry if (settings.BASE / model._meta.app_label).is_dir()),
    key=lambda model: model._meta.label,
)


@pytest.mark.parametrize("model", OURS)
def test_every_list_opens(operator, model, order):
    order()
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    assert operator.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("model", [model for model, pages in admin.site._registry.items() if pages.search_fields])
def test_every_list_can_be_searched(operator, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    assert operator.get(reverse(name), {"q": "alice"}).status_code == 200


def test_an_analysis_shows_its_moves_and_changes_nothing(operator, order):
    analysis = order()
    address = reverse("admin:analyses_analysis_change", args=[analysis.pk])
    assert b"queued" in operator.get(address).content
    assert operator.post(address, {"status": "failed"}).status_code == 403


def test_no_key_is_shown(operator, account):
    account.key = "a-very-secret-key"
    account.webhook_token = account.token_of_key
    account.save()
    page = operator.get(reverse("admin:analyses_provideraccount_change", args=[account.pk])).content.decode()
    assert account.sealed_key not in page
    assert "a-very-secret-key" not in page
    assert account.webhook_token not in page


def test_members_are_no_operators(as_alice):
    assert as_alice.get(reverse("admin:index")).status_code == 302
