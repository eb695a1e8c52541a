"""Numbers and codes as they stand in an address or a form, where anybody may type anything."""

from __future__ import annotations

import uuid

import pytest

from accounts.access import NOBODY, code_of, number_of


@pytest.mark.parametrize(
    ("word", "number"),
    [("12", 12), ("9" * 17, int("9" * 17)), ("9" * 18, None), ("-1", None), ("²", None), ("٣", None), ("", None)],
)
def test_a_rows_number_is_what_every_database_can_hold(word, number):
    assert number_of(word) == number


def test_a_code_that_is_none_is_nobodys():
    code = uuid.uuid4()
    assert (code_of(str(code)), code_of("nobody"), code_of("")) == (code, NOBODY, NOBODY)
