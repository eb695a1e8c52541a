"""`python -m engine measure-keypoints FILE.csv`: the same measures from key points, without film or pose model."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.command import MEASURED, add_order_arguments, between, check_readable, order_from, tell_answer, tell_refusal
from engine.order import Answer, Refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the measure-keypoints command."""
    parser.add_argument("table", type=Path, metavar="FILE.csv", help="one row a frame, columns <joint>_x and <joint>_y")
    parser.add_argument(
        "--fps",
        type=between(1, 1000, "frames per second"),
        metavar="N",
        help="frames per second, when the file has no time_s column",
    )
    add_order_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure the key points and print the answer."""
    order = order_from(arguments)
    check_readable(arguments.table)
    from engine.answer import answer
    from engine.keypoints_file import read_keypoints
    from engine.measure import measure

    try:
        track = read_keypoints(arguments.table, order.view, fps=arguments.fps)
        results, calculated, raw = answer(measure(track, order), track, order)
    except Refused as refused:
        return tell_refusal(refused, as_json=arguments.json)
    tell_answer(Answer(results, calculated, raw), as_json=arguments.json)
    return MEASURED
