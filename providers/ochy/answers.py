"""What the service's refusals mean: HTTP status and code in, one of our errors out.

Only three texts are published (401, 402, 403) and none is matched on: status and `code` decide.
"""

from __future__ import annotations

from typing import Any, Literal

from providers.base import (
    FilmRefused,
    KeyInvalid,
    KeyMissing,
    NotFound,
    NotReady,
    OutOfCredits,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    StartNotSent,
    StartUnsure,
    UnexpectedAnswer,
    WebhookNotConfigured,
)
from providers.http import Reply
from providers.ochy.values import mapping, sequence, text
from providers.ochy.wire import Unreadable, parse_document
from providers.words import gettext_noop

About = Literal["analysis", "subject", "numbers", "webhook", "account"]

UNSURE = gettext_noop(
    "The film was sent, but the measuring service did not say whether it started; "
    "look for it at the service before ordering again."
)
UNKNOWN_RUNNER = gettext_noop("The measuring service does not know this runner; it may have been deleted there.")
UNKNOWN_ANALYSIS = gettext_noop("The measuring service does not know this analysis; it may have been deleted there.")
THIS_FILM = gettext_noop("The measuring service refuses this film; check it and send another.")
FILM_REFUSALS = {
    "invalid_file_type": gettext_noop(
        "The measuring service does not take this kind of file; send MP4, MOV, AVI or WEBM."
    ),
    "file_too_large": gettext_noop("The film is larger than the measuring service takes; send at most 30 MB."),
    "too_long": gettext_noop("The film is longer than the measuring service takes; cut it to 10 seconds."),
}


def refusal(reply: Reply, about: About) -> ProviderError:
    """Return the error that a reply without the wanted content means."""
    code, detail = _error_body(reply.body)
    told: dict[str, Any] = {"http_status": reply.status, "detail": detail}
    match reply.status:
        case 401:
            return KeyMissing(gettext_noop("The measuring service asks for a key; enter one in the settings."), **told)
        case 402:
            return OutOfCredits(
                gettext_noop("The measuring service has no credits left; buy more there, then order again."), **told
            )
        case 403:
            return KeyInvalid(
                gettext_noop("The measuring service refuses our key; enter the current one in the settings."), **told
            )
        case 404 if about != "account" and about != "webhook":
            return NotFound(UNKNOWN_RUNNER if about == "subject" else UNKNOWN_ANALYSIS, **told)
        case 400 if about == "numbers":
            return NotReady(gettext_noop("The numbers are not there yet; ask again when the analysis is done."), **told)
        case 400 | 422 if about == "webhook":
            return ProviderRefused(
                gettext_noop("The measuring service refuses the address for its calls; it must begin with https://."),
                **{**told, "code": "webhook_refused"},
            )
        case 408 | 425 | 429:
            return ProviderUnavailable(**_busy(reply), **told)
        case status if status >= 500:
            return ProviderUnavailable(
                gettext_noop("The measuring service has trouble of its own (%(status)s); try again in a few minutes."),
                values={"status": status},
                retry_after_s=reply.retry_after_s,
                **told,
            )
    return unexpected(reply, code)


def start_refusal(reply: Reply, *, with_subject: bool) -> ProviderError:
    """Return the error that a refused start means. After a server's fault nobody knows whether it started."""
    code, detail = _error_body(reply.body)
    told: dict[str, Any] = {"http_status": reply.status, "detail": detail}
    match reply.status:
        case 429:
            return StartNotSent(**_busy(reply), **told)
        case status if status >= 500 or status in (408, 425):
            return StartUnsure(UNSURE, **told)
        case 400 if code == WebhookNotConfigured.code:
            return WebhookNotConfigured(
                gettext_noop(
                    "The measuring service has no address for its calls; register it in the settings "
                    "or order without notification."
                ),
                **told,
            )
        case 413:
            return FilmRefused(FILM_REFUSALS["file_too_large"], **{**told, "code": "file_too_large"})
        case 400 | 415:
            # Too long is the one documented refusal without a code.
            code = code or "too_long"
            return FilmRefused(FILM_REFUSALS.get(code, THIS_FILM), **{**told, "code": code})
    return refusal(reply, "subject" if with_subject else "account")


def unexpected(reply: Reply, code: str = "") -> UnexpectedAnswer:
    """Return the error for an answer the contract does not foresee."""
    _, detail = _error_body(reply.body)
    told: dict[str, Any] = {"http_status": reply.status, "detail": f"{code} {detail}".strip()}
    if 300 <= reply.status < 400:
        return UnexpectedAnswer(
            gettext_noop(
                "The address of the measuring service leads elsewhere; enter its final address in the settings."
            ),
            **told,
        )
    return UnexpectedAnswer(
        gettext_noop("The measuring service answered in an unknown way (%(status)s); tell whoever runs the portal."),
        values={"status": reply.status},
        **told,
    )


def _error_body(body: bytes) -> tuple[str, str]:
    """Return `code` and `detail` of an error body; both empty when it is something else, such as a proxy's page."""
    try:
        data = mapping(parse_document(body).data)
    except Unreadable:
        return "", ""
    detail = text(data.get("detail"))
    if not detail:  # the unpublished list form of validation errors
        detail = "; ".join(text(mapping(row).get("msg")) for row in sequence(data.get("detail"))[:20])
    return text(data.get("code"))[:64], detail[:500]


def _busy(reply: Reply) -> dict[str, Any]:
    told = {"code": "busy", "retry_after_s": reply.retry_after_s}
    if reply.retry_after_s is None:
        return told | {"sentence": gettext_noop("The measuring service is busy; try again in a few minutes.")}
    return told | {
        "sentence": gettext_noop("The measuring service is busy; try again in %(seconds)s seconds."),
        "values": {"seconds": max(1, round(reply.retry_after_s))},
    }
