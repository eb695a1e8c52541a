"""How many credits a member, and the runners of a group, may use in a month."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from accounts.models import Organization, User
from credits.models import Budget, Entry
from credits.months import Month
from credits.refusals import OverBudget


def refuse_over(organization: Organization, amount: int, *, by: User | None, groups: Sequence[int]) -> None:
    """Raise OverBudget for the first budget that has fewer left this month. Called under the ledger's lock."""
    month = Month.now()
    for budget in budgets_for(organization, by=by, groups=groups):
        used = used_of(budget, month)
        if used + amount > budget.limit:
            name = budget.group.name if budget.group else ""
            raise OverBudget(needed=amount, limit=budget.limit, used=used, group=name)


def budgets_for(organization: Organization, *, by: User | None, groups: Sequence[int] = ()) -> QuerySet[Budget]:
    """Return the budgets an order by this person for a runner of these groups counts against; the person's first."""
    whose = Q(group__in=groups)
    if by is not None:
        whose |= Q(member__user=by)
    found = Budget.objects.filter(whose, organization=organization)
    return found.select_related("member__user", "group").order_by("group_id", "pk")


def used_of(budget: Budget, month: Month) -> int:
    """Return how many of a budget's credits the orders of a month used; what came back does not count."""
    whose = Q(by=budget.member.user_id) if budget.member else Q(group_uses__group=budget.group_id)
    used = Entry.objects.filter(whose, organization_id=budget.organization_id).used(month.begins, month.ends)
    return -used.total()


def left_of(organization: Organization, user: User) -> tuple[int, int] | None:
    """Return (left, limit) of a person's own budget this month; None where they have none."""
    budget = budgets_for(organization, by=user).first()
    return (max(0, budget.limit - used_of(budget, Month.now())), budget.limit) if budget else None
