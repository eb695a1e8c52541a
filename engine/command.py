"""`python -m engine measure FILE`: measure a film without any server.

Exit codes: 0 measured, 1 the machine is not set up, 2 wrong usage, 3 refused with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from engine.order import LANGUAGES, Answer, Order, Refused, View

MEASURED, NOT_SET_UP, USAGE, REFUSED = 0, 1, 2, 3
VIEWS: dict[str, View] = {"side": "side_view", "back": "back_view"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the measure command."""
    parser.add_argument("film", type=Path, metavar="FILE", help="MP4, MOV, AVI or WEBM")
    add_order_arguments(parser)
    parser.add_argument("--film", type=Path, dest="annotated", metavar="OUT.mp4", help="write the annotated film there")
    parser.add_argument("--raw", action="store_true", help="put the key points of every frame into the JSON, too")


def add_order_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is known about the runner and the film, for every command that measures."""
    parser.add_argument("--view", type=view, metavar="VIEW", required=True, help="side or back")
    parser.add_argument("--treadmill", action="store_true", help="the film shows a treadmill; needs --pace")
    parser.add_argument("--pace", type=pace_s_per_km, metavar="MM:SS", help="belt pace per kilometre")
    parser.add_argument("--height", type=between(0.5, 2.5, "m"), default=1.70, metavar="M", help="body height (1.70)")
    parser.add_argument("--weight", type=between(20, 300, "kg"), default=70.0, metavar="KG", help="body mass (70)")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--feet-only", action="store_true", help="back view: measure pronation alone")
    parser.add_argument("--json", action="store_true", help="print the whole answer")


def order_from(arguments: argparse.Namespace) -> Order:
    """The order these arguments describe; ends the program with code 2 when they contradict each other."""
    if arguments.treadmill and arguments.pace is None:
        stop("--treadmill needs the belt's pace: add --pace MM:SS.")
    if arguments.pace is not None and not arguments.treadmill:
        stop("--pace is the treadmill's: add --treadmill, or leave it out.")
    return Order(
        view=arguments.view,
        treadmill=arguments.treadmill,
        pace_s_per_km=arguments.pace,
        height_m=arguments.height,
        weight_kg=arguments.weight,
        language=arguments.language,
        full_body=not arguments.feet_only,
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure the film and print the answer."""
    order = order_from(arguments)
    check_readable(arguments.film)
    if arguments.annotated:
        _check_writable(arguments.annotated)
    # Imported late: a wrong command line is answered before the arithmetic is loaded.
    from engine.pipeline import BadThreads
    from engine.weights import WeightsUnusable

    try:
        answer = _measure(arguments.film, order, arguments.annotated)
    except Refused as refused:
        return tell_refusal(refused, as_json=arguments.json)
    except (WeightsUnusable, BadThreads) as error:
        print(error, file=sys.stderr)
        return NOT_SET_UP
    tell_answer(answer, as_json=arguments.json, raw=arguments.raw)
    return MEASURED


def check_readable(file: Path) -> None:
    """End the program where there is no such file, or we may not read it."""
    if not file.is_file():
        stop(f"There is no file {file}.")
    if not os.access(file, os.R_OK):
        stop(f"{file} may not be read. Change its permissions.")


def _check_writable(film: Path) -> None:
    """End the program where no film can be written there: better now than after minutes of measuring."""
    if film.is_dir():
        stop(f"{film} is a folder. Add the name of a film.")
    if not film.parent.is_dir():
        stop(f"There is no folder {film.parent} to write the film to.")
    if not os.access(film.parent, os.W_OK | os.X_OK):
        stop(f"Nothing may be written into {film.parent}. Choose another folder.")


def _measure(film: Path, order: Order, annotated: Path | None) -> Answer:
    from engine.pipeline import measure_film

    if annotated is None:
        return measure_film(film, order)
    with tempfile.TemporaryDirectory(dir=annotated.parent, prefix=".annotated-") as folder:
        answer = measure_film(film, order, media_folder=Path(folder))
        assert answer.film is not None
        answer.film.replace(annotated)
    return answer


def tell_answer(answer: Answer, *, as_json: bool, raw: bool = False) -> None:
    """Print what was measured: all of it as JSON, or the main numbers a line each."""
    if not as_json:
        for line in _summary(answer):
            print(line)
        return
    levels: dict[str, Any] = {
        "status": "success",
        "results": answer.results,
        "calculated": answer.calculated,
        "events": answer.calculated["house"]["steps"],
    }
    if raw:
        levels["raw"] = answer.raw
    print(json.dumps(levels, ensure_ascii=False, allow_nan=False))


def tell_refusal(refused: Refused, *, as_json: bool) -> int:
    """Print why a film cannot be measured and return the exit code for it."""
    if as_json:
        reason = {"code": refused.code, "text": refused.text}
        print(json.dumps({"status": "failed", "reason": reason}, ensure_ascii=False))
    else:
        print(f"Not measured ({refused.code}): {refused.text}", file=sys.stderr)
    return REFUSED


def stop(text: str) -> None:
    """End the program: the command line is wrong."""
    print(text, file=sys.stderr)
    raise SystemExit(USAGE)


def pace_s_per_km(text: str) -> float:
    """Seconds per kilometre from MM:SS."""
    minutes, colon, seconds = text.partition(":")
    if not (colon and minutes.isdecimal() and seconds.isdecimal() and len(seconds) == 2 and int(seconds) < 60):
        raise argparse.ArgumentTypeError(f"{text!r} is not a pace. Write minutes and seconds per kilometre, as 05:30.")
    pace = int(minutes) * 60 + int(seconds)
    if not 60 <= pace <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a running pace. Write minutes and seconds, as 05:30.")
    return float(pace)


def view(text: str) -> View:
    """The view by its short name, or by the contract's."""
    found = VIEWS.get(text.removesuffix("_view"))
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a view. Write side or back.")
    return found


def between(low: float, high: float, unit: str) -> Any:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not between {low:g} and {high:g} {unit}.")
        return value

    return number


def _summary(answer: Answer) -> list[str]:
    house = answer.calculated["house"]
    lines = [f"{len(house['steps'])} steps measured"]
    lines += [f"{name}: {value}" for name, value in answer.calculated.get("metrics", {}).items() if value is not None]
    lines += [f"note: {warning['text']}" for warning in house["warnings"]]
    return lines
