"""./portal test: bring what the tests need, run them, say which did not run and why."""

import os
import re
import signal
import subprocess
import tempfile

from door import ROOT, Stop, say
from door.environment import PYTHON, set_up
from door.place import inherited
from door.system import FAST, SERVICES, Need, provide

HEAVY = "slow or services"
# Two processes for two cores; more only wait for each other.
TWO_AT_A_TIME = ("-n", "2")
# The heavy ones in three: of these one has the real servers, and waits most of the time for what it started or killed.
# A file stays with one process, for what its tests share; in the order of tests/conftest.py, the longest first.
FILE_BY_FILE = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")
NO_TESTS = 5  # pytest's exit code when nothing was selected
# A test that hangs must not hang a build server; pytest then prints where each process stood.
FAST_AT_MOST_S, HEAVY_AT_MOST_S, ONE_TEST_AT_MOST_S = 900, 3600, 600


def test(arguments: list[str]) -> int:
    """Run the fast tests, then with `--all` the heavy ones, some at a time; the rest goes to pytest."""
    everything = "--all" in arguments
    rest = [argument for argument in arguments if argument != "--all"]
    set_up(dev=True)
    missing = provide(FAST + SERVICES if everything else FAST)
    tell_missing(missing)
    with tempfile.TemporaryDirectory(prefix="coachportal-test-") as var:
        environment = test_environment(var)
        # The tables as the models have them: eighty migrations take 15 s, and the heavy tests go through them.
        fast = [*TWO_AT_A_TIME, "--nomigrations", "-m", f"not ({HEAVY})"]
        codes = [_pytest([*fast, *rest], environment, FAST_AT_MOST_S)]
        if everything:
            heavy = [*FILE_BY_FILE, "-m", HEAVY]
            codes.append(_pytest([*heavy, *rest], environment, HEAVY_AT_MOST_S))
        else:
            say(f'Not run: the tests marked "{HEAVY}". ./portal test --all runs them.')
    tell_missing(missing)
    return verdict(codes)


def verdict(codes: list[int]) -> int:
    """Return the worst of the exit codes; a part in which nothing was selected counts only when the others did too."""
    ran = [code for code in codes if code != NO_TESTS]
    return max(ran) if ran else NO_TESTS


def tell_missing(missing: list[Need]) -> None:
    """Name what is not there; on a build server that is a failure, not a remark."""
    for need in missing:
        say(
            f"Without {need.what} the {need.tests} tests do not run. "
            f"Debian, Ubuntu: apt-get install {' '.join(need.packages)}"
        )
    if missing and os.environ.get("CI"):
        raise Stop("A build server must run all tests; see above for what to install.")


def test_environment(var: str) -> dict[str, str]:
    """Return an environment without any of the portal's settings: tests must never meet a real database or key."""
    names = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    forbidden = names | {f"{name}_FILE" for name in names}
    return {name: value for name, value in inherited().items() if name not in forbidden} | {"VAR": var}


def _pytest(arguments: list[str], environment: dict[str, str], at_most_s: float) -> int:
    """Run pytest; ask it to stop when it takes too long, so that it still says what it knows."""
    command = [str(PYTHON), "-m", "pytest", "-o", f"faulthandler_timeout={ONE_TEST_AT_MOST_S}"]
    # Hypothesis without its clock: a busy machine is no wrong answer, and the same tries are made everywhere.
    command += ["--hypothesis-profile=ci", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            return process.wait(at_most_s)
        except subprocess.TimeoutExpired:
            say(f"The tests did not end within {at_most_s / 60:.0f} minutes; they are stopped.")
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
            return 1
