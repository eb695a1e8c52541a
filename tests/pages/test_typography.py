"""Marks and units as a language sets them: what a page puts together by hand shows first in French, which sets most of
them apart, and in Chinese, whose marks are as wide as its letters.
"""

from __future__ import annotations

import re

import pytest

from tests.accounts.test_first_order_in_japanese import read
from tests.analyses.finished import finish

UNIT = r"(?:s|ms|m|cm|kg|km/h|/km|/min|pas/min|Mo|N|W|kN/m|%)"
LEAVES = {"a unit that can leave its number": re.compile(rf"\d {UNIT}(?![\w’])")}
HYPHEN = {"a hyphen for a minus or a dash": re.compile(r"(?<![\w-])-\d| - ")}
FAULTS = {
    "fr": LEAVES
    | {"a mark without a gap of its own": re.compile(r"[^\s\xa0] ?[:;?!](?=[\s<]|$)|[^\s\xa0]»|«\S")}
    | {"a point in a number": re.compile(r"\d\.\d")}
    | HYPHEN,
    "zh-hans": LEAVES | {"a narrow mark": re.compile(r"[一-鿿] ?[:;,?!]|[:;,?!] ?[一-鿿]")} | HYPHEN,
}
WRONG = {
    "fr": "<p>8,2 <small>s</small></p> <p>Note: oui</p> <p>8.2 fois</p> <p>de -3 à 5</p>",
    "zh-hans": "<p>8.2 <small>s</small></p> <p>备注: 是</p> <p>-3 至 5</p>",
}
RIGHT = {
    "fr": "<p>8,2\xa0<small>s</small></p> <p>Note\xa0: «\xa0oui\xa0» à 14:05</p> <p>de −3 à 5</p>",
    "zh-hans": "<p>8.2\xa0<small>s</small></p> <p>备注：是、14:05</p> <p>−3 至 5</p>",
}
FOR_SCRIPTS = re.compile(r"[\d.]+(?: [\d.]+)+")  # several numbers in one attribute
STEPS = [
    {"step": n, "foot": ("right", "left")[n % 2], "strike_s": at, "toe_off_s": at + 0.25, "contact_time_ms": 250.0}
    for n, at in enumerate((0.5, 0.85, 1.2, 1.55, 1.9), 1)
]
CURVES = {"left": {"knee": {"mean": [10, 40, 90, 20], "sd": [1, 2, 3, 1]}}}


def faults(page: str, language: str) -> list[tuple[str, str]]:
    """What is set wrongly in what a person reads; a unit stands in an element of its own beside its number."""
    told = re.sub(r"</?(?:small|strong|span|a|output)\b[^>]*>|doi:\S+", "", page)
    said = [text for text in map(str.strip, read(told)) if not FOR_SCRIPTS.fullmatch(text)]
    return [(name, text) for text in said for name, fault in FAULTS[language].items() if fault.search(text)]


@pytest.fixture
def films(order):
    """Two results of one runner, of which the second differs."""
    before = finish(order(), day=2, score=0.65, steps=STEPS, curves=CURVES)
    changed = {"cadence_spm": 172.0, "contact_time_ms": 215.0, "oscillation_cm": 8.25, "speed_m_s": 2.78}
    return before, finish(order(), day=20, score=0.72, measures=changed, steps=STEPS, curves=CURVES)


@pytest.mark.parametrize("language", FAULTS)
def test_a_fault_would_be_seen(language):
    assert [name for name, _text in faults(WRONG[language], language)] == list(FAULTS[language])
    assert faults(RIGHT[language], language) == []


@pytest.mark.parametrize("language", FAULTS)
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
def test_a_page_is_set_as_its_language_is(as_alice, organization, clip, runner, films, address, language):
    type(organization).objects.filter(pk=organization.pk).update(language=language)
    before, now = films
    codes = {"runner": runner.code, "clip": clip.code, "before": before.code, "now": now.code}
    answer = as_alice.get(address.format(**codes))
    assert (answer.status_code, answer["Content-Language"]) == (200, language)
    page = answer.json()["html"] if answer["Content-Type"].startswith("application/json") else answer.content.decode()
    assert faults(page, language) == []
