"""The words runners agree to, as an admin edits them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.access import MemberRequest, member_required
from privacy import actions
from privacy.forms import WordsForm
from privacy.models import Wording

EARLIER = 20


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def words(request: MemberRequest) -> HttpResponse:
    """Show and set the words of one language."""
    ours = request.member.organization
    language = _language(request)
    form = WordsForm(request.POST or None, organization=ours, language=language)
    if request.method == "POST" and form.is_valid():
        changed = actions.set_words(organization=ours, language=language, texts=form.cleaned_data, by=request.user)
        if changed:
            messages.success(request, _("The texts are kept. Whoever is asked from now on reads them."))
        else:
            messages.info(request, _("Nothing was different, so nothing was changed."))
        return redirect(f"{reverse('privacy:words')}?language={language}")
    earlier = access.rows(request, Wording).filter(language=language).select_related("made_by")
    shown = {
        "form": form,
        "edited": language,
        "languages": settings.LANGUAGES,
        "earlier": earlier.order_by("-made_at", "-pk")[:EARLIER],
    }
    return render(request, "privacy/words.html", shown, status=422 if form.is_bound else 200)


def _language(request: MemberRequest) -> str:
    chosen = request.GET.get("language", "")
    known = dict(settings.LANGUAGES)
    return next(one for one in (chosen, request.member.organization.language, request.LANGUAGE_CODE) if one in known)
