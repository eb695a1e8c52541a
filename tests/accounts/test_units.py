"""Sizes and paces in the units an organisation chose; what is kept stays metric."""

from __future__ import annotations

import pytest

from accounts import units
from accounts.models import Organization
from analyses.pace import read_pace
from subjects.models import Subject
from tests.reading import shown


@pytest.mark.parametrize(
    ("write", "value", "metric", "imperial"),
    [
        (units.pace, 360, "6:00 /km", "9:39 /mi"),
        (units.pace, 299.7, "5:00 /km", "8:02 /mi"),
        (units.speed, 360, "10.0 km/h", "6.2 mph"),
        (units.height, 1.75, "1.75 m", "5 ft 9 in"),
        (units.height, 1.829, "1.83 m", "6 ft 0 in"),
        (units.weight, 68, "68 kg", "150 lb"),
    ],
)
def test_both_systems_are_written_as_people_write_them(write, value, metric, imperial):
    written = [write(value, system) for system in ("metric", "imperial")]
    assert written == [metric.replace(" ", "\xa0"), imperial.replace(" ", "\xa0")]


@pytest.mark.parametrize("reader", ["metric", "imperial"])
@pytest.mark.parametrize(
    ("typed", "metres"),
    [
        ("5 ft 9", 1.753),
        ("5'9\"", 1.753),
        ("6 ft", 1.829),
        ("5 ft 10.5 in", 1.791),
        ("5 ft 12", None),
        ("1.75", 1.75),
        ("1,75 m", 1.75),
        ("175 cm", 1.75),
        ("tall", None),
    ],
)
def test_a_height_with_its_unit_is_read_the_same_by_all(typed, metres, reader):
    assert units.read_height(typed, reader) == metres


@pytest.mark.parametrize("reader", ["metric", "imperial"])
@pytest.mark.parametrize(("typed", "kilograms"), [("150 lb", 68.0), ("150.5lbs", 68.3), ("68 kg", 68.0), ("x", None)])
def test_a_weight_with_its_unit_is_read_the_same_by_all(typed, kilograms, reader):
    assert units.read_weight(typed, reader) == kilograms


@pytest.mark.parametrize("reader", ["metric", "imperial"])
@pytest.mark.parametrize(
    ("typed", "s_per_km"), [("8:51 /mi", 330), ("8:51/mile", 330), ("6.8 mph", 329), ("5:30 min/km", 330)]
)
def test_a_pace_with_its_unit_is_read_the_same_by_all(typed, s_per_km, reader):
    assert read_pace(typed, reader) == s_per_km


def test_a_number_alone_is_in_the_reader_s_own_unit():
    assert [units.read_height("69", one) for one in ("metric", "imperial")] == [69.0, 1.753]
    assert [units.read_weight("150", one) for one in ("metric", "imperial")] == [150.0, 68.0]
    assert [read_pace("8:51", one) for one in ("metric", "imperial")] == [531, 330]


@pytest.mark.parametrize("s_per_km", [299, 300, 331, 360, 611])
@pytest.mark.parametrize("reader", ["metric", "imperial"])
def test_a_pace_that_is_shown_and_sent_back_is_the_same(s_per_km, reader):
    assert read_pace(units.typed_pace(s_per_km, reader), reader) == s_per_km


def test_a_runner_typed_in_feet_and_pounds_is_kept_metric(as_carol):
    as_carol.post("/runners/new/", {"name": "Zoe", "height_m": "5 ft 9", "weight_kg": "150 lb"})
    zoe = Subject.objects.get(name="Zoe")
    assert (zoe.height_m, zoe.weight_kg) == (1.753, 68.0)


@pytest.fixture
def imperial(organization):
    Organization.objects.filter(pk=organization.pk).update(units="imperial")


def test_pages_follow_the_organisation(as_carol, runner, order, imperial):
    analysis = order()
    runner_page = shown(as_carol.get(f"/runners/{runner.code}/"))
    assert "<span>5 ft 9 in</span><span>149.9 lb</span>" in runner_page
    assert "treadmill 9:39 /mi (6.2 mph)" in shown(as_carol.get(f"/analyses/{analysis.code}/"))


def test_metric_is_what_an_organisation_begins_with(as_carol, runner, order):
    analysis = order()
    runner_page = shown(as_carol.get(f"/runners/{runner.code}/"))
    assert "<span>1.75 m</span><span>68.0 kg</span>" in runner_page
    assert "treadmill 6:00 /km (10.0 km/h)" in shown(as_carol.get(f"/analyses/{analysis.code}/"))
