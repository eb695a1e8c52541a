"""Every address with values that nobody types: a new field is covered on the day it is born."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import QueryDict

from tests.test_tenancy import rows, walk  # noqa: F401 - fixtures

FORM = "application/x-www-form-urlencoded"
UNKNOWN = "a field that nobody asks for"
HARMLESS = ("1", "x")
HOSTILE = ("9" * 30, "-1", "NaN", "1e400", "²", "a\0b", "\ud800", "0000-01-01", "10000-01-01", "x" * 5000, "")


@pytest.fixture
def asked_for(monkeypatch) -> set[str]:
    """The names of the fields that were looked for, in a form or in an address."""
    names: set[str] = set()

    def noting(method):
        def note(self, name, *rest, **how):
            names.add(name)
            return method(self, name, *rest, **how)

        return note

    for name in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, name, noting(getattr(QueryDict, name)))
    return names


@pytest.mark.slow
def test_no_value_breaks_a_page(as_alice, walk, asked_for):  # noqa: F811
    def send(method: str, url: str, value: str) -> int:
        """Send the value in every field that is known by now, and take back what became of it."""
        fields = urlencode(dict.fromkeys(asked_for, value.encode("utf-8", "surrogatepass")))
        with transaction.atomic():
            if method == "get":
                answer = as_alice.get(url, QUERY_STRING=fields)
            else:
                answer = as_alice.post(url, fields, content_type=FORM)
            transaction.set_rollback(True)
        return answer.status_code

    def visit(_name, _arguments, url):
        for method in ("get", "post"):
            asked_for.clear()
            asked_for.add(UNKNOWN)  # a form that comes empty may be taken for none
            if send(method, url, "") != 405:
                # Whoever asks for fields has named them from here on; for nobody one value is as good as all.
                values = HARMLESS if asked_for == {UNKNOWN} else (*HARMLESS, *HOSTILE)
                assert [value for value in values if send(method, url, value) >= 500] == []

    walk(visit)
