"""Rows that belong to an organisation."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from accounts.models import Membership


class OrgOwnedQuerySet(models.QuerySet["OrgOwned"]):
    def visible_to(self, member: Membership) -> Self:
        """Only the rows of the organisation this member works for."""
        return self.filter(organization=member.organization_id)


class OrgOwned(models.Model):
    """Abstract base of every row of a customer: its organisation, and a random code that stands in addresses."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = OrgOwnedQuerySet.as_manager()

    class Meta:
        abstract = True
