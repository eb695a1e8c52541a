"""Why an order waits for its service, in one sentence that is the same on every page."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.writing import date_format
from analyses import breaker
from analyses.models import Analysis, ProviderAccount
from providers.base import OutOfCredits


def why_it_waits(analysis: Analysis) -> str:
    """Return what a person should know about an unfinished analysis; "" when all goes well."""
    if analysis.status == Analysis.Status.QUEUED and not analysis.needs_person:
        return trouble_of(analysis.account) or analysis.reason
    return analysis.reason


def trouble_of(account: ProviderAccount) -> str:
    """Return why nothing is sent to this service just now; "" when it is."""
    if account.paused_at:
        return paused_sentence(account)
    if account.ask_again_at and account.failures >= breaker.OPENS_AFTER and account.silent_since:
        return silent_sentence(account, account.silent_since)
    return ""


def silent_sentence(account: ProviderAccount, since: datetime) -> str:
    local = timezone.localtime(since)
    # The hour alone would mislead from the second day on.
    shown = date_format(local, "H:i" if local.date() == timezone.localdate() else "DATETIME_FORMAT")
    text = _("%(provider)s has not answered since %(time)s; your film is safe and will be sent.")
    return text % {"provider": account, "time": shown}


def no_answer_sentence() -> str:
    return _("No answer just now; we keep asking.")


def storage_sentence() -> str:
    return _("Our film store does not answer just now; we keep trying.")


def busy_sentence(account: ProviderAccount) -> str:
    text = _("%(provider)s asks us to send more slowly; your film is safe and will be sent.")
    return text % {"provider": account}


def paused_sentence(account: ProviderAccount) -> str:
    if account.paused_code == OutOfCredits.code:
        text = _(
            "%(provider)s has no credits left for this account. Orders wait, no film is lost: an admin tops it up "
            "there and presses Continue in the settings."
        )
    else:
        text = _(
            "%(provider)s does not accept our key. Orders wait, no film is lost: an admin enters a new one in the "
            "settings."
        )
    return text % {"provider": account}
