"""What an entry of the record is about, in the reader's language.

The record keeps it in English, in the words that its proof covers (accounts/record.py). Here each form of them is told
anew; what has no form, such as a reason or the name of a group, is shown as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final, TypeAlias

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override, pgettext_lazy

from accounts.models import AuditEntry, Membership, Organization, Units
from accounts.writing import COLON, date_format, listed
from analyses.models import Analysis, ProviderAccount
from credits.months import Month
from credits.usage import BY
from privacy.actions.consents import use_of
from reports.models import Report
from subjects.models import Consent, Subject

A = AuditEntry.Action
Words: TypeAlias = str | Promise
Labels: TypeAlias = dict[str, Words]


def in_words(entry: AuditEntry) -> str:
    """Return what the entry is about in the language in use; as it was recorded where its words have no form."""
    for form, words in FORMS.get(entry.action, ()):
        if found := form.fullmatch(entry.about):
            told = {name: READ.get(name, str)(said) for name, said in found.groupdict(default="").items()}
            return str(words) % {**told, "colon": COLON}
    return entry.about


# ── single words ────────────────────────────────────────────────────────────────────────────────────────────────────

DEEDS: Final[Labels] = {
    "suspended": _("suspended"),
    "readmitted": pgettext_lazy("record", "let in again"),
    "added": pgettext_lazy("record", "added"),
    "removed": pgettext_lazy("record", "removed"),
    "changed": pgettext_lazy("record", "changed"),
    "made": pgettext_lazy("record", "made"),
    "ended": _("ended"),
    "new secret": _("New secret"),
    "switched off": _("switched off"),
    "switched on": pgettext_lazy("record", "switched on"),
    "continued": pgettext_lazy("record", "goes on"),
    "agreed": pgettext_lazy("record", "agreed"),
    "refused": pgettext_lazy("record", "refused"),
    "withdrawn": pgettext_lazy("record", "withdrawn"),
    "given back": _("Given back"),
    "kept as spent": _("Kept as spent"),
    "put aside": pgettext_lazy("those who are", "Put aside"),
    "taken back": pgettext_lazy("record", "on the list again"),
    "imported": _("Imported"),
    "import undone": _("Undone"),
}
FILES: Final[Labels] = {
    "numbers": _("Numbers (CSV)"),
    "steps": _("Steps (CSV)"),
    "json": _("Everything (JSON)"),
    "trc": _("Landmarks (TRC)"),
    "c3d": _("Landmarks (C3D)"),
}
SCOPES: Final[Labels] = {
    "read": _("Read runners, films and results"),
    "write": _("Write runners, films and notes"),
    "order": _("Order analyses"),
    "credits": _("Read the credits"),
}
EVENTS: Final[Labels] = {
    "analysis.started": _("An analysis is being measured"),
    "analysis.succeeded": _("An analysis has its result"),
    "analysis.failed": _("An analysis has failed"),
    "runner.erased": _("A runner was erased"),
}
KEPT: Final[Labels] = {"originals": _("Films as they came"), "copies": _("Copies to look at"), "numbers": _("Numbers")}


def _one_of(labels: Iterable[tuple[str, Words]]) -> Callable[[str], str]:
    """Read a word by its label, whether the word was recorded or the label in English."""
    known = dict(labels)
    with override("en"):
        known |= {str(label): label for label in known.values()}
    return lambda word: str(known.get(word, word))


def _all_of(labels: Labels) -> Callable[[str], str]:
    """Read several words, each by its label."""
    return lambda words: " · ".join(str(labels.get(word, word)) for word in words.split(", "))


def _each(words: str, read: Callable[[str], str]) -> str:
    return listed(read(word) for word in words.split(", "))


def _field(name: str) -> str:
    labels = {one.name: one.verbose_name for one in (*Subject._meta.fields, *Subject._meta.many_to_many)}
    return str((DEEDS | labels).get(name, name))


def _use(word: str) -> str:
    use = use_of(word)
    return use.label if use else str(dict(Consent.Purpose.choices).get(word, word))


def _gone(part: str) -> str:
    n, _space, what = part.partition(" ")
    return f"{KEPT.get(what, what)}{COLON}{n}"


def _length(said: str) -> str:
    n = said.partition(" ")[0]
    return ngettext("%(n)s month", "%(n)s months", int(n)) % {"n": n} if n.isdecimal() else now("For ever")


def _month(said: str) -> str:
    month = Month.read(said)
    return date_format(month.first_day, "YEAR_MONTH_FORMAT") if month else said


# How what stands in a form's place of this name is told; what is not named here stays as it is.
READ: Final[dict[str, Callable[[str], str]]] = {
    "role": _one_of(Membership.Role.choices),
    "deed": _one_of(DEEDS.items()),
    "service": _one_of([*ProviderAccount.Kind.choices, ("as usual", _("As the organisation"))]),
    "view": _one_of(Analysis.View.choices),
    "surface": _one_of([("treadmill", _("treadmill")), ("over ground", _("over ground"))]),
    "pace": lambda said: f", {int(said) // 60}:{int(said) % 60:02} min/km" if said else "",
    "report": _one_of(Report.Kind.choices),
    "file": _one_of(FILES.items()),
    "consent": _one_of(Organization.ConsentFor.choices),
    "language": _one_of([*settings.LANGUAGES, ("–", "–")]),
    "units": _one_of(Units.choices),
    "by": _one_of((word, label) for word, (label, _sums) in BY.items()),
    "day": lambda said: date_format(date.fromisoformat(said), "DATE_FORMAT"),
    "days": lambda said: ngettext("%d day", "%d days", int(said)) % int(said),
    "month": _month,
    "uses": lambda said: _each(said, _use),
    "fields": lambda said: _each(said, _field),
    "scopes": _all_of(SCOPES),
    "events": _all_of(EVENTS),
    "gone": lambda said: " · ".join(map(_gone, said.split(" · "))),
    "originals": _length,
    "copies": _length,
    "numbers": _length,
    "ask": lambda said: in_words(AuditEntry(action=A.CREDITS_ASKED, about=said)),
}

# ── forms ───────────────────────────────────────────────────────────────────────────────────────────────────────────

DAY: Final = r"(?P<day>\d{4}-\d\d-\d\d)"
SERVICES: Final = "|".join({"as usual", *ProviderAccount.Kind.values, "Built-in engine", "Ochy"})


def _forms(*forms: tuple[str, Words]) -> list[tuple[re.Pattern[str], Words]]:
    return [(re.compile(form), words) for form, words in forms]


_MEMBER = _forms((r"(?P<name>.+) · (?P<role>\w+)", "%(name)s · %(role)s"))
_USES = _forms((r"(?P<uses>.+)", "%(uses)s"))
_SERVICE = _forms(
    (rf"(?P<service>{SERVICES}) · (?P<deed>continued)", "%(service)s · %(deed)s"),
    (rf"(?P<service>{SERVICES})(?P<rest> · .+)?", "%(service)s%(rest)s"),
)
_LINK = _forms((rf"(?P<view>.+) · {DAY}", "%(view)s · %(day)s"))

FORMS: Final[dict[str, list[tuple[re.Pattern[str], Words]]]] = {
    A.MEMBER_ADDED: _MEMBER,
    A.ROLE_CHANGED: _MEMBER,
    A.MEMBER_INVITED: _forms(
        (r"(?P<name>\S+) · (?P<role>\w+)(?P<groups> · .+)?", "%(name)s · %(role)s%(groups)s"),
    ),
    A.MEMBER_SUSPENDED: _forms((r"(?P<name>.+) · (?P<deed>\w+)", "%(name)s · %(deed)s")),
    A.SIGN_IN_RULES: _forms(
        ("second factor needed", _("Everybody needs a second factor from now on.")),
        ("second factor not needed", _("A second factor is everybody’s own choice.")),
    ),
    A.GROUPS_CHANGED: _forms(
        ("coaches see only their groups", _("Coaches see only the runners of their groups now.")),
        ("coaches see all runners", _("Coaches see all runners now.")),
        (r"(?P<name>.+) · (?P<deed>removed)", "%(name)s · %(deed)s"),
        (r"(?P<name>.+) · (?P<who>\S+) (?P<deed>added|removed)", "%(name)s · %(who)s · %(deed)s"),
    ),
    A.CREDITS_ASKED: _forms(
        (r"two admins above (?P<n>\d+)", _("Above %(n)s in a day another admin must agree.")),
        ("two admins: no longer", _("Nobody else needs to agree any more.")),
    ),
    A.CREDITS_DECIDED: _forms((r"(?P<deed>[a-z ]+): (?P<ask>.+)", "%(deed)s%(colon)s%(ask)s")),
    A.CREDIT_RULES: _forms(
        (r"told at (?P<n>\d+)", format_lazy("{}%(colon)s%(n)s", _("Tell us when this many are left"))),
        (r"two admins above (?P<n>\d+)", _("Above %(n)s in a day another admin must agree.")),
        (r"budget of (?P<name>.+): (?P<n>\d+) a month", _("%(name)s: %(n)s a month.")),
        (r"budget of (?P<name>.+): none", _("%(name)s no longer has a budget.")),
    ),
    A.CHANGED: _forms((r"(?P<fields>.+)", "%(fields)s")),
    A.SHARED: _LINK,
    A.UNSHARED: _LINK,
    A.REPORTED: _forms((rf"(?P<report>\w+) · {DAY}", "%(report)s · %(day)s")),
    A.EXPORTED: _forms(
        (rf"(?P<file>\w+) · {DAY}", "%(file)s · %(day)s"),
        ("history", _("History")),
        ("everything as one file", _("Everything")),
        ("the record of deeds as CSV", format_lazy("{} (CSV)", _("Who did what"))),
        (r"the ledger as CSV ?(?P<query>.*)", format_lazy("{} (CSV) %(query)s", _("Ledger"))),
        (r"statement of credits, (?P<month>[\d-]+)", _("Credits, %(month)s")),
        (
            r"credits used in (?P<month>[\d-]+) by (?P<by>\w+) as CSV",
            format_lazy("{} · %(by)s (CSV)", _("Credits, %(month)s")),
        ),
    ),
    A.ERASED: _forms(
        (r"(?P<n>\d+) rows", format_lazy("{}%(colon)s%(n)s", _("Rows removed"))),
        (r"Asked by letter: (?P<who>.+)", format_lazy("{}%(colon)s%(who)s", _("The letter is written"))),
    ),
    A.REMOVED: _forms((r"(?P<gone>\d+ \w+( · \d+ \w+)*)", "%(gone)s")),
    A.CONSENT_ASKED: _USES,
    A.CONSENT_GIVEN: _USES,
    A.CONSENT_ENDED: _USES,
    A.LOCAL_ONLY: _forms(
        ("on", _("stays in the house")), ("off", pgettext_lazy("record", "may leave the house again"))
    ),
    A.PRIVACY_CHANGED: _forms(
        (
            r"(?P<consent>\w+) · (?P<age>\d+)",
            format_lazy(
                "{}%(colon)s%(consent)s. {}%(colon)s%(age)s.",
                _("Consent is asked for"),
                _("Runners agree for themselves from the age of"),
            ),
        ),
        (
            r"consent text (?P<uses>\w+): shipped, (?P<language>[\w-]+)",
            format_lazy("%(uses)s (%(language)s)%(colon)s{}", _("The shipped words.")),
        ),
        (
            r"consent text (?P<uses>\w+): (?P<version>.+)",
            format_lazy("{}%(colon)s%(uses)s, %(version)s", _("Consent texts")),
        ),
        (
            "kept: originals (?P<originals>.+) · copies (?P<copies>.+) · numbers (?P<numbers>.+)",
            format_lazy("{}%(colon)s%(originals)s · {}%(colon)s%(copies)s · {}%(colon)s%(numbers)s", *KEPT.values()),
        ),
    ),
    A.SETTINGS_CHANGED: _forms(
        ("alerts: admins", format_lazy("{}%(colon)s{}", _("Alerts"), pgettext_lazy("record", "the admins"))),
        ("alerts: (?P<who>.+)", format_lazy("{}%(colon)s%(who)s", _("Alerts"))),
        ("logo", _("Logo")),
        ("no logo", _("The logo is removed. Reports made earlier keep it.")),
        ("colour of the portal", _("The portal’s own colour")),
        ("colour (?P<colour>#.+)", format_lazy("{}%(colon)s%(colour)s", _("Colour"))),
        (
            r"orders begin with (?P<view>\w+), (?P<surface>[a-z ]+), (?:no|(?P<pace>\d+)) s/km",
            format_lazy("{}%(colon)s%(view)s, %(surface)s%(pace)s", _("Orders")),
        ),
        (r"(?P<name>.+) · (?P<language>\S+) · (?P<units>\w+)", "%(name)s · %(language)s · %(units)s"),
    ),
    A.KEY_CHANGED: _SERVICE,
    A.PROVIDER_CHANGED: _SERVICE,
    A.WEBHOOK_CHANGED: _SERVICE,
    A.TOKEN_CHANGED: _forms(
        (
            r"(?P<name>.+) · (?P<deed>made) · (?P<scopes>.+) · (?P<days>\d+) days",
            "%(name)s · %(deed)s · %(scopes)s · %(days)s",
        ),
        (r"(?P<name>.+) · (?P<deed>ended) · of (?P<who>.+)", "%(name)s · %(deed)s · %(who)s"),
    ),
    A.ENDPOINT_CHANGED: _forms(
        (r"(?P<name>\S+) · (?P<deed>added|changed) · (?P<events>.+)", "%(name)s · %(deed)s · %(events)s"),
        (
            r"(?P<name>\S+) · (?P<deed>added|changed|new secret|switched off|switched on|removed)(?: · )?",
            "%(name)s · %(deed)s",
        ),
    ),
}
