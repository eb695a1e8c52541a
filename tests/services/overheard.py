"""A runner who stays in the house, from the order to the report, with every process of the portal overheard.

The organisation's usual service is an outside one, so that only the runner's own setting keeps the film here.
test_local_only.py runs these, one after another, and in a network of their own where there can be one.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from clients.python.coachportal_client import Coachportal
from door import ROOT
from door.environment import PYTHON
from door.place import Place
from door.run import answers, prepare, services
from tests.services import servers
from tests.services.test_two_browsers import signed_in

pytestmark = pytest.mark.services

OUTSIDE = "ochy.invalid"  # a name that is reserved for leading nowhere (RFC 2606)
# By a word of its command line: every kind of process that has to do with a film.
KINDS = {
    "web": "coachportal.wsgi",
    "worker": "rqworker",
    "clock": "manage.py clock",
    "opener of films": "clips.sandbox",
    "engine": "engine.wsgi",
    "engine's worker": "engine work",
    "engine's clock": "engine clock",
}
CLUB = """
import json
from accounts.models import Membership, Organization, User
from analyses import actions
from analyses.leaving import account_of_kind
from analyses.models import ProviderAccount
from api.actions import make_token
from credits import ledger
from subjects.models import Subject
club = Organization.objects.create(name="Overheard")
user = User.objects.create_user("heard@example.com", "a long password", name="Heard")
member = Membership.objects.create(organization=club, user=user, role="admin")
outside = ProviderAccount(organization=club, kind="ochy")
outside.key = "key-of-the-outside-service"
outside.save()
actions.register_webhook(account=account_of_kind(club, "engine"))
ledger.give(organization=club, amount=5, reason="a start", by=user)
runners = [Subject.objects.create(organization=club, name=f"Runner 0{number}", height_m=1.7, weight_kg=60,
                                  local_only=number == 1) for number in (1, 2)]
