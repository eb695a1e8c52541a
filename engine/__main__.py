"""`python -m engine COMMAND`: the one list of commands; the module of a command is loaded only when it is called."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

# command -> the module with add_arguments(parser) and run(arguments) -> exit code, and what --help says of it
COMMANDS = {
    "measure": ("engine.command", "measure a film"),
    "measure-keypoints": ("engine.keypoints_command", "measure key points from a CSV file"),
    "film": ("engine.studio.command", "draw and film a runner whose truth is known"),
    "bench": ("engine.bench", "time the measuring of a film"),
}
# The processes of the measuring server: functions of engine.server, without options.
SERVER = {"serve": "answer over HTTP", "work": "measure what was sent", "clock": "pick up what is due"}
# Of both lists, those in whose processes films are measured.
MEASURING = {"measure", "bench", "work"}


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; 2 is a wrong command line."""
    given = list(sys.argv[1:] if words is None else words)
    chosen = given[0] if given else ""
    parser = argparse.ArgumentParser(prog="python -m engine", description="Measure how somebody runs, from a film.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=_sentence(text))
        if name == chosen:
            loaded = importlib.import_module(module)
            loaded.add_arguments(command)
            command.set_defaults(run=loaded.run)
    for name, text in SERVER.items():
        command = commands.add_parser(name, help=text, description=_sentence(text))
        if name == chosen:
            command.set_defaults(run=getattr(importlib.import_module("engine.server"), name))
    arguments = parser.parse_args(given)
    return int(arguments.run(arguments))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _in_large_pages() -> None:
    """Begin anew with memory in pages of 2 MB, where Linux gives them: a film costs 4 % less CPU, to the same bits.

    glibc looks into the environment for it, once, before Python runs. Whoever has set something there is left alone.
    """
    if sys.platform == "linux" and "GLIBC_TUNABLES" not in os.environ:
        os.environ["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1"
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    if MEASURING.intersection(sys.argv[1:2]):
        _in_large_pages()
    sys.exit(main())
