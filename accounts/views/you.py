"""A person's own page, the switch between organisations, and the page for what is not there."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.defaults import page_not_found

from accounts import access, actions
from accounts.access import MemberRequest, member_required
from accounts.forms import YouForm
from accounts.manner import manner_at_home, manner_of, set_manner


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def you(request: MemberRequest) -> HttpResponse:
    """Show and set how a person is called, and in which language and units they read, on whatever device."""
    user = request.user
    initial = {"name": user.name, "language": user.language, "units": user.units}
    form = YouForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.change_name(user=user, name=form.cleaned_data.pop("name"))
        set_manner(user=user, **form.cleaned_data)
        browser = translation.get_language_from_request(request)
        # What is said next is said in the language just chosen.
        access.speak(request, manner_of(user, request.member.organization, browser=browser).language)
        messages.success(request, _("The settings are kept."))
        return redirect("accounts:you")
    return render(request, "accounts/you.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@member_required
def switch(request: MemberRequest, code: UUID) -> HttpResponse:
    access.choose_organization(request, code)
    return redirect("/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here, in the language of who is signed in.

    An address that leads nowhere passes neither our gate nor the middleware that decides for other pages.
    """
    try:
        if request.resolver_match is None and request.user.is_authenticated:
            access.speak(request, manner_at_home(request.user, browser=translation.get_language() or "").language)
    except DatabaseError:
        # The page for a mistyped address asks nobody for more: it stands by itself.
        return HttpResponseNotFound(render_to_string("404.html"))
    return page_not_found(request, exception)
