"""Angles of a still figure set up by hand: every sign and zero as docs/measures.md says."""

import numpy as np
import pytest

from engine.measure.angles import ahead_deg, all_angles
from engine.measure.body import Runner, Scale
from engine.measure.events import Step
from engine.measure.track import AT, JOINTS


def figure(**moved):
    """A figure standing upright, 2 s long, with some joints moved; x forward, y up, metres."""
    upright = {
        "hip": (0, 0.9), "knee": (0, 0.48), "ankle": (0, 0.08), "heel": (-0.05, 0.0), "toe": (0.2, 0.0),
        "shoulder": (0, 1.4), "elbow": (0, 1.1), "wrist": (0, 0.85), "ear": (0, 1.65),
    }  # fmt: skip
    upright.update(moved)
    p = np.full((1000, len(JOINTS), 2), np.nan)
    for part, place in upright.items():
        for side in ("left", "right"):
            p[:, AT[f"{side}_{part}"]] = place
    return Runner(np.arange(1000) / 500, p, np.zeros_like(p), 1, "right", Scale(1, 0.02, {}), 0.0)


def angle(name, **moved):
    return all_angles(figure(**moved), [], toe_is_tip=True).of("right", name)[0]


def test_upright_standing_is_zero_everywhere():
    angles = all_angles(figure(), [], toe_is_tip=True)
    for name in ("ankle", "knee", "hip", "shoulder", "elbow", "thigh", "shank", "foot"):
        assert angles.of("left", name)[0] == pytest.approx(0), name
    assert angles.trunk_lean_deg[0] == pytest.approx(0)
    assert angles.head_forward_deg[0] == pytest.approx(0)


@pytest.mark.parametrize(
    ("name", "moved", "expected"),
    [
        ("knee", {"ankle": (-0.4, 0.48)}, 90),  # heel to the seat: flexion
        ("knee", {"ankle": (0.05, 0.08)}, np.degrees(np.arctan2(0.05, 0.4))),  # overstretched: as much off straight
        ("hip", {"knee": (0.42, 0.9), "ankle": (0.42, 0.5)}, 90),  # knee lifted: flexion
        ("hip", {"shoulder": (0.5, 1.4)}, 45),  # trunk bent over a standing leg: flexion too
        ("shank", {"ankle": (0.4, 0.48)}, 90),
        ("ankle", {"knee": (0.4, 0.48)}, 45),  # knee over the toes: dorsiflexion
        ("ankle", {"toe": (0.2, 0.25)}, 45),  # toes up: dorsiflexion
        ("shoulder", {"elbow": (0.3, 1.4)}, 90),  # arm forward
        ("elbow", {"wrist": (0.25, 1.1)}, 90),  # forearm forward: flexion
        ("elbow", {"wrist": (0.02, 1.34)}, 180 - np.degrees(np.arctan2(0.02, 0.24))),  # hand at the shoulder
    ],
)
def test_flexion_is_positive(name, moved, expected):
    assert angle(name, **moved) == pytest.approx(expected, abs=0.01)


def test_leaning_forward_and_pushing_the_head_forward_are_positive():
    angles = all_angles(figure(shoulder=(0.5, 1.4), ear=(0.75, 1.4)), [], toe_is_tip=True)
    assert angles.trunk_lean_deg[0] == pytest.approx(45)
    assert angles.head_forward_deg[0] == pytest.approx(45)


def test_a_foot_is_read_against_its_own_flat_stance():
    step = Step("right", 0.4, 0.7, 0.0, 0.0, 1.0)
    moved = all_angles(figure(toe=(0.2, 0.03)), [step], toe_is_tip=True)
    assert moved.of("right", "foot")[0] == pytest.approx(0)


def test_ahead_is_measured_from_the_vertical():
    assert ahead_deg(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))[0] == pytest.approx(45)
