"""./portal check: everything that can be said about the code without running it."""

import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from door import ROOT, Stop, say
from door.audit import NOT_ASKED
from door.environment import PYTHON, set_up
from door.place import inherited

# What a clinic would set; `manage.py check --deploy` then has nothing to complain about.
PRODUCTION = {
    "PUBLIC_URL": "https://portal.example.org",
    "ALLOWED_HOSTS": "portal.example.org",
    "SECRET_KEY": "only-for-the-check-and-long-enough-to-pass-it-0123456789-abcdefghijklmnop",
    "DEBUG": "0",
}
# Looked for by ruff too, which has the reason beside each exception: asserts in tests, generators that are to repeat,
# programs of our own choice, SQL of our own names, the icons' markup.
BANDIT_LEAVES_TO_RUFF = "B101,B308,B311,B404,B603,B607,B608,B703"
NOT_SCANNED = "./.venv,./node_modules,./.tools,./var,./tests"
GOOD, BAD, NOT_KNOWN = "good", "BAD ", "????"
# The engine is a Django site of its own.
ENGINE = {"DJANGO_SETTINGS_MODULE": "engine.settings"}


@dataclass(frozen=True)
class Check:
    """One question to the code; the command answers with its exit code and says why on its output."""

    name: str
    command: tuple[str, ...]
    settings: dict[str, str] = field(default_factory=dict)


def checks() -> list[Check]:
    """Return all checks, the slow ones first so that the others fill the gaps."""
    python = str(PYTHON)
    tool = {name: str(PYTHON.with_name(name)) for name in ("ruff", "mypy", "lint-imports", "bandit")}
    bandit = (tool["bandit"], "-q", "-r", ".", "-x", NOT_SCANNED, "--skip", BANDIT_LEAVES_TO_RUFF, "-ll")
    makemigrations = ("makemigrations", "--check", "--dry-run", "--verbosity=1")
    return [
        Check("types", (tool["mypy"], "--no-error-summary")),
        Check("security", bandit),
        Check("known vulnerabilities", (python, "-m", "door.audit")),
        Check("import rules", (tool["lint-imports"], "--no-cache")),
        Check("migrations", (python, "manage.py", *makemigrations)),
        Check("engine's migrations", (python, "-m", "django", *makemigrations), ENGINE),
        Check("production settings", (python, "manage.py", "check", "--deploy", "--fail-level=WARNING"), PRODUCTION),
        Check("translations", (python, "manage.py", "check_translations")),
        Check("format", (tool["ruff"], "format", "--check", "--quiet", ".", "portal")),
        Check("lint", (tool["ruff"], "check", "--quiet", ".", "portal")),
    ]


def check(arguments: list[str]) -> int:
    """Run all checks, or those named; one line for each, and what a failed one said."""
    wanted = [one for one in checks() if not arguments or one.name in arguments]
    if not wanted:
        raise Stop(f"There is no check {arguments[0]}. There are: {', '.join(one.name for one in checks())}")
    set_up(dev=True)
    with tempfile.TemporaryDirectory(prefix="coachportal-check-") as var, ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda one: _ask(one, var), wanted))
    say(f"\n{summary(results)}")
    return 1 if any(verdict == BAD for _, verdict in results) else 0


def summary(results: list[tuple[str, str]]) -> str:
    """Return the last line: what could not be asked is never called good."""
    failed = [name for name, verdict in results if verdict == BAD]
    unknown = [name for name, verdict in results if verdict == NOT_KNOWN]
    if failed:
        return f"{len(failed)} of {len(results)} failed: {', '.join(failed)}"
    if unknown:
        return f"{len(results) - len(unknown)} are good; not asked, so not known: {', '.join(unknown)}"
    return f"All {len(results)} are good."


def _ask(one: Check, var: str) -> tuple[str, str]:
    started = time.monotonic()
    environment = inherited() | {"VAR": var} | one.settings
    done = subprocess.run(
        one.command, cwd=ROOT, env=environment, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    verdict = GOOD if done.returncode == 0 else BAD
    if one.name == "known vulnerabilities" and done.returncode == NOT_ASKED:
        verdict = NOT_KNOWN
    said = "" if verdict == GOOD else f"\n{done.stdout.rstrip()}"
    say(f"{verdict}  {one.name}  {time.monotonic() - started:.1f} s{said}")
    return one.name, verdict
