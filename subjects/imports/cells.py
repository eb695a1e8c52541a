"""One cell read as what its column means; what cannot be read says so, with the cure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.names import shown
from accounts.units import KG_PER_LB, M_PER_INCH
from subjects.models import HEIGHT_M, OLDEST_YEAR, WEIGHT_KG, Subject
from subjects.names import plain

MAX_NAME, MAX_EMAIL = 120, 254
NOT_SAID = frozenset(("", "-", "–", "—", "?", "n/a", "na", "nan", "none", "null", "unknown", "k.a.", "."))
NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,6})?")
WITH_UNIT = re.compile(r"(.*?)\s*(cm|kg|lbs?|m)\.?")
METRES_APART = re.compile(r"([012])\s*m\s*(\d{2})")
FEET = re.compile(r"([3-8])\s*(?:'|ft\.?)\s*(?:(\d{1,2}(?:[.,]\d)?)\s*(?:\"|''|in\.?)?)?")
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
RUN_TOGETHER = re.compile(r"(\d{4})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")

FEMALE, MALE, OTHER = Subject.Sex.FEMALE, Subject.Sex.MALE, Subject.Sex.OTHER
SEXES: Final = {
    FEMALE: "f female woman girl w weiblich frau madchen femme feminin feminine fille fem femenino femenina mujer "
    "feminino feminina mulher femmina femminile donna 女 女性 女子 여 여성 여자",
    MALE: "m male man boy mannlich mann junge h homme masculin masculine garcon masc masculino masculina hombre homem "
    "maschio maschile uomo 男 男性 男子 남 남성 남자",
    OTHER: "x d o other divers diverse nonbinary autre otro otra outro outra altro altra 其他 기타 その他",
}
SEX_OF: Final = {word: sex for sex, words in SEXES.items() for word in words.split()}


class Unreadable(Exception):
    """A cell does not hold what its column says; the sentence names the cure."""


def said(cell: str) -> str:
    """Return the cell, empty where it only says that nothing is known."""
    return "" if cell.casefold() in NOT_SAID else cell


def number(cell: str) -> float | None:
    """Return a number with a comma or a point, a unit behind it left out; None for anything else."""
    low = cell.casefold().strip()
    if found := WITH_UNIT.fullmatch(low):
        low = found[1]
    return float(low.replace(",", ".")) if NUMBER.fullmatch(low) else None


def _unit(cell: str) -> str:
    found = WITH_UNIT.fullmatch(cell.casefold().strip())
    return found[2].rstrip("s") if found else ""


def name(cell: str) -> str:
    """Return a name without invisible signs. Raises Unreadable."""
    found = shown(cell)
    if not found:
        raise Unreadable(_("This line has no name."))
    if len(found) > MAX_NAME:
        raise Unreadable(_("A name has 120 characters at most."))
    return found


def email(cell: str) -> str:
    """Return an address. Raises Unreadable."""
    address = cell.removeprefix("mailto:").strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Unreadable(_("“%(given)s” is not an e-mail address.") % {"given": address[:60]}) from error
    if len(address) > MAX_EMAIL:
        raise Unreadable(_("“%(given)s” is not an e-mail address.") % {"given": address[:60]})
    return address


def height_m(cell: str, *, centimetres: bool) -> float:
    """Return a height in metres; a unit in the cell goes before the column's. Raises Unreadable."""
    low, high = HEIGHT_M
    text = cell.casefold().strip()
    if apart := METRES_APART.fullmatch(text):
        value = int(apart[1]) + int(apart[2]) / 100
    elif feet := FEET.fullmatch(text):
        value = round((int(feet[1]) * 12 + float((feet[2] or "0").replace(",", "."))) * M_PER_INCH, 3)
    else:
        typed = number(cell)
        if typed is None:
            raise Unreadable(_("Type a number, such as 1.72."))
        unit = _unit(cell) or ("cm" if centimetres else "m")
        value = round(typed / 100, 4) if unit == "cm" else typed
    if low <= value <= high:
        return value
    for meant in (value / 100, value * 100):
        if low <= meant <= high:
            raise Unreadable(_("Did you mean %(height)s m?") % {"height": f"{meant:.2f}"})
    raise Unreadable(_("A height is between 0.5 and 2.5 metres."))


def weight_kg(cell: str, *, pounds: bool) -> float:
    """Return a weight in kilograms; a unit in the cell goes before the column's. Raises Unreadable."""
    typed = number(cell)
    if typed is None:
        raise Unreadable(_("Type a number, such as 68.5."))
    unit = _unit(cell) or ("lb" if pounds else "kg")
    value = round(typed * KG_PER_LB, 1) if unit == "lb" else typed
    if not WEIGHT_KG[0] <= value <= WEIGHT_KG[1]:
        raise Unreadable(_("A weight is between 20 and 300 kilograms."))
    return value


def birth_year(cell: str, this_year: int) -> int:
    """Return the year of a date in any order, as long as the year has its four digits. Raises Unreadable."""
    together = RUN_TOGETHER.fullmatch(cell)
    years = {together[1]} if together else set(YEAR.findall(cell))
    if len(years) != 1:
        raise Unreadable(_("Write the year of birth with four digits, as 1990."))
    year = int(years.pop())
    if not OLDEST_YEAR <= year <= this_year:
        raise Unreadable(_("A year of birth is between 1900 and %(this_year)s.") % {"this_year": this_year})
    return year


def m_is_woman(cells: Iterable[str]) -> bool:
    """Whether a column says H and M for hombre and mujer, homem and mulher: then M is a woman."""
    letters = {plain(cell) for cell in cells if cell}
    return "h" in letters and letters <= {"h", "m", "x", "o"}


def sex(cell: str, *, m_is_woman: bool) -> str:
    """Return one of the words of Subject.Sex. Raises Unreadable."""
    word = plain(cell).strip(" .").replace("-", "")
    if word == "m" and m_is_woman:
        return FEMALE
    if word not in SEX_OF:
        raise Unreadable(_("Write the sex as female, male or other, or leave it empty."))
    return SEX_OF[word]
