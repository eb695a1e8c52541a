"""Settings: the index, and what an organisation decides for itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, alerts
from accounts.access import MemberRequest, member_required
from accounts.forms import AlertsForm, OrganizationForm
from accounts.limits import Limit
from accounts.models import Organization, User

TESTS = Limit("test-mails", 5, 60)  # of one organisation


@require_safe
@member_required(admin=True)
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "accounts/settings.html")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def organization(request: MemberRequest) -> HttpResponse:
    """Show and set the organisation's name, language and units."""
    ours = request.member.organization
    initial = {"name": ours.name, "language": ours.language, "units": ours.units}
    form = OrganizationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.set_organization(organization=ours, by=request.user, **form.cleaned_data)
        messages.success(request, _("The settings are kept."))
        return redirect("accounts:organization")
    return render(request, "accounts/organization.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def alert_addresses(request: MemberRequest) -> HttpResponse:
    """Show and set who gets mail about the organisation."""
    ours = request.member.organization
    form = AlertsForm(request.POST or None, initial={"addresses": "\n".join(ours.alert_addresses)})
    if request.method == "POST" and form.is_valid():
        actions.set_alert_addresses(organization=ours, by=request.user, **form.cleaned_data)
        messages.success(request, _("The settings are kept."))
        return redirect("accounts:alerts")
    shown = {"form": form, "told": alerts.addresses_of(ours), "has_server": alerts.has_mail_server()}
    return render(request, "accounts/alerts.html", shown, status=422 if form.is_bound else 200)


@require_POST
@member_required(admin=True)
def test_alerts(request: MemberRequest) -> HttpResponse:
    """Send a mail as an alert would be sent, and say what became of it."""
    ours = request.member.organization
    if not TESTS.passes(str(ours.pk)):
        messages.error(request, _("Too many test mails in a row. Wait a minute, then send the next one."))
        return redirect("accounts:alerts")
    told = alerts.tell(organization=ours, write=lambda: _test_mail(ours, request.user))
    if told.sent and alerts.has_mail_server():
        said = _("The mail server has taken the test mail for %(addresses)s. Look there, in the spam folder too.")
        messages.success(request, said % {"addresses": ", ".join(told.sent)})
    elif told.sent:
        messages.warning(
            request,
            _("No mail server is set up: the test mail stands in the portal’s log. The operator sets EMAIL_BACKEND."),
        )
    for sentence in told.wrong:
        messages.error(request, sentence)
    return redirect("accounts:alerts")


def _test_mail(ours: Organization, by: User) -> tuple[str, str]:
    text = _("This is how %(club)s hears about itself. %(name)s sent this mail to test it; there is nothing to do.")
    subject = _("Test mail of %(club)s") % {"club": ours.name}
    return subject, f"{text % {'club': ours.name, 'name': by.name}}\n\n{settings.PUBLIC_URL}\n"
