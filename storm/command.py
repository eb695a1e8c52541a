"""`./portal storm [--seeds N] [--seconds S]`: break things on purpose, and count what was lost."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from door import Stop
from storm.house import House, house
from tests.services import servers


def main(arguments: list[str] | None = None) -> int:
    """Run the storms and print the table; 0 when every one was green."""
    parser = argparse.ArgumentParser(prog="./portal storm", description=(__doc__ or "").partition(": ")[2])
    parser.add_argument("--seeds", type=int, default=3, help="how many storms, each by a plan of its own (3)")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="the first seed (1)")
    parser.add_argument("--seconds", type=float, default=60, help="how long things are broken in each (60)")
    parser.add_argument("--order-every", type=float, default=4, metavar="S", help="seconds between two orders (4)")
    parser.add_argument("--fault-every", type=float, default=4, metavar="S", help="seconds between two faults (4)")
    parser.add_argument("--explain", action="store_true", help="show what the slowest order of each storm went through")
    parser.add_argument("--keep", metavar="FOLDER", help="copy the logs of everything there")
    options = parser.parse_args(arguments)
    if missing := servers.missing():
        raise Stop(f"A storm needs {', '.join(missing)}.")
    with house() as built:
        try:
            return _run(built, options)
        finally:
            if options.keep:
                _keep_logs(built, Path(options.keep))


def _run(built: House, options: argparse.Namespace) -> int:
    """Set Django up for this house, which has only now an address for everything, and run the storms."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "coachportal.settings"
    import django

    django.setup()
    from storm import season

    return season.run(built, options)


def _keep_logs(built: House, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(built.place.var / "log", folder / "log", dirs_exist_ok=True)
    for name in ("postgresql", "redis"):
        shutil.copy(built.folder / name / "log", folder / f"{name}.log")
