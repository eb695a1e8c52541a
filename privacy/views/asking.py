"""The page a runner opens on their own phone: what they are asked, and what they said. No sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import wall
from accounts.limits import Limit, caller
from privacy import actions, jobs
from privacy.forms import AnswerForm
from privacy.models import ConsentRequest
from privacy.wording import Words
from subjects import consents

# From one address: a secret has 256 random bits, so this only keeps guessing cheap.
WRONG = Limit("wrong-consent-links", 30, 60)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask; keep the answers. The same link later shows them, and takes them back."""
    with wall.everything("a consent link is found by its secret, before it is known whose it is"):
        asked = actions.find_request(token=token)
    if asked is None:
        return _nothing(request)
    with wall.only(asked.organization_id), translation.override(asked.language):
        return _quiet(_answer(request, asked, token))


def _answer(request: HttpRequest, asked: ConsentRequest, token: str) -> HttpResponse:
    form = _form(request, asked)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            who = {"giver": given["giver"], "giver_name": given["giver_name"].strip()}
            actions.answer(request=asked, answers=form.answers, words=form.words, **who)
        except actions.NotTheirs as refused:
            form.add_error("giver", str(refused))
        else:
            jobs.hint_cleaning(asked.subject)
            return redirect("privacy:answer", token)
    shown = {
        "asked": asked,
        "runner": asked.subject,
        "form": form,
        "guardian": consents.needs_guardian(asked.subject, timezone.localdate()),
    }
    return render(request, "privacy/answer.html", shown, status=422 if form.is_bound else 200)


def _form(request: HttpRequest, asked: ConsentRequest) -> AnswerForm:
    uses = [use for use in actions.uses() if use.word in asked.purposes]
    words = {use.word: use.words(asked.organization) for use in uses}
    guardian = consents.needs_guardian(asked.subject, timezone.localdate())
    return AnswerForm(
        request.POST or None,
        asked=uses,
        words=words,
        stands={use.word: _stands(asked, use, words[use.word]) for use in uses},
        initial={"giver": "guardian" if guardian else "runner"},
    )


def _stands(asked: ConsentRequest, use: actions.Use, words: Words) -> bool | None:
    """What was said to these very words; None where nothing was, or a yes to others."""
    last = consents.newest(asked.subject, use.purpose, use.recipient)
    if last is None or (last.stands_on(timezone.localdate()) and last.text_version != words.version):
        return None
    return last.stands_on(timezone.localdate())


def _nothing(request: HttpRequest) -> HttpResponse:
    if not WRONG.passes(caller(request)):
        response = _quiet(render(request, "reports/too_often.html", status=429))
        response["Retry-After"] = str(WRONG.retry_after_s)
        return response
    return _quiet(render(request, "reports/link_ended.html", status=404))


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the address to those who were sent it."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "same-origin"  # a form on the page needs its own address told
    return response
