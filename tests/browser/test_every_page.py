"""No page is forgotten when pages are photographed and looked at: the list follows the portal's own addresses."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

import pytest
from django.urls import get_resolver
from django.utils import timezone

from tests.browser.pages import NOT_PAGES, SECURED, Person, every_page
from tests.test_tenancy import named_patterns

pytestmark = pytest.mark.django_db

NAMES = {name for name, _ in named_patterns(get_resolver())}


class Anything(dict):
    """A row of whatever kind is asked for: an address needs no more of it than its code."""

    def __missing__(self, kind: str):
        row = SimpleNamespace(code=UUID(int=1), pk=1, ordered_at=timezone.now())
        row.subject = row
        return row


def test_the_list_follows_the_addresses_and_leaves_out_only_what_it_names():
    pages = every_page(Anything(shared_token="a", join_token="b", consent_token="c"))
    looked_at = {page.name: page for page in pages}
    assert len(looked_at) == len(pages), "two pages of one name are one picture"
    for name in ("analyses:detail", "api:tokens", "credits:used", "privacy:words", "subjects:imports"):
        assert looked_at[name.replace(":", "-")].person is Person.ADMIN
    assert looked_at["account_login"].person is looked_at["reports-shared"].person is Person.NOBODY
    # A deed answers no GET, so it is no page.
    assert not {"accounts-invite", "clips-begin", "subjects-mark"} & set(looked_at)


def test_no_reason_stands_for_an_address_that_there_is_no_longer():
    assert {name for names in NOT_PAGES.values() for name in names} | SECURED <= NAMES
