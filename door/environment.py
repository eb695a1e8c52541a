"""Set up what the portal runs on: Python packages by hash, front-end packages and pose weights by npm.

Everything lands inside the checkout (.tools, .venv, node_modules); a stamp beside each says what it was made from, so a
second start only compares.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from door import ROOT, Stop, fetched, say
from door.place import inherited

TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
PYTHON_STAMP, PACKAGES_STAMP = VENV / ".portal-stamp.json", NODE_MODULES / ".portal-stamp.json"
LOCK, DEV_LOCK = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
UV_LOCK = ROOT / "door" / "uv.lock"
# Called from an activated environment, the one beneath it is meant: ours must not be made from itself.
BASE_PYTHON = (
    sys.executable
    if sys.prefix == sys.base_prefix
    else f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"
)
QUIET_PIP = ("--quiet", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore")


def set_up(*, dev: bool = False) -> None:
    """Make both environments fit the lock files, with `dev` the test and check tools too; compile the translations."""
    with _one_at_a_time():
        set_up_python(dev=dev)
        set_up_packages(dev=dev)
        compile_translations()


def set_up_python(*, dev: bool) -> None:
    """Fill .venv from the lock file, every package checked by its hash."""
    made_from = {"python": f"{sys.version} {sys.base_prefix}", "place": str(ROOT)}
    old = _read(PYTHON_STAMP)
    # The test tools are kept once they are there: `run` after `test` must not take them away.
    dev = dev or bool(old.get("dev"))
    lock = DEV_LOCK if dev else LOCK
    wanted: dict[str, object] = {**made_from, "dev": dev, "lock": _digest(lock)}
    if old == wanted and PYTHON.exists():
        return
    say("Installing the Python packages ...")
    keep = all(old.get(key) == value for key, value in made_from.items()) and PYTHON.exists()
    if keep:
        # Until it is done the stamp fits no lock file; that the test tools belong in here is remembered all the same.
        PYTHON_STAMP.write_text(json.dumps({**made_from, "dev": dev}))
    uv = find_uv()
    if uv is None:
        _with_pip(lock, keep=keep)
    else:
        if not keep:
            _call([uv, "venv", "--quiet", "--clear", "--no-python-downloads", "--python", BASE_PYTHON, str(VENV)])
        _call([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON), str(lock)])
    PYTHON_STAMP.write_text(json.dumps(wanted))


def find_uv() -> str | None:
    """Return a uv: the pinned one in .tools, the machine's, or the pinned one fetched now; None where there is none."""
    own = TOOLS / f"uv-{_digest(UV_LOCK)[:8]}"
    program = own / "bin" / "uv"
    if program.exists():
        return str(program)
    if found := shutil.which("uv"):
        return found
    # --target also passes the lock that Debian puts on its own Python (PEP 668).
    command = [BASE_PYTHON, "-m", "pip", "install", *QUIET_PIP, "--require-hashes", "--target", str(own)]
    subprocess.run([*command, "-r", str(UV_LOCK)], env=inherited(), check=False, capture_output=True)
    return str(program) if program.exists() else None


def _with_pip(lock: Path, *, keep: bool) -> None:
    """Do without uv: slower, the same packages and the same hashes."""
    # An environment that uv made has no pip inside.
    if not keep or not list(VENV.glob("lib/python*/site-packages/pip")):
        made = subprocess.run(
            [BASE_PYTHON, "-m", "venv", "--clear", str(VENV)], env=inherited(), check=False, capture_output=True
        )
        if made.returncode:
            raise Stop("This Python has neither pip nor venv. On Debian or Ubuntu: apt-get install python3-venv")
    _call([str(PYTHON), "-m", "pip", "install", *QUIET_PIP, "--require-hashes", "-r", str(lock)])


def set_up_packages(*, dev: bool) -> None:
    """Fetch the pose weights and the browser's libraries with npm, checked against package-lock.json."""
    old = _read(PACKAGES_STAMP)
    dev = dev or bool(old.get("dev"))
    wanted: dict[str, object] = {"dev": dev, "lock": _digest(ROOT / "package-lock.json")}
    if old == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise Stop(
            "npm was not found; it fetches the pose weights and the browser's libraries. "
            "Install Node.js 18 or newer. On Debian or Ubuntu: apt-get install npm"
        )
    say("Fetching the pose weights and the browser's libraries ...")
    # No scripts of strangers: the packages are data and plain JavaScript.
    omit = () if dev else ("--omit=dev",)
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    _call([npm, "ci", *omit, "--ignore-scripts", *quiet])
    check_weights()
    PACKAGES_STAMP.write_text(json.dumps(wanted))


def check_weights() -> None:
    """Compare the pose weights with the sums the engine was measured with; the list stands in engine/weights.py."""
    code = "from engine import weights; weights.detector(); weights.landmarker()"
    done = subprocess.run(
        [str(PYTHON), "-c", code], cwd=ROOT, env=inherited(), check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise Stop(done.stderr.strip().splitlines()[-1].partition(": ")[2])


def caches() -> dict[str, str]:
    """Return where uv and npm keep what they fetch: in .tools where no home folder can be written, as for a service."""
    if os.access(os.path.expanduser("~"), os.W_OK):
        return {}
    return {"UV_CACHE_DIR": f"{TOOLS}/cache/uv", "npm_config_cache": f"{TOOLS}/cache/npm"}


def _call(command: list[str]) -> None:
    """Run one installer; let it print; stop when it fails twice."""
    environment = caches() | inherited()

    def install() -> bool:
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, stdout=sys.stderr.fileno())
        return done.returncode == 0

    if not fetched(install):
        name = Path(command[0]).name
        raise Stop(f"{name} could not install what the lock file names (its words stand above). Run the command again.")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(stamp: Path) -> dict[str, object]:
    try:
        content = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let a second command wait while the first one installs."""
    TOOLS.mkdir(exist_ok=True)
    with open(TOOLS / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def compile_translations() -> None:
    """Make the .mo files that are older than their .po files."""
    subprocess.run([str(PYTHON), "-m", "coachportal.catalogues"], cwd=ROOT, check=True)
