"""Does a package we pin have a known vulnerability? Asked of osv.dev; an answer that did not come is never a yes.

`python -m door.audit` ends with 0 when every package was looked up and none is named, 1 when one is, and 2 when
nobody could be asked: pip-audit ends with 0 there, which looks like a clean bill.
"""

import json
import os
import re
import sys
import urllib.request
from pathlib import Path

from door.environment import DEV_LOCK

# https://google.github.io/osv.dev/post-v1-querybatch: at most 1,000 questions at once.
ADDRESS = "https://api.osv.dev/v1/querybatch"
TIMEOUT_S = 10
NOT_ASKED = 2


class NotAsked(Exception):
    """Nobody answered, or not for every package."""


def pinned(lock: Path) -> list[tuple[str, str]]:
    """Return (name, version) of every package in a lock file."""
    return re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", lock.read_text(), re.MULTILINE)


def vulnerable(packages: list[tuple[str, str]], address: str) -> dict[str, list[str]]:
    """Return the names of known vulnerabilities by package. Raises NotAsked."""
    questions = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages]
    request = urllib.request.Request(  # noqa: S310 - an address of the settings, always http
        address, json.dumps({"queries": questions}).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # nosec B310
            results = json.load(answer)["results"]
        answered = zip(packages, results, strict=True)  # one answer for each question, in their order
        found = {name: [one["id"] for one in result.get("vulns") or []] for (name, _), result in answered}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAsked(f"{address} could not be asked ({type(error).__name__})") from error
    return {name: ids for name, ids in found.items() if ids}


def main() -> int:
    packages = pinned(DEV_LOCK)
    if not packages:
        print(f"{DEV_LOCK.name} names no package.")
        return NOT_ASKED
    try:
        found = vulnerable(packages, os.environ.get("OSV_URL", ADDRESS))
    except NotAsked as error:
        print(f"{error}. Nothing is known about the {len(packages)} packages.")
        return NOT_ASKED
    for name, ids in sorted(found.items()):
        print(f"{name}: {', '.join(ids)}")
    print(f"{len(packages)} packages were looked up, {len(found)} have known vulnerabilities.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
