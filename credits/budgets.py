"""How many credits a member, and the runners of a group, may use in a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import F, Q, QuerySet, Sum

from accounts.models import Organization, User
from accounts.scoping import OrgOwned
from credits.models import Budget, Entry
from credits.months import Month
from credits.refusals import OverBudget


def refuse_over(organization: Organization, amount: int, *, by: User | None, groups: Sequence[int]) -> None:
    """Raise OverBudget for the first budget that has fewer left this month. Called under the ledger's lock."""
    if refusal := over(organization, amount, by=by, groups=groups):
        raise refusal


def over(organization: Organization, amount: int, *, by: User | None, groups: Sequence[int]) -> OverBudget | None:
    """Return how the first budget that has fewer left this month refuses; None where none does."""
    month = Month.now()
    for budget in budgets_for(organization, by=by, groups=groups):
        used = used_of(budget, month)
        if used + amount > budget.limit:
            name = budget.group.name if budget.group else ""
            return OverBudget(needed=amount, limit=budget.limit, used=used, group=name)
    return None


def budgets_for(organization: Organization, *, by: User | None, groups: Sequence[int] = ()) -> QuerySet[Budget]:
    """Return the budgets an order by this person for a runner of these groups counts against; the person's first."""
    whose = Q(group__in=groups)
    if by is not None:
        whose |= Q(member__user=by)
    found = Budget.objects.filter(whose, organization=organization)
    # PostgreSQL puts what is empty last, SQLite first.
    return found.select_related("member__user", "group").order_by(F("group_id").asc(nulls_first=True), "pk")


def used_of(budget: Budget, month: Month) -> int:
    """Return how many of a budget's credits the orders of a month used; what came back does not count."""
    whose = Q(by=budget.member.user_id) if budget.member else Q(group_uses__group=budget.group_id)
    used = Entry.objects.filter(whose, organization_id=budget.organization_id).used().during(month)
    return -used.total()


def left_of(organization: Organization, user: User) -> tuple[int, int] | None:
    """Return (left, limit) of a person's own budget this month; None where they have none."""
    budget = budgets_for(organization, by=user).first()
    return (max(0, budget.limit - used_of(budget, Month.now())), budget.limit) if budget else None


def used_by(organization: Organization, month: Month) -> tuple[dict[int, int], dict[int, int]]:
    """Return what was used in a month by person and by group, under their numbers: two queries for all budgets."""
    used = Entry.objects.filter(organization=organization).used().during(month)
    people = used.values_list("by").annotate(sum=Sum("amount"))
    groups = used.filter(group_uses__group__isnull=False).values_list("group_uses__group").annotate(sum=Sum("amount"))
    return {pk: -total for pk, total in people}, {pk: -total for pk, total in groups}


class Line(NamedTuple):
    """A budget and what is used of it; `share_pc` is written for a drawing, with a point, and 100 at most."""

    budget: Budget
    used: int
    share_pc: str

    @property
    def is_full(self) -> bool:
        return self.used >= self.budget.limit


def line(budget: Budget, people: Mapping[int, int], groups: Mapping[int, int]) -> Line:
    used = people.get(budget.member.user_id, 0) if budget.member else groups.get(budget.group_id or 0, 0)
    share = min(1.0, used / budget.limit) if budget.limit else float(used > 0)
    return Line(budget, used, f"{100 * share:.1f}")


def group_rows() -> type[OrgOwned]:
    """Return the model of runners' groups: a room beside this one, known here by the budget's foreign key alone."""
    there: type[OrgOwned] = Budget._meta.get_field("group").related_model  # type: ignore[assignment]
    return there
