"""From a film to an order: whose it is, how it was filmed, what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, wall
from accounts.access import MemberRequest, member_required
from accounts.models import Organization, User
from analyses import actions, jobs
from analyses.forms import BELT, NEW, OVER_GROUND, OrderForm
from analyses.leaving import account_for, account_for_groups, why_not_sent
from analyses.models import Analysis, ProviderAccount
from analyses.remote import account_of
from analyses.views.habit import initial_of
from clips.models import Clip
from credits import budgets
from credits.ledger import balance
from credits.refusals import NotEnoughCredits
from subjects.actions import place_runner
from subjects.models import Group, Subject, SubjectQuerySet

CHOICES = 8


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def order(request: MemberRequest) -> HttpResponse:
    """Show the order form; a POST orders and leads to the running analysis."""
    form = order_form(
        request, request.POST or None, initial=initial_of(request.member.organization) | _initial(request)
    )
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        analysis = place_order(request, form)
    except actions.OrderRefused as refused:
        for sentence in refused.sentences:
            form.add_error(None, sentence)
        return _page(request, form, status=422)
    except NotEnoughCredits as error:
        form.add_error(None, error.sentence)
        return _page(request, form, status=409)
    jobs.hint(analysis)
    return redirect("analyses:detail", analysis.code)


def order_form(
    request: MemberRequest, data: QueryDict | None, *, initial: dict[str, Any] | None = None, any_group: bool = False
) -> OrderForm:
    """Return the form of one order, with what this member may choose from.

    A coach kept to groups chooses one for a new runner; with `any_group` everybody may.
    """
    needs_group = request.member.sees_groups_only
    return OrderForm(
        data,
        runners=access.rows(request, Subject),
        films=access.rows(request, Clip),
        groups=access.rows(request, Group) if needs_group or any_group else None,
        needs_group=needs_group,
        units=request.manner.units,
        initial=initial,
    )


@transaction.atomic
def place_order(request: MemberRequest, form: OrderForm) -> Analysis:
    """Order what a valid form says. Raises OrderRefused, NotEnoughCredits."""
    given = form.cleaned_data
    # The film's row is the lock: a form sent twice by an impatient thumb finds the order of the first.
    clip = given["clip"]
    access.rows(request, Clip).select_for_update().filter(pk=clip.pk).first()
    underway = access.rows(request, Analysis).filter(clip=clip, view=given["view"])
    same = underway.filter(status__in=Analysis.Status.unfinished()).first()
    if same:
        return same
    organization = request.member.organization
    subject = form.save_runner(organization)
    if given["runner"] is None:
        place_runner(subject=subject, member=request.member, group=given.get("group"))
    return actions.order_analysis(
        clip=clip,
        subject=subject,
        account=account_for(subject, account_of(organization)),
        view=given["view"],
        treadmill=given["treadmill"] == BELT,
        pace_s_per_km=given["pace"],
        ticked=form.ticked,
        by=request.user,
    )


@require_safe
@member_required(write=True)
def runner_choices(request: MemberRequest) -> HttpResponse:
    """Answer the runners that match what is typed, and the offer to make a new one."""
    words = request.GET.get("q", "").strip()
    runners = _runners(request, words)
    # A name typed in full is that runner, not a new one of the same name.
    same = [one for one in runners if one.name.casefold() == words.casefold()]
    chosen = str(same[0].code) if len(same) == 1 else ""
    return render(request, "analyses/_runners.html", {"runners": runners, "words": words, "chosen": chosen})


@require_safe
@member_required(write=True)
def price(request: MemberRequest) -> HttpResponse:
    """Answer who would measure the runner in the address, or a new one of that group, what it costs, and why not."""
    runner, group = _named(request, Subject, "runner"), _named(request, Group, "group")
    account = account_of_order(request, runner, group)
    shown = {
        "account": account,
        "price_line": price_line(request, account, runner, group),
        **not_agreed(account, runner or _new_runner(request, request.GET)),
    }
    return render(request, "analyses/_price.html", shown)


def not_agreed(account: ProviderAccount, runner: Subject | None) -> dict[str, Any]:
    """Return why this runner's film may not go there, as the order would be refused, and who is to be asked."""
    return {"not_agreed": why_not_sent(account, runner) if runner else "", "to_ask": runner}


def _new_runner(request: MemberRequest, given: QueryDict) -> Subject | None:
    """Return the runner who would be made, not kept yet; None where none is to be."""
    name = given.get("new_name", "").strip() if given.get("runner") == NEW else ""
    return Subject(organization=request.member.organization, name=name) if name else None


def account_of_order(request: MemberRequest, runner: Subject | None, group: Group | None) -> ProviderAccount:
    """Return who would measure this runner, or a new one of that group."""
    usual = account_of(request.member.organization)
    return account_for(runner, usual) if runner else account_for_groups([group.pk] if group else [], usual)


