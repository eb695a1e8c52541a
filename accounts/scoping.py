"""Rows that belong to an organisation."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models.sql import Query

from accounts import wall

if TYPE_CHECKING:
    from accounts.models import Membership

Row = TypeVar("Row", bound=models.Model, covariant=True)


class OwnedQuery(Query):
    """A query that knows in which organisation it was begun, and runs nowhere else."""

    begun_in: int | None = None

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        # Every way to run a query, alone or inside another, passes here.
        if not self.is_empty():
            wall.check(self.begun_in, self.get_meta().object_name or "")
        return super().get_compiler(*args, **kwargs)


class OrgOwnedQuerySet(models.QuerySet[Row]):
    """What every row of an organisation can be asked, from behind the second wall (wall.py)."""

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
        begins = query is None and model is not None
        super().__init__(model, OwnedQuery(model) if begins else query, using, hints)
        if begins and (organization := wall.organization_in_sight()) is not None:
            self.query.begun_in = organization  # type: ignore[attr-defined]
            self.query.add_q(models.Q(organization=organization))

    def update(self, **changes: Any) -> int:
        self._check()
        return super().update(**changes)

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        self._check()
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _check(self) -> None:
        # Django makes another kind of query of these, which no longer passes OwnedQuery.
        if not self.query.is_empty():
            wall.check(getattr(self.query, "begun_in", None), self.model.__name__)

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
