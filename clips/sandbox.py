"""The program that opens films, in a process of its own: `python -m clips.sandbox` (see probe.py, which starts it).

A file from outside may be made to break a decoder. So this starts with no secrets in its environment, takes limits on
memory, processor time and file size before it loads the decoder, and answers with one line of JSON:
`{"facts": {...}, "slowed_by": 1}`, `{"refused": "<code>"}`, or what was written: `{"copied": {...}}`,
`{"trimmed": {...}}`, `{"beside": {...}}`, `{"row": {...}}`.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from clips.containers import Refused
from clips.film import look
from clips.rewrite import copy, trim

MEMORY_BYTES = 2 * 1024**3  # address space; a 1080p film with ten threads of decoder stays under 1 GB
PROBE_CPU_S = 20
COPY_CPU_S = 400  # ours: ten seconds at 240 pictures a second take about 60
PROBE_BYTES = 64 * 1024  # its answer, where that goes to a file
COPY_BYTES = 200 * 1024**2


def _limit(cpu_s: int, file_bytes: int) -> None:
    for what, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def main(arguments: list[str]) -> int:
    """Run a command and print its answer.

    `facts FILE`, `copy FILE REVIEW STILL`, `trim FILE TARGET START_S LENGTH_S`, `beside SPEC PICTURE FILM` or
    `row SPEC PICTURE`.
    """
    command, *given = arguments
    _limit(PROBE_CPU_S if command == "facts" else COPY_CPU_S, PROBE_BYTES if command == "facts" else COPY_BYTES)
    answer: dict[str, Any]
    try:
        if command == "trim":
            source, target, start_s, length_s = given
            answer = {"trimmed": trim(Path(source), Path(target), float(start_s), float(length_s))}
        elif command == "beside":
            # Not needed for anything else, and arrays take a while to load.
            from clips.beside import beside

            answer = {"beside": beside(*map(Path, given))}
        elif command == "row":
            from clips.row import row

            answer = {"row": row(*map(Path, given))}
        elif command == "copy":
            answer = {"copied": copy(*map(Path, given))}
        else:
            facts, slowed_by = look(Path(given[0]))
            answer = {"facts": asdict(facts), "slowed_by": slowed_by}
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
