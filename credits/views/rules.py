"""Budgets, the level somebody is told at, and gifts two admins agree on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access, alerts
from accounts.access import MemberRequest, member_required
from credits import actions, budgets
from credits.forms import BudgetForm, RulesForm
from credits.models import Budget, Rules
from credits.months import Month

PAGE = 50


@require_safe
@member_required(admin=True)
def rules(request: MemberRequest) -> HttpResponse:
    return _rules_page(request)


@require_POST
@member_required(admin=True)
def change_rules(request: MemberRequest) -> HttpResponse:
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _rules_page(request, form=form, status=422)
    organization = request.member.organization
    try:
        decided = actions.change_rules(organization=organization, by=request.user, **form.cleaned_data)
    except actions.TooFewAdmins:
        form.add_error("agreed_above", _("Two admins are needed for this, and there is one. Invite another first."))
        return _rules_page(request, form=form, status=422)
    if decided.ask:
        messages.info(request, _("Saved. The looser rule holds once another admin agrees."))
    else:
        messages.success(request, _("Saved."))
    return redirect("credits:rules")


@require_POST
@member_required(admin=True)
def set_budget(request: MemberRequest) -> HttpResponse:
    form = BudgetForm(request.POST, **_whose(request))
    if not form.is_valid():
        return _rules_page(request, budget_form=form, status=422)
    budget = Budget(organization=request.member.organization, **form.whose)
    kept = actions.set_budget(budget=budget, limit=form.cleaned_data["limit"], by=request.user)
    messages.success(request, _("%(name)s: %(n)s a month.") % {"name": kept, "n": kept.limit})
    return redirect("credits:rules")


@require_POST
@member_required(admin=True)
def remove_budget(request: MemberRequest, code: UUID) -> HttpResponse:
    budget = access.row(request, Budget, code, write=True)
    actions.remove_budget(budget=budget, by=request.user)
    messages.success(request, _("%(name)s no longer has a budget.") % {"name": budget})
    return redirect("credits:rules")


def _rules_page(
    request: MemberRequest, form: RulesForm | None = None, budget_form: BudgetForm | None = None, status: int = 200
) -> HttpResponse:
    organization = request.member.organization
    rules = Rules.of(organization)
    rows = access.rows(request, Budget).select_related("member__user", "group")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    people, groups = budgets.used_by(organization, Month.now())
    shown = {
        "form": form or RulesForm(initial={"low_at": rules.low_at, "agreed_above": rules.agreed_above}),
        "budget_form": budget_form or BudgetForm(**_whose(request)),
        "page": page,
        "lines": [budgets.line(one, people, groups) for one in page],
        "told": alerts.addresses_of(organization),
    }
    return render(request, "credits/rules.html", shown, status=status)


def _whose(request: MemberRequest) -> dict[str, Any]:
    """Who may be given a budget: whoever may order, and every group."""
    return {"members": request.member.organization.memberships, "groups": access.rows(request, budgets.group_rows())}