def _runners(request: MemberRequest, words: str, chosen: Subject | None = None) -> list[Subject]:
    """Return the runners to choose from: the matching ones, those filmed last first; `chosen` always among them."""
    known = remembered(request, cast(SubjectQuerySet, access.rows(request, Subject)).active().matching(words))
    found = list(known[:CHOICES])
    if chosen and chosen not in found:
        found[:0] = list(known.filter(pk=chosen.pk))
    return found[:CHOICES]


def remembered(request: MemberRequest, rows: SubjectQuerySet) -> SubjectQuerySet:
    """Return runners with how each was filmed the last time; those filmed last first."""
    last = access.rows(request, Analysis).filter(subject=OuterRef("pk")).order_by("-ordered_at")
    recent = rows.annotate(last_at=Coalesce("filmed_at", "created_at")).order_by("-last_at")
    return recent.annotate(
        last_view=Subquery(last.values("view")[:1]),
        last_treadmill=Subquery(last.values("treadmill")[:1]),
        last_pace_s=Subquery(last.values("pace_s_per_km")[:1]),
    )


def _initial(request: MemberRequest) -> dict[str, Any]:
    """Take over what the address says: the runner, filmed as the last time, or the film to be ordered again."""
    given: dict[str, Any] = {}
    if runner := _named(request, Subject, "runner"):
        given |= {"runner": str(runner.code), "height_m": runner.height_m, "weight_kg": runner.weight_kg}
        given |= _as_last_time(request, runner)
    if clip := _named(request, Clip, "clip"):
        given["clip"] = clip.code
    if request.GET.get("view") in Analysis.View.values:
        given["view"] = request.GET["view"]
    return given


def _as_last_time(request: MemberRequest, runner: Subject) -> dict[str, Any]:
    """How this runner was filmed the last time, as the form has it; empty for a runner never filmed."""
    last = access.rows(request, Analysis).filter(subject=runner).order_by("-ordered_at").first()
    if last is None:
        return {}
    given = {"view": last.view, "treadmill": BELT if last.treadmill else OVER_GROUND}
    return given | ({"pace": last.pace_s_per_km} if last.pace_s_per_km else {})


def _named(request: MemberRequest, model: Any, word: str) -> Any:
    named = access.rows(request, model).filter(code=access.code_of(request.GET.get(word, "")))
    return named.first() if word in request.GET else None


def _page(request: MemberRequest, form: OrderForm, status: int = 200) -> HttpResponse:
    chosen = access.rows(request, Subject).filter(code=form["runner"].value()).first() if _is_code(form) else None
    group = None if chosen or form.groups is None else form.groups.first()
    account = account_of_order(request, chosen, group)
    to_measure = chosen or (_new_runner(request, request.POST) if form.is_bound else None)
    shown = {
        "form": form,
        "runners": _runners(request, "", chosen),
        "chosen": form["runner"].value(),
        "new_name": form["new_name"].value() if form["runner"].value() == NEW else "",
        "account": account,
        "price_line": price_line(request, account, chosen, group),
        **not_agreed(account, to_measure),
        "clip": _clip(form),
    }
    return render(request, "analyses/order.html", shown, status=status)


def _is_code(form: OrderForm) -> bool:
    value = form["runner"].value()
    return bool(value) and value != NEW and "runner" not in form.errors


def _clip(form: OrderForm) -> Clip | None:
    """Return the film that is there already, so that a mistake elsewhere does not cost the upload."""
    if form.is_bound:
        return form.cleaned_data.get("clip")
    code = form.initial.get("clip")
    return form.films.filter(code=code, status=Clip.Status.PROBED).first() if code else None


def over_group(request: MemberRequest, account: ProviderAccount, runner: Subject | None, group: Group | None) -> str:
    """Return how the budget of a group this runner is in, or a new one goes into, would refuse; empty if none does."""
    if not account.price:
        return ""
    organization = request.member.organization
    # A coach may not see each of them, and yet each one's budget counts.
    with wall.only(organization.pk):
        groups = list(runner.groups.values_list("pk", flat=True)) if runner else [group.pk] if group else []
        refusal = budgets.over(organization, account.price, by=None, groups=groups) if groups else None
    return refusal.sentence if refusal else ""


def price_line(request: MemberRequest, account: ProviderAccount, runner: Subject | None, group: Group | None) -> str:
    refusal = over_group(request, account, runner, group)
    return refusal or price_lines([account.price], request.member.organization, request.user)[0]


def price_lines(prices: Sequence[int], organization: Organization, user: User) -> list[str]:
    """Say what each of these prices takes of what is left; all of them cost one look at the ledger."""
    free = _("Built-in engine, no credit.")
    if not any(prices):
        return [free] * len(prices)
    left, budget = balance(organization), budgets.left_of(organization, user)
    own = ""
    if budget is not None:
        own = " " + _("Of your %(limit)s a month %(left)s are left.") % {"left": budget[0], "limit": budget[1]}
    return [_uses(price, left) + own if price else free for price in prices]


def _uses(price: int, left: int) -> str:
    text = ngettext("Uses %(price)s credit, %(left)s left.", "Uses %(price)s credits, %(left)s left.", price)
    return text % {"price": price, "left": left}
