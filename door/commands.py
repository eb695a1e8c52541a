"""The commands behind ./portal."""

import os
import sys
from collections.abc import Callable

from door import ROOT, Stop
from door.check import check
from door.drill import restore_drill
from door.environment import PYTHON, set_up
from door.fuzz import fuzz_uploads
from door.make_env import make_env
from door.place import from_environment
from door.run import run
from door.testing import test

HELP = """\
./portal run [--no-demo]     install what is missing, start everything, print the address; Ctrl-C ends it
./portal test [--all] [...]  run the tests; --all adds real measuring and real services; ... goes to pytest
./portal check               format, lint, types, import rules, migrations, translations, production settings,
                             security, known vulnerabilities
./portal make-env HOST       print the settings of a new installation for docker compose, with fresh secrets
./portal manage ...          the portal's manage.py
./portal engine ...          the engine's commands, such as: measure FILE --view side_view
./portal fuzz-uploads [...]  send 10,000 hostile films through a portal of their own; --count, --seed, --seconds
./portal restore-drill [...]  back this portal up (or take a backup), restore it elsewhere, compare everything
./portal validate [...]      compare the engine with force plates, motion capture and studio films, and write it into
                             docs/validation.md; --data, --page, --quick
./portal storm [--seeds N]   break things on purpose, in the production shape, and count what was lost
./portal bench-engine        how long the engine takes for a film, and how much memory
./portal bench-pages         how long the server takes for its pages with 10,000 runners and 100,000 analyses
./portal bench-paint         how soon a browser paints the result page and the first picture of its film
./portal bench-webhooks      how many calls of a provider are taken in a second, with empty tables and with full ones
./portal bench-uploads       whether 20 films of 30 MB at once all arrive, and how much memory they take
./portal screenshots         a picture of every page, light and dark, phone, tablet, desktop, German, Japanese, into
                             var/screenshots; says where words are cut off

Settings come from the environment; .env.example explains each.
With another VAR (the data folder), PORT and ENGINE_PORT a second portal runs beside the first.
"""


def main(arguments: list[str]) -> int:
    """Do one command and return its exit code; a Stop is one line on the screen and 1."""
    name, *rest = arguments or ["help"]
    command = COMMANDS.get(name)
    try:
        if command is None:
            raise Stop(f"There is no command {name}. ./portal help lists all.")
        return command(rest)
    except Stop as stop:
        print(stop, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


def show_help(arguments: list[str]) -> int:
    print(HELP, end="")
    return 0


def pass_on(*first: str, dev: bool = False) -> Callable[[list[str]], int]:
    """Return a command that hands everything to a program of the checkout, in the portal's own environment.

    It stays in the folder where the person stands: the files they name lie there.
    """

    def command(arguments: list[str]) -> int:
        set_up(dev=dev)
        place = from_environment()
        place.prepare_folders()
        environment = place.environment() | {"PYTHONPATH": str(ROOT)}
        os.execve(PYTHON, [str(PYTHON), "-P", *first, *arguments], environment)  # noqa: S606 - no shell wanted

    return command


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "help": show_help,
    "--help": show_help,
    "-h": show_help,
    "run": run,
    "test": test,
    "check": check,
    "make-env": make_env,
    "fuzz-uploads": fuzz_uploads,
    "restore-drill": restore_drill,
    "manage": pass_on(str(ROOT / "manage.py")),
    "engine": pass_on("-m", "engine"),
    "validate": pass_on("-m", "engine.validation"),
    "storm": pass_on("-m", "storm", dev=True),
    "bench-pages": pass_on("-m", "tests.services.bench_pages", dev=True),
    "bench-paint": pass_on("-m", "tests.browser.bench_paint", dev=True),
    "bench-webhooks": pass_on("-m", "tests.services.bench_webhooks", dev=True),
    "bench-uploads": pass_on("-m", "tests.services.bench_uploads", dev=True),
    "screenshots": pass_on("-m", "tests.browser.screenshots", dev=True),
    "bench-engine": pass_on("-m", "engine", "bench", "--with-reference"),
}