_, secret = make_token(membership=member, name="test", scopes=["read", "write", "order"], days=1)
print("CLUB" + json.dumps({"token": secret, "runners": [str(one.code) for one in runners]}))
"""


@dataclass(frozen=True)
class House:
    """A portal every process of which is overheard."""

    address: str
    environment: dict[str, str]
    ports: set[int]  # of itself and of the services in its settings
    token: str
    runners: list[str]

    def heard(self) -> list[dict]:
        files = Path(self.environment["HEARD"]).glob("*.jsonl")
        return [json.loads(line) for path in files for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def house(folder, new_database, bucket) -> Iterator[House]:
    """The processes of `./portal run`, with the recorder on the path of each: that door lets no PYTHONPATH in."""
    heard = folder / "heard"
    heard.mkdir()
    place = Place(folder / "var-heard", servers.free_port(), servers.free_port())
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        redis_url = stack.enter_context(servers.redis_server(folder / "redis-heard"))
        settings = {"DATABASE_URL": new_database("overheard"), "REDIS_URL": redis_url}
        settings |= {"OCHY_URL": f"https://{OUTSIDE}", **bucket.settings()}
        for name, value in settings.items():
            patch.setenv(name, value)
        place.prepare_folders()
        prepare(place)
        environment = place.environment() | {"HEARD": str(heard), "PYTHONPATH": str(Path(__file__).parent / "hearing")}
        for service in services(place, environment):
            stack.enter_context(servers.running(service.command, service.log, cwd=ROOT, env=service.environment))
        for address in (place.address, place.engine_address):
            servers.wait_for(partial(answers, f"{address}/healthz"), what=address)
        told = subprocess.run(
            [str(PYTHON), "manage.py", "shell", "--command", CLUB],
            cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        ports = {urlsplit(url).port for url in (redis_url, bucket.endpoint_url)} | {place.port, place.engine_port}
        yield House(place.address, environment, ports, **json.loads(told.stdout.partition("CLUB")[2]))


def is_here(host: str | None) -> bool:
    """Whether a name or an address can only mean this machine."""
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ordered(portal: Coachportal, film: Path, runner: str) -> str:
    sent = portal.send_film(film, runner=runner)
    order = portal.order(
        sent["code"], runner, view="side_view", treadmill=True, pace_s_per_km=357, accept_warnings=True
    )
    return str(order["code"])


def posted(browser: httpx.Client, path: str, **fields: str | list[str]) -> httpx.Response:
    headers = {"X-CSRFToken": browser.cookies["csrftoken"], "Referer": str(browser.base_url)}
    return browser.post(path, data=fields, headers=headers, follow_redirects=True)


def shared(browser: httpx.Client, code: str) -> tuple[str, bytes]:
    """Share a result; return the page and the film as whoever has the link gets them."""
    page = posted(browser, f"/reports/share/{code}/", contents=["score", "numbers", "film"], language="en").text
    [token] = set(re.findall(r"/s/([\w-]{20,})", page))
    with httpx.Client(base_url=browser.base_url, trust_env=False, timeout=120, follow_redirects=True) as anybody:
        return anybody.get(f"/s/{token}/").text, anybody.get(f"/s/{token}/film/").content


def report(browser: httpx.Client, code: str) -> bytes:
    words = {"title": "A visit", "findings": "", "remarks": ""}
    page = posted(browser, f"/reports/new/{code}/", kind="runner", paper="a4", language="en", **words)
    return browser.get(f"/reports/{page.url.params['made']}/", follow_redirects=True).content


def test_from_the_order_to_the_report_nothing_is_asked_of_anybody_outside(house, film):
    with Coachportal(house.address, house.token) as portal:
        code = ordered(portal, film, house.runners[0])
        assert portal.wait(code, every_s=2, at_most_s=400)["status"] == "succeeded"
    with closing(signed_in(house.address, "heard@example.com")) as browser:
        page, annotated = shared(browser, code)
        assert "Cadence" in page
        assert b"ftyp" in annotated[:12]
        assert report(browser, code).startswith(b"%PDF")

    heard = house.heard()
    commands = {" ".join(one["command"]) for one in heard if one["event"] == "loaded"}
    assert [kind for kind, word in KINDS.items() if not any(word in command for command in commands)] == []
    outside = [one for one in heard if one["event"] != "loaded" and len(one["to"]) < 3 and not is_here(one["to"][0])]
    assert outside == []
    connected = {kind for kind, word in KINDS.items() for one in heard
                 if one["event"] == "socket.connect" and word in " ".join(one["command"])}  # fmt: skip
    assert connected >= {"web", "worker", "clock", "engine's clock"}
    ports = {one["to"][1] for one in heard if one["event"] == "socket.connect" and len(one["to"]) == 2}
    assert ports == house.ports


# ── in a network of its own ─────────────────────────────────────────────────────────────────────────────────────────


def asked_outside() -> int:
    """Return how often anything in this network asked for outside: the kernel counts whatever has no way.

    By every library: those in C, too, which the recorder does not hear.
    """
    if "ALONE" not in os.environ:
        pytest.skip("not in a network of its own")
    names, counts = (line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line[:3] == "Ip:")
    [sixth] = re.findall(r"^Ip6OutNoRoutes\s+(\d+)$", Path("/proc/net/snmp6").read_text(), re.MULTILINE)
    return int(counts[names.index("OutNoRoutes")]) + int(sixth)


def test_nothing_asked_for_outside_by_any_library():
    """Everything up to here: the servers, the portal, and the journey above."""
    assert asked_outside() == 0


def test_the_kernel_would_have_counted_it():
    before = asked_outside()
    with socket.socket() as one:
        one.connect_ex(("198.51.100.7", 443))  # an address for examples (RFC 5737)
    assert asked_outside() == before + 1


def test_the_recorder_would_have_heard_it(house, film):
    """The same order for a runner who may be measured outside: a worker asks for the service's name."""
    with Coachportal(house.address, house.token) as portal:
        ordered(portal, film, house.runners[1])

    def heard() -> bool:
        return any(one["to"] == [OUTSIDE] and "rqworker" in one["command"] for one in house.heard())

    servers.wait_for(heard, what="a worker that asks for the outside service")
