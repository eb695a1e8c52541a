"""Finished results of one runner, with films that can be told apart by their bytes."""

from __future__ import annotations

import io
import json

import pytest
from django.utils import timezone

from analyses.models import Analysis, Result
from clips import storage
from reports import actions

FINDING = {
    "key": "overstride_deg",
    "title": "Foot far ahead",
    "text": "The foot lands 14° ahead.",
    "cue": "Shorter steps.",
    "value": 14,
    "range": [0, 10],
}
CALCULATED = {
    "metrics": {"step_frequency_steps_per_min": 168.4, "ground_contact_time_ms": 262},
    "foot_landing": [{"step": 1, "foot": "left", "landing": "midfoot"}],
    "house": {
        "engine_version": "1.0",
        "pixels_per_meter": 100.0,
        "measures": {
            "cadence_spm": {
                "value": 168.4, "uncertainty_95": 1.5, "n": 9, "unit": "1/min", "range_good": [162, 186],
                "source": "A source 2020",
            },
            "trunk_lean_deg": {"value": -2.0, "uncertainty_95": 1.1, "n": 9, "unit": "°"},
        },
        "steps": [
            {"step": 1, "foot": "left", "strike_frame": 30.0, "strike_s": 0.5, "toe_off_frame": 45.0,
             "toe_off_s": 0.75, "contact_time_ms": 250.0, "landing": "rearfoot"},
            {"step": 2, "foot": "right", "strike_frame": 50.4, "strike_s": 0.84, "toe_off_frame": 65.0,
             "toe_off_s": 1.083, "contact_time_ms": 243.0, "landing": "midfoot"},
        ],
        "findings": [FINDING],
        "warnings": [{"code": "few_steps", "text": "Few steps were seen."}],
        "curves": {
            "left": {"knee": {"mean": [10, 20, 30, 15], "sd": [1, 1, 1, 1]}},
            "right": {"knee": {"mean": [11, 22, 31, 14], "sd": [1, 2, 1, 1]}},
        },
        "curve_span": "stride",
    },
}  # fmt: skip
RESULTS = {
    "biomechanical_analysis": {
        "total_score": 0.62,
        "analysis_content": {
            "trunk": {"score_number": 0.55, "texts": {"title": "Trunk", "position": "Upright", "recap": ["Lean."]}}
        },
    }
}
RAW = {
    "video_input_information": {"width": 1080, "height": 1920, "fps": 60.0, "duration": 0.05},
    "frames": {"0": {"nose": {"x": 500.0, "y": 300.0, "score": 0.9}}, "1": {"nose": {"x": 502.0, "y": 299.0}}},
    "cleaned": {"joints": ["nose", "left_heel"], "frames": [[[500.0, 300.0], [480.5, 1800.0]], [[502.0, 299.0], None]]},
    "times_s": [0.0, 0.0167],
}


@pytest.fixture
def finish():
    """Bring an order to its end with an annotated film, and answers that may be changed."""

    def finish(analysis: Analysis, calculated: dict | None = None, results: dict | None = None) -> Analysis:
        folder = f"results/{analysis.code}"
        storage.put(f"{folder}/film.mp4", io.BytesIO(b"film of " + str(analysis.code).encode()))
        storage.put(f"{folder}/still.jpg", io.BytesIO(b"still of " + str(analysis.code).encode()))
        storage.put(f"{folder}/raw.json", io.BytesIO(json.dumps(RAW).encode()))
        Analysis.objects.filter(pk=analysis.pk).update(
            status="succeeded",
            percentage=100,
            finished_at=timezone.now(),
            total_score=0.62,
            speed_m_s=1000 / analysis.pace_s_per_km if analysis.pace_s_per_km else None,
        )
        Result.objects.create(
            organization=analysis.organization,
            analysis=analysis,
            results=json.dumps(results or RESULTS),
            calculated=json.dumps(calculated or CALCULATED),
            raw_key=f"{folder}/raw.json",
            film_key=f"{folder}/film.mp4",
            thumbnail_key=f"{folder}/still.jpg",
        )
        return Analysis.objects.select_related("result", "subject", "clip", "account", "organization").get(
            pk=analysis.pk
        )

    return finish


@pytest.fixture
def earlier(order, finish, time_machine):
    """A result of seven weeks before."""
    time_machine.move_to("2026-10-03T09:00:00Z")
    analysis = finish(order())
    time_machine.move_to("2026-11-22T10:00:00Z")
    return analysis


@pytest.fixture
def done(order, finish):
    return finish(order())


@pytest.fixture
def link(done, alice):
    return actions.share(analysis=done, before=None, contents=["score", "film"], language="en", by=alice)
