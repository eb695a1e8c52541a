"""Rows that belong to an organisation."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models.sql import Query

from accounts import wall

if TYPE_CHECKING:
    from accounts.models import Membership, Organization

Row = TypeVar("Row", bound=models.Model, covariant=True)


class OwnedQuery(Query):
    """A query that knows in which organisation it was begun, and runs nowhere else."""

    begun_in: wall.Sight | None = None

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
        if begins and (sight := wall.in_sight()) is not None:
            self.query.begun_in = sight  # type: ignore[attr-defined]
            self.query.add_q(models.Q(organization=sight.organization))
            if sight.coach is not None and (seen := model.seen_by(sight.coach)) is not None:
                self.query.add_q(seen)

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
        """Only the rows of the organisation this member works for; for some coaches only of their groups' runners."""
        # Begun within the member's own sight they are narrowed already; twice would cost every page.
        begun_in: wall.Sight | None = getattr(self.query, "begun_in", None)
        organization: dict[str, Any] = {"organization": member.organization_id}
        is_inside = begun_in is not None and begun_in.organization == member.organization_id
        rows = self.all() if is_inside else self.filter(**organization)
        owned: type[OrgOwned] = self.model  # type: ignore[assignment]
        if not member.sees_groups_only or (seen := owned.seen_by(member.pk)) is None:
            return rows
        narrowed_already = begun_in == wall.Sight(member.organization_id, member.pk)
        return rows if narrowed_already else rows.filter(seen)

    def free(self, now: datetime, lease: str = "lease_until") -> Self:
        """In no worker's hands: never taken, or by one whose time is over."""
        return self.filter(models.Q(**{lease: None}) | models.Q(**{f"{lease}__lt": now}))


class OrgOwned(models.Model):
    """Abstract base of every row of a customer: its organisation, and a random code that stands in addresses."""

    is_runner: ClassVar[bool] = False

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def seen_by(cls, membership: int) -> models.Q | None:
        """Return which rows a coach may see who sees only the runners of their groups; None: all.

        Followed along the foreign keys to the runner, so that a new table is behind this wall from its first day.
        What is about nobody, or may be and is, is everybody's. No joins: such a query can be locked, updated, counted.
        """
        key = _key_to_runner(cls)
        if key is None:
            return None
        there: Any = key.related_model
        seen = models.Q(**{f"{key.name}__in": there._base_manager.filter(there.seen_by(membership)).values("pk")})
        return seen | models.Q(**{f"{key.name}__isnull": True}) if key.null else seen


class OrgSetting(OrgOwned):
    """Abstract base of what an organisation decided, in one row; who never did has none, and the defaults hold."""

    class Meta:
        abstract = True

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """Return what was decided, or the defaults, unsaved."""
        return cls._default_manager.filter(organization=organization).first() or cls(organization=organization)


@cache
def _key_to_runner(model: type[OrgOwned], *, past: frozenset[type] = frozenset()) -> Any:
    """Return the foreign key that leads from these rows to the runner they are about; None: they are about nobody.

    The shortest sure way: one that cannot be empty, straight to the runner where there is one.
    """
    leading: list[Any] = [
        key
        for key in model._meta.concrete_fields
        if isinstance(there := key.related_model, type)
        and there not in (model, *past)
        and issubclass(there, OrgOwned)
        and (there.is_runner or _key_to_runner(there, past=past | {model}) is not None)
    ]
    return min(leading, key=lambda key: (key.null, not key.related_model.is_runner), default=None)
