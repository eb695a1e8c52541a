"""`python -m engine film`: make a studio film from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.studio.film import make_film
from engine.studio.scene import BadScene, Scene

USAGE_ERROR = 2

# (flag, field of Scene, what it is): numbers that are simply passed on.
NUMBERS = (
    ("--fps", "fps", "frames a second (60)"),
    ("--seconds", "seconds", "length of the film (6, or one crossing)"),
    ("--speed", "speed_m_s", "running speed, m/s (3.0)"),
    ("--cadence", "cadence_spm", "steps a minute (usual at this speed)"),
    ("--contact", "contact_time_ms", "contact time, ms (usual at this speed)"),
    ("--height", "height_m", "body height, m (1.75)"),
    ("--variability", "variability_ms", "SD of step and contact times, ms (3)"),
    ("--asymmetry-contact-ms", "asymmetry_contact_ms", "contact time, right minus left, ms (0)"),
    ("--pelvic-drop", "pelvic_drop_deg", "peak pelvic drop, degrees (4.5)"),
    ("--asymmetry-drop", "asymmetry_drop_deg", "pelvic drop, right minus left, degrees (0)"),
    ("--lean", "trunk_lean_deg", "trunk lean, degrees (5)"),
    ("--body-share", "body_share", "body height over picture height"),
    ("--distance", "distance_m", "camera to runner, m (6; 8 beside a track)"),
    ("--yaw", "yaw_deg", "camera off the square view, degrees (0)"),
    ("--tilt", "tilt_deg", "roll of the camera, degrees (0)"),
    ("--shake", "shake_deg", "trembling of the camera, degrees (0)"),
    ("--crop-feet", "crop_feet", "share of the picture height by which the feet hang below it (0)"),
    ("--blur", "blur", "share of the frame time the shutter is open (0)"),
    ("--light", "light", "1 is a bright room, 0.2 a dim one (1)"),
    ("--slow-motion", "slow_motion", "shot at so many times the rate it is played at (1)"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the film command."""
    parser.add_argument("film", type=Path, metavar="OUT.mp4", help="where to write; the truth goes to OUT.truth.json")
    parser.add_argument("--view", choices=("side_view", "back_view"), default="side_view")
    parser.add_argument("--landing", choices=("rearfoot", "midfoot", "forefoot"), default="rearfoot")
    parser.add_argument("--faces", choices=("left", "right"), default="right", help="side view: way of running")
    parser.add_argument("--size", default=None, metavar="WxH", help="pixels (720x1280; 1920x1080 for a crossing)")
    parser.add_argument("--people", type=int, default=1, choices=(1, 2))
    parser.add_argument("--seed", type=int, default=1, help="another number, another runner's small irregularities")
    parser.add_argument("--walk", action="store_true", help="walk instead of running")
    parser.add_argument("--pan", action="store_true", help="the camera turns after the runner")
    ground = parser.add_mutually_exclusive_group()
    ground.add_argument("--treadmill", action="store_true", help="run on a belt (as usual)")
    ground.add_argument("--over-ground", action="store_true", help="run through the picture, or away from the camera")
    for flag, field, text in NUMBERS:
        parser.add_argument(flag, type=float, dest=field, default=None, help=text)


def scene_from(arguments: argparse.Namespace) -> Scene:
    """The scene these arguments describe. Raises BadScene."""
    chosen = {field: getattr(arguments, field) for _, field, _ in NUMBERS if getattr(arguments, field) is not None}
    if arguments.walk:
        chosen.setdefault("speed_m_s", 1.35)
    width, height = _size(arguments)
    return Scene(
        view=arguments.view,
        treadmill=not arguments.over_ground,
        landing=arguments.landing,
        faces=arguments.faces,
        width_px=width,
        height_px=height,
        people=arguments.people,
        seed=arguments.seed,
        walk=arguments.walk,
        pan=arguments.pan,
        **chosen,
    )


def _size(arguments: argparse.Namespace) -> tuple[int, int]:
    if arguments.size is None:
        return (1920, 1080) if arguments.over_ground and arguments.view == "side_view" else (720, 1280)
    try:
        width, height = (int(part) for part in arguments.size.lower().split("x"))
    except ValueError:
        raise BadScene(f"The size {arguments.size} cannot be read. Write it like 720x1280.") from None
    return width, height


def run(arguments: argparse.Namespace) -> int:
    """Make the film; 0 when it is written, 2 when the scene cannot be filmed."""
    try:
        truth = make_film(arguments.film, scene_from(arguments))
    except BadScene as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    except OSError as error:
        print(f"{arguments.film} cannot be written ({error.strerror}). Choose another place.", file=sys.stderr)
        return USAGE_ERROR
    print(f"{arguments.film}: {truth.frame_count} frames, {truth.duration_s:.1f} s, {len(truth.events)} contacts")
    return 0
