"""Rows that belong to an organisation."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from accounts.models import Membership

Row = TypeVar("Row", bound=models.Model, covariant=True)


class OrgOwnedQuerySet(models.QuerySet[Row]):
    """What every row of an organisation can be asked."""

    def visible_to(self, member: Membership) -> Self:
        """Only the rows of the organisation this member works for."""
        organization: dict[str, Any] = {"organization": member.organization_id}
        return self.filter(**organization)


class OrgOwned(models.Model):
    """Abstract base of every row of a customer: its organisation, and a random code that stands in addresses."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
