"""./portal restore-drill [BACKUP]: prove that a backup can be restored, in a place of its own that is thrown away."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from door import ROOT, Stop, say
from door.environment import PYTHON, set_up
from door.place import from_environment
from door.testing import test_environment


def restore_drill(arguments: list[str]) -> int:
    """Back this portal up (or take BACKUP), restore it into an empty place, compare every row and every file.

    Then erase an invented runner elsewhere, and restore a backup from before: they must be gone again.
    """
    if len(arguments) > 1:
        raise Stop("Give one folder that `manage.py backup` made, or nothing to back this portal up first.")
    if arguments and not Path(arguments[0], "manifest.json").is_file():
        raise Stop(f"{arguments[0]} holds no finished backup. Give a folder that `manage.py backup` made.")
    set_up()
    here = from_environment().environment()
    # None of this portal's settings but the key that opens what is sealed: no real database, no bucket.
    kept = {name: here[name] for name in ("FIELD_KEYS", "FIELD_KEYS_FILE") if name in here}
    with tempfile.TemporaryDirectory(prefix="coachportal-drill-") as folder:
        backup = arguments[0] if arguments else f"{folder}/backup"
        if not arguments:
            _manage(["backup", backup], here)
        empty, first, later = _empty_portals(Path(folder), "empty", "first", "later")
        _manage(["restore", backup], test_environment(str(empty)) | kept)
        _forget_again(Path(folder), first, later)
    say("The drill is over; the copy is gone.")
    return 0


def _empty_portals(folder: Path, *names: str) -> Iterator[Path]:
    """Make data folders whose database has its tables; it goes through all migrations once and is copied."""
    made = folder / "made"
    _manage(["migrate", "--verbosity=0"], test_environment(str(made)))
    for name in names:
        (folder / name).mkdir()
        shutil.copy(made / "portal.sqlite3", folder / name)
        yield folder / name


def _forget_again(folder: Path, first: Path, later: Path) -> None:
    """Restore an invented runner who was erased since; every file of both places is read for what names them."""
    erased = folder / "erased"
    _manage(["erase_drill", str(erased)], test_environment(str(first)))
    words = (erased / "words.txt").read_text(encoding="utf-8").splitlines()
    _manage(["restore", str(erased / "backup")], test_environment(str(later)))
    back = _files_with(words, later)
    if not back:
        raise Stop("The older backup did not bring the runner back, so the drill proves nothing.")
    _manage(["forget_again", "--from", str(erased / "tombstones.txt")], test_environment(str(later)))
    if left := _files_with(words, first, later):
        raise Stop(f"Erased, and found all the same: {', '.join(str(path.relative_to(folder)) for path in left)}")
    say(
        f"A runner who was erased: {len(words)} names, codes and digests sought, found in {len(back)} files after the "
        "restore of an older backup, and in none after forget_again."
    )


def _files_with(words: list[str], *places: Path) -> list[Path]:
    """Return the files in whose path or bytes one of `words` stands; a database at rest is a file like the others."""
    wanted = [word.encode() for word in words]
    files = [path for place in places for path in sorted(place.rglob("*")) if path.is_file()]
    return [path for path in files if any(word in str(path).encode() + path.read_bytes() for word in wanted)]


def _manage(command: list[str], environment: dict[str, str]) -> None:
    started = time.monotonic()
    if subprocess.run([str(PYTHON), "manage.py", *command], cwd=ROOT, env=environment, check=False).returncode:
        raise Stop(f"The {command[0]} did not succeed; its words stand above.")
    say(f"{command[0]}: {time.monotonic() - started:.1f} s")
