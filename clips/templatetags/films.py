"""What has become of a film, and the field that takes films in."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.translation import gettext as _

from clips.keeping import film_notice
from clips.rules import MAX_DURATION_S

register = template.Library()
register.simple_tag(film_notice)


@register.inclusion_tag("clips/_upload.html", takes_context=True)
def upload_field(context: RequestContext, *, strict: bool, several: int = 0, many_url: str = "") -> dict[str, Any]:
    """The field that takes films in, to stand in a form that has `view` and `treadmill`.

    `strict`: a wrong orientation stops the film, as with a service that costs a credit. A film that may be sent
    puts its code into the form as `clip`, and as `accepted` when a person ticked its warning.
    With `many_url` more than one film is handed over to the page there; that page asks for as many as `several`, in
    no form, for there each row is a form of its own.
    """
    texts = {
        "reading": _("Looking at the film …"),
        "waiting": _("Waiting for the film before it."),
        "sending": _("Sending …"),
        "checking": _("Checking the film …"),
        "copying": _("Its picture comes in a moment."),
        "part": _("From %(from)s s to %(to)s s"),
        "ready": _("Ready to be measured."),
        "broken": _("The connection broke; the film is still on this device. Try again when you are online."),
        "signed_out": _("You are signed out. Sign in again in another tab, then try again."),
        "failed": _("The portal could not take the film. Try again in a minute."),
        "refused": _("The film store did not take the film. Try again."),
    }
    return {
        "owner": context["request"].member.pk,
        "strict": strict,
        "several": several,
        "many_url": many_url,
        "texts": texts,
        "max_s": MAX_DURATION_S,
        "csrf_token": context.get("csrf_token", ""),
    }
