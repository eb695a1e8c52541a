"""From key points to verdicts, through the engine's own measuring: noise stays noise, a quicker step is found."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analyses.changes import side_of
from analyses.compare import Comparison, compare
from analyses.models import Analysis
from analyses.readout import readout
from engine.answer import answer
from engine.measure import measure
from engine.order import Order
from tests.analyses.finished import finish

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NOISE_PX = 2.0
PACE_S_PER_KM = 1000 / 3
STEP_S, CONTACT_S = 0.36, 0.25
QUICKER = 60 / (60 / STEP_S + 8) / STEP_S  # eight steps a minute more, the contact as much shorter as the step
# What is the step rate in other words, or moves with it.
FOLLOWS = {
    *("stride_time_ms", "contact_time_ms", "flight_time_ms", "step_length_m", "stride_length_m"),
    *("oscillation_cm", "vertical_ratio_percent", "overstride_deg", "leg_stiffness_kn_m", "vertical_stiffness_kn_m"),
}


@pytest.fixture
def film(order, monkeypatch):
    """Measure a made runner on a belt: `film(day, seed=1, quicker=1.0)`."""
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[1] / "engine" / "measure"), *sys.path])
    from made_runner import Made

    def make(day: int, *, seed: int, quicker: float = 1.0) -> Analysis:
        clean = Made(step_s=STEP_S * quicker, contact_s=CONTACT_S * quicker).track()
        noise = np.random.default_rng(seed)
        track = replace(clean, points_px=clean.points_px + noise.normal(0, NOISE_PX, clean.points_px.shape))
        wanted = Order("side_view", treadmill=True, pace_s_per_km=PACE_S_PER_KM, height_m=1.72)
        results, calculated, _ = answer(measure(track, wanted), track, wanted)
        row = finish(order(pace_s_per_km=333), day=day)
        row.result.results, row.result.calculated = json.dumps(results), json.dumps(calculated)
        row.result.save()
        return row

    return make


def compared(now: Analysis, before: Analysis) -> Comparison:
    return compare(*(side_of(one, readout(one)) for one in (now, before)))


def test_the_same_run_seen_through_other_noise_could_be_noise_in_every_measure(film):
    result = compared(film(9, seed=2), film(1, seed=1))
    judged = {row.key: row.verdict for row in result.rows if row.verdict != "not_comparable"}
    assert len(judged) > 20
    assert {key for key, verdict in judged.items() if verdict == "real"} == set()


def test_eight_steps_a_minute_more_are_a_real_change_and_so_is_only_what_follows(film):
    result = compared(film(9, seed=2, quicker=QUICKER), film(1, seed=1))
    assert result.by_key["cadence_spm"].difference == pytest.approx(8, abs=1)
    real = {row.key for row in result.real}
    assert "cadence_spm" in real
    assert real - {"cadence_spm"} <= FOLLOWS
