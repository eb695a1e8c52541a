"""Ask a Coachportal by program. One file: copy it beside your own; it needs Python 3.11 and httpx.

    with Coachportal("https://portal.example.org", token) as portal:
        film = portal.send_film("run.mp4", runner=runner["code"])
        ordered = portal.order(film["code"], runner["code"], view="side_view")
        result = portal.wait(ordered["code"])

A request that got no answer is made again after growing pauses; an order bears a key, so that it is made once however
often it is sent. Refusals raise Refused, with the portal's sentence and a word for programs.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

PAUSES_S = (1, 4, 15)
TIMEOUT = httpx.Timeout(30, connect=10)


class Refused(Exception):
    """The portal said no; str() is its sentence, `code` its word for programs, `errors` what does not fit."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail") or f"HTTP {status}")
        self.status = status
        self.code: str = problem.get("code", "")
        self.errors: list[dict[str, str]] = problem.get("errors", [])


class Coachportal:
    """One portal, asked with one access token."""

    def __init__(self, address: str, token: str) -> None:
        self._http = httpx.Client(
            base_url=f"{address.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
        )

    def __enter__(self) -> Coachportal:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def me(self) -> dict[str, Any]:
        """Whose token it is, and what it may do."""
        return self._ask("GET", "/me")

    def runners(self, **which: Any) -> Iterator[dict[str, Any]]:
        """All runners that match `search`, `group`, `archived`, page by page."""
        return self._pages("/runners", which)

    def add_runner(self, name: str, **known: Any) -> dict[str, Any]:
        """Write a runner down: `height_m`, `weight_kg`, `birth_year`, `email`, ..."""
        return self._ask("POST", "/runners", json={"name": name, **known})

    def change_runner(self, code: str, **changes: Any) -> dict[str, Any]:
        return self._ask("PATCH", f"/runners/{code}", json=changes)

    def send_film(self, path: str | Path, *, runner: str | None = None, start_s: float | None = None) -> dict[str, Any]:
        """Send a film and have it looked into; of one longer than 10 s keep ten from `start_s`. Raises Refused."""
        path = Path(path)
        begun = self._ask(
            "POST", "/films", json={"name": path.name, "runner": runner, "size_bytes": path.stat().st_size}
        )
        code, upload = begun["film"]["code"], begun["upload"]
        with path.open("rb") as file:
            # A bucket's form holds its own right; the token is for the portal alone.
            client = self._http if upload["needs_token"] else httpx
            sent = client.post(upload["url"], data=upload["fields"], files={"file": (path.name, file)}, timeout=TIMEOUT)
        self._refuse(sent)
        film = self._ask("POST", f"/films/{code}/finish", params={} if start_s is None else {"start_s": start_s})
        if film["status"] != "probed":
            raise Refused(422, {"code": film["rejection_code"], "detail": film["rejection"]})
        return film

    def checks(self, film: str, *, view: str, treadmill: bool = False) -> dict[str, Any]:
        """What speaks against measuring this film in this view, before anything is spent."""
        return self._ask("GET", f"/films/{film}/checks", params={"view": view, "treadmill": treadmill})

    def order(self, film: str, runner: str, *, view: str, key: str | None = None, **how: Any) -> dict[str, Any]:
        """Order a film to be measured; with `treadmill`, `pace_s_per_km`, `accept_warnings`.

        Give a `key` of your own, such as your visit's number, where your program may be started twice.
        """
        asked = {"film": film, "runner": runner, "view": view, **how}
        return self._ask("POST", "/analyses", json=asked, headers={"Idempotency-Key": key or str(uuid.uuid4())})

    def analyses(self, **which: Any) -> Iterator[dict[str, Any]]:
        """All analyses that match `status`, `runner`, `view`, `finished_after`, the newest first."""
        return self._pages("/analyses", which)

    def analysis(self, code: str) -> dict[str, Any]:
        """One analysis with its measurements and links to its films."""
        return self._ask("GET", f"/analyses/{code}")

    def wait(self, code: str, *, every_s: float = 5, at_most_s: float = 900) -> dict[str, Any]:
        """Ask until it has ended, well or not; webhooks spare you this. Raises TimeoutError."""
        ends = time.monotonic() + at_most_s
        while (found := self.analysis(code))["status"] not in ("succeeded", "failed", "removed"):
            if time.monotonic() > ends:
                raise TimeoutError(f"analysis {code} is still {found['status']}")
            time.sleep(every_s)
        return found

    def credits(self) -> int:
        return int(self._ask("GET", "/credits")["balance_credits"])

    def _pages(self, path: str, which: dict[str, Any]) -> Iterator[dict[str, Any]]:
        cursor: str | None = ""
        while cursor is not None:
            page = self._ask("GET", path, params={**which, "cursor": cursor})
            yield from page["items"]
            cursor = page["next"]

    def _ask(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        """Ask, again after a pause where no answer came; only what can be repeated safely is repeated."""
        safe = method == "GET" or path == "/analyses"
        for pause_s in (*PAUSES_S, None):
            try:
                answer = self._http.request(method, path, **what)
            except httpx.TransportError:
                if pause_s is None or not safe:
                    raise
            else:
                if pause_s is None or not (answer.status_code == 429 or (safe and answer.status_code >= 502)):
                    self._refuse(answer)
                    found: dict[str, Any] = answer.json()
                    return found
                pause_s = max(pause_s, int(answer.headers.get("Retry-After", 0)))
            time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    @staticmethod
    def _refuse(answer: httpx.Response) -> None:
        if answer.status_code >= 400:
            is_problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
            raise Refused(answer.status_code, answer.json() if is_problem else {})
