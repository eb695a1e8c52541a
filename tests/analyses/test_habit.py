"""How an organisation films as a rule: what the order form begins with."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry
from analyses.models import Habit
from tests.reading import shown

PAGE = "/settings/orders/"
BELT = {"view": "back_view", "treadmill": "1", "pace": "5:30"}


def checked(page: str, name: str) -> list[str]:
    """Return what is chosen of one group of buttons."""
    boxes = [box for box in page.split("<input") if f'name="{name}"' in box and "checked" in box.partition(">")[0]]
    return [box.partition('value="')[2].partition('"')[0] for box in boxes]


@pytest.mark.parametrize(("given", "pace"), [(BELT, 'value="5:30"'), (BELT | {"pace": "10 km/h"}, 'value="6:00"')])
def test_the_upload_page_begins_with_it(as_alice, as_carol, given, pace):
    assert "The settings are kept." in shown(as_alice.post(PAGE, given, follow=True))
    page = shown(as_carol.get("/upload/"))
    assert (checked(page, "view"), checked(page, "treadmill")) == (["back_view"], ["1"])
    assert pace in page
    assert pace in shown(as_alice.get(PAGE))


def test_without_one_it_is_from_the_side_and_over_ground(as_carol):
    page = shown(as_carol.get("/upload/"))
    assert (checked(page, "view"), checked(page, "treadmill")) == (["side_view"], ["0"])


def test_the_address_goes_before_it(as_alice):
    as_alice.post(PAGE, BELT)
    assert checked(shown(as_alice.get("/upload/", {"view": "side_view"})), "view") == ["side_view"]


def test_over_ground_has_no_pace(as_alice, organization):
    as_alice.post(PAGE, BELT)
    as_alice.post(PAGE, BELT | {"treadmill": "0"})
    kept = Habit.of(organization)
    assert (kept.treadmill, kept.pace_s_per_km) == (False, None)
    about = AuditEntry.objects.filter(action="settings_changed").order_by("number").values_list("about", flat=True)
    assert list(about) == [
        "orders begin with back_view, treadmill, 330 s/km",
        "orders begin with back_view, over ground, no s/km",
    ]


def test_a_pace_that_is_none_is_said(as_alice, organization):
    answer = as_alice.post(PAGE, BELT | {"pace": "quick"})
    assert answer.status_code == 422
    assert "Write the pace as 5:30, or the speed as 10.9 km/h." in shown(answer)
    assert Habit.of(organization).pk is None


def test_only_an_admin_sets_it_and_only_for_their_own(as_alice, as_carol, as_charlie):
    as_alice.post(PAGE, BELT)
    assert as_carol.post(PAGE, BELT).status_code == 403
    assert checked(shown(as_charlie.get(PAGE)), "view") == ["side_view"]
