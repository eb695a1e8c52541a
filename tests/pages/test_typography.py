"""French is the language that sets most marks apart: what a page puts together by hand shows there first."""

from __future__ import annotations

import re

import pytest

from tests.accounts.test_first_order_in_japanese import read
from tests.analyses.finished import finish

UNIT = r"(?:s|ms|m|cm|kg|km/h|/km|/min|pas/min|Mo|N|W|kN/m|%)"
FAULTS = {
    "a unit that can leave its number": re.compile(rf"\d {UNIT}(?![\w’])"),
    "a mark that is not set apart by a gap of its own": re.compile(r"[^\s\xa0] ?[:;?!](?=[\s<]|$)|[^\s\xa0]»|«\S"),
    "a point in a number": re.compile(r"\d\.\d"),
    "a hyphen for a minus or a dash": re.compile(r"(?<![\w-])-\d| - "),
}
FOR_SCRIPTS = re.compile(r"[\d.]+(?: [\d.]+)+")  # several numbers in one attribute
STEPS = [
    {"step": n, "foot": ("right", "left")[n % 2], "strike_s": at, "toe_off_s": at + 0.25, "contact_time_ms": 250.0}
    for n, at in enumerate((0.5, 0.85, 1.2, 1.55, 1.9), 1)
]
CURVES = {"left": {"knee": {"mean": [10, 40, 90, 20], "sd": [1, 2, 3, 1]}}}


def faults(page: str) -> list[tuple[str, str]]:
    """What is set wrongly in what a person reads; a unit stands in an element of its own beside its number."""
    told = re.sub(r"</?(?:small|strong|span|a|output)\b[^>]*>|doi:\S+", "", page)
    said = [text for text in map(str.strip, read(told)) if not FOR_SCRIPTS.fullmatch(text)]
    return [(name, text) for text in said for name, fault in FAULTS.items() if fault.search(text)]


@pytest.fixture
def films(order):
    """Two results of one runner, of which the second differs."""
    before = finish(order(), day=2, score=0.65, steps=STEPS, curves=CURVES)
    changed = {"cadence_spm": 172.0, "contact_time_ms": 215.0, "oscillation_cm": 8.25, "speed_m_s": 2.78}
    return before, finish(order(), day=20, score=0.72, measures=changed, steps=STEPS, curves=CURVES)


def test_a_fault_would_be_seen():
    wrong = "<p>8,2 <small>s</small></p> <p>Note: oui</p> <p>8.2 fois</p> <p>de -3 à 5</p>"
    assert [name for name, _text in faults(wrong)] == list(FAULTS)
    right = "<p>8,2\xa0<small>s</small></p> <p>Note\xa0: «\xa0oui\xa0» à 14:05</p> <p>de −3 à 5</p>"
    assert faults(right) == []


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/runners/", "/runners/{runner}/", "/runners/{runner}/numbers/", "/runners/new/"),
        *("/analyses/{now}/", "/analyses/{now}/?about=contact_time_ms", "/analyses/{now}/compare/{before}/"),
        *("/upload/", "/upload/?clip={clip}", "/films/{clip}/checks/", "/reports/share/{now}/", "/reports/new/{now}/"),
        *("/privacy/runners/{runner}/", "/credits/", "/credits/used/", "/members/", "/members/audit/", "/tokens/"),
        *("/settings/repeatability/", "/measures/contact_time_ms/", "/measures/speed_m_s/"),
    ],
)
def test_a_page_is_set_as_french_is(as_alice, organization, clip, runner, films, address):
    type(organization).objects.filter(pk=organization.pk).update(language="fr")
    before, now = films
    codes = {"runner": runner.code, "clip": clip.code, "before": before.code, "now": now.code}
    answer = as_alice.get(address.format(**codes))
    assert answer.status_code == 200
    page = answer.json()["html"] if answer["Content-Type"].startswith("application/json") else answer.content.decode()
    assert faults(page) == []
