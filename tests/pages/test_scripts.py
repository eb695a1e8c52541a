"""What pages load of scripts: each no more than it needs, so that a page opens soon where the network is poor."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tests.services.bench_pages import OTHER_JS_KB, scripts_of

FOLDER = settings.BASE / "templates"
PAGES = sorted(path for path in FOLDER.rglob("*.html") if "{% extends" in path.read_text())
ASKS = re.compile(r"\shx-(?:get|post)=|\{% measured ")  # the tag writes such links
LOADS = '{% include "components/_htmx.html" %}'


def parts(path: Path) -> set[Path]:
    """A template of ours and all it includes."""
    if not path.exists():
        return set()  # the library's own, for passkeys
    names = re.findall(r'{% include "([^"]+\.html)"', path.read_text())
    return {path}.union(*(parts(FOLDER / name) for name in names))


def asks(path: Path) -> bool:
    return ASKS.search(path.read_text()) is not None


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_htmx_is_loaded_by_the_pages_that_ask_for_parts_and_by_no_others(path):
    assert (LOADS in path.read_text()) == any(asks(part) for part in parts(path))


def test_no_part_asks_where_nobody_hears_it():
    heard = set().union(*(parts(page) for page in PAGES if LOADS in page.read_text()))
    asking = {path for path in FOLDER.rglob("*.html") if asks(path)}
    assert len(asking) > 5
    assert asking <= heard


def weight_kb(html: str) -> float:
    def find(address: str) -> Path:
        found = finders.find(address)
        assert found, f"{address} is no static file"
        return Path(found)

    files = [path.read_bytes() for path in scripts_of(html, find)]
    return sum(min(len(one), len(gzip.compress(one))) for one in files) / 1000


# What takes films in is on the phone beside the track: at most two thirds of what is allowed.
@pytest.mark.parametrize(
    ("address", "most_kb"),
    [("/", 5), ("/upload/", 12.5), ("/upload/several/", 13.3), ("/runners/", OTHER_JS_KB), ("/reports/", 5)],
)
def test_a_page_stays_within_its_weight(as_carol, address, most_kb):
    assert 0 < weight_kb(as_carol.get(address).content.decode()) <= most_kb


def test_signing_in_loads_little_more_than_the_passkeys_need(client, db):
    assert 2 < weight_kb(client.get("/accounts/login/").content.decode()) <= 5
