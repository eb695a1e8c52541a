"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from django.template.defaultfilters import floatformat
from django.utils import translation

from accounts.numbers import number, signed
from coachportal.icons import NoSuchIcon
from coachportal.templatetags.portal import clock, icon, initials, points


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (167.33, 0, "167"),
        (167.5, 1, "167.5"),
        (-3.26, 1, "−3.3"),
        (-0.04, 1, "0.0"),
        (5.5, -1, "5.5"),
        (5.0, -1, "5"),
        (None, 1, "–"),
        (math.nan, 1, "–"),
        (math.inf, 1, "–"),
    ],
)
def test_a_number_has_its_decimals_a_real_minus_and_a_dash_for_nothing(value, decimals, written):
    assert number(value, decimals) == written


@pytest.mark.parametrize("language", ["en", "de", "fr", "ja", "zh-hans"])
@pytest.mark.parametrize("decimals", [-2, -1, 0, 1, 3])
def test_a_number_is_rounded_and_pointed_as_django_does_it(language, decimals):
    with translation.override(language):
        ties = [half / 2 / 10**places for half in (1, 3, 25, 1999) for places in range(4)]
        beside = [math.nextafter(tie, end) for tie in ties for end in (-math.inf, math.inf)]
        many = (1234567.891, 699994051976320.8, 5e-07, 3e21)
        for value in (0, 7, 2.675, 1.005, 99.95, *ties, *beside, *many):
            assert number(value, decimals) == floatformat(value, decimals)


@pytest.mark.parametrize(
    ("value", "written"), [(6, "+6"), (-9, "−9"), (0, "±0"), (-0.2, "±0"), (0.2, "±0"), (None, "–")]
)
def test_a_change_has_its_sign_and_both_when_it_is_nothing(value, written):
    assert signed(value) == written


def test_a_score_is_written_out_of_a_hundred():
    assert (points(0.588), points(0), points(None)) == ("59", "0", "–")


@pytest.mark.parametrize(("seconds", "written"), [(7, "0:07"), (37.9, "0:37"), (754, "12:34"), (3723, "1:02:03")])
def test_a_span_of_time_runs_like_a_clock(seconds, written):
    assert clock(seconds) == written


@pytest.mark.parametrize(
    ("name", "written"), [("Ana Maria Berg", "AB"), ("Ana", "A"), ("Runner 07", "07"), ("7", "7"), ("  ", "")]
)
def test_initials_tell_people_apart(name, written):
    assert initials(name) == written


def test_an_icon_says_nothing_to_a_screen_reader():
    assert 'aria-hidden="true"' in icon("inbox")


def test_an_icon_that_is_not_in_the_set_is_a_mistake_and_no_empty_place():
    with pytest.raises(NoSuchIcon, match="inbx"):
        icon("inbx")
