"""What an organisation decides for itself, each decision with its line in the record."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User


@transaction.atomic
def set_organization(*, organization: Organization, name: str, language: str, units: str, by: User) -> None:
    """Change how the organisation is called, and in what its pages for others are written."""
    organization.name, organization.language, organization.units = name, language, units
    organization.save(update_fields=["name", "language", "units"])
    _record(organization, f"{name} · {language or '–'} · {units}", by)


@transaction.atomic
def set_alert_addresses(*, organization: Organization, addresses: Iterable[str], by: User) -> None:
    """Say who gets mail about the organisation; nobody named means the admins."""
    organization.alert_addresses = list(addresses)
    organization.save(update_fields=["alert_addresses"])
    _record(organization, "alerts: " + (", ".join(organization.alert_addresses) or "admins"), by)


def _record(organization: Organization, about: str, by: User) -> None:
    record(organization=organization, by=by, action=AuditEntry.Action.SETTINGS_CHANGED, about=about)
