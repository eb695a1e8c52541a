"""Names that nobody could see, or click on, are none, wherever they are typed."""

from __future__ import annotations

import pytest

from accounts.names import shown
from subjects.models import Group, Subject

NOTHING = ["\u200b", "\u2060 \ufeff", "\u200d", "\u3164\u2800", "\u202e", "\u0301"]


@pytest.mark.parametrize("name", NOTHING)
def test_a_name_of_invisible_signs_is_none(name):
    assert shown(name) == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna\u00a0 Rossi\n", "Anna Rossi"),
        ("Anna\u202eissoR", "AnnaissoR"),
        ("\ufeffZo\u00eb", "Zo\u00eb"),
        ("\u0645\u06cc\u200c\u0634\u0648\u062f", "\u0645\u06cc\u200c\u0634\u0648\u062f"),  # Persian
        ("\U0001f3c3\u200d\u2640\ufe0f", "\U0001f3c3\u200d\u2640\ufe0f"),  # one woman running
    ],
)
def test_a_name_keeps_what_can_be_seen_of_it(typed, kept):
    assert shown(typed) == kept


@pytest.mark.parametrize("name", NOTHING)
@pytest.mark.parametrize("address", ["/runners/new/", "/runners/groups/", "/runners/places/", "/you/"])
def test_no_form_takes_a_name_that_nobody_can_see(as_alice, alice, address, name):
    answer = as_alice.post(address, {"name": name, "units": "metric"})
    assert "This field is required." in answer.content.decode()
    assert not Subject.objects.exists()
    assert not Group.objects.exists()
    alice.refresh_from_db()
    assert shown(alice.name)


def test_a_name_is_written_down_without_what_cannot_be_seen(as_alice):
    as_alice.post("/runners/new/", {"name": "\u202eRunner\u00a0 02"})
    assert Subject.objects.get().name == "Runner 02"
