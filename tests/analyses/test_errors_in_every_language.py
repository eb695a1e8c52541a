"""What a measuring service says no with is read in the reader's language."""

from __future__ import annotations

import re
from functools import cache

import pytest
from django.utils import translation

from analyses.remote import sentence_of
from coachportal.translations import messages_in
from door import ROOT
from providers.base import ProviderUnavailable
from providers.http import Reply
from providers.ochy.answers import refusal, start_refusal


@cache
def texts() -> set[str]:
    return {message.text for message in messages_in(ROOT)}


@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 408, 413, 415, 418, 429, 500, 503])
def test_every_sentence_of_a_refusal_is_there_for_the_translators(status):
    known = texts()
    for error in (
        refusal(Reply(status, b"", 30.0), "analysis"),
        refusal(Reply(status, b"", None), "webhook"),
        start_refusal(Reply(status, b"", None), with_subject=True),
    ):
        assert error.sentence in known


def test_a_sentence_is_said_in_another_language_with_its_values(monkeypatch):
    error = ProviderUnavailable("busy for %(seconds)s seconds", values={"seconds": 30})
    assert (str(error), sentence_of(error)) == ("busy for 30 seconds", "busy for 30 seconds")
    monkeypatch.setattr("analyses.remote.gettext", lambda sentence: "%(seconds)s Sekunden beschäftigt")
    with translation.override("de"):
        assert sentence_of(error) == "30 Sekunden beschäftigt"


def test_no_sentence_of_the_providers_is_put_together_where_nobody_can_translate_it():
    """A sentence begins with a capital, ends with a full stop, and stands in gettext_noop()."""
    sentences: set[str] = set()
    for path in (ROOT / "providers").rglob("*.py"):
        code = re.sub(r'"""[\s\S]*?"""', "", path.read_text())
        sentences.update(re.findall(r'f?"((?:The|A|On|Too|There) [^"]*\.)"', code))
    assert "The measuring service is busy; try again in a few minutes." in sentences
    assert {one for one in sentences - texts() if "provider of kind" not in one} == set()
