"""./portal test: bring what the tests need, run them, say which did not run and why."""

import os
import re
import subprocess
import tempfile

from door import ROOT, Stop, say
from door.environment import PYTHON, set_up
from door.place import NOT_INHERITED
from door.system import FAST, SERVICES, Need, provide

HEAVY = "slow or services"
NO_TESTS = 5  # pytest's exit code when nothing was selected


def test(arguments: list[str]) -> int:
    """Run the fast tests two at a time, then with `--all` the heavy ones one by one; the rest goes to pytest."""
    everything = "--all" in arguments
    rest = [argument for argument in arguments if argument != "--all"]
    set_up(dev=True)
    missing = provide(FAST + SERVICES if everything else FAST)
    tell_missing(missing)
    with tempfile.TemporaryDirectory(prefix="coachportal-test-") as var:
        environment = test_environment(var)
        # Two processes for two cores; more only wait for each other.
        codes = [_pytest(["-n", "2", "-m", f"not ({HEAVY})", *rest], environment)]
        if everything:
            codes.append(_pytest(["-m", HEAVY, *rest], environment))
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
    forbidden = names | {f"{name}_FILE" for name in names} | set(NOT_INHERITED)
    return {name: value for name, value in os.environ.items() if name not in forbidden} | {"VAR": var}


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    return subprocess.run([str(PYTHON), "-m", "pytest", *arguments], cwd=ROOT, env=environment, check=False).returncode
