"""A coach with a browser: signs in, sends films and orders, and tries again when the portal does not answer."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpx

EMAIL, PASSWORD = "storm@example.com", "a storm needs a long password"
TRY_AGAIN_AFTER_S = 1.0
GIVE_UP_AFTER_S = 90.0
DETAIL = re.compile(r"/analyses/([0-9a-f-]{36})/$")


class NoAnswer(Exception):
    """The portal did not do what was asked for; a person would try again."""


class Refused(Exception):
    """The portal answered that it will not, ever."""


@dataclass
class Coach:
    """`ordered` maps each analysis the portal promised to its runner's name."""

    address: str
    film: bytes
    pace: str
    ordered: dict[str, str] = field(default_factory=dict)
    gave_up: list[str] = field(default_factory=list)
    tries_again: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    secret: str = ""  # what no answer may hold
    told: list[str] = field(default_factory=list)  # the addresses whose answer held it all the same
    answers: int = 0

    def sign_in(self) -> None:
        with self._browser() as browser:
            token = _token(browser.get("/accounts/login/").text)
            answer = browser.post(
                "/accounts/login/", data={"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token}
            )
            if answer.status_code != httpx.codes.FOUND:
                raise Refused(f"sign-in was answered with {answer.status_code}")
            self.cookies = dict(browser.cookies)

    def look_at(self, path: str, **headers: str) -> None:
        """Open a page once all is quiet."""
        with self._browser() as browser:
            answer = browser.get(path, headers=headers)
        if answer.status_code != httpx.codes.OK:
            raise Refused(f"{path} was answered with {answer.status_code}")

    def order(self, runner: str) -> None:
        """Send the film and order it for a new runner, as often as it takes; afterwards it is ordered or given up."""
        deadline = time.monotonic() + GIVE_UP_AFTER_S
        with self._browser() as browser:
            film = ""
            while time.monotonic() < deadline:
                try:
                    film = film or self._send_film(browser)
                    self.ordered[self._order(browser, film, runner)] = runner
                    return
                except (NoAnswer, httpx.TransportError):
                    self.tries_again += 1
                    time.sleep(TRY_AGAIN_AFTER_S)
        self.gave_up.append(runner)

    def _browser(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.address,
            cookies=self.cookies,
            timeout=30,
            trust_env=False,
            event_hooks={"response": [self._look_for_the_secret]},
        )

    def _look_for_the_secret(self, answer: httpx.Response) -> None:
        self.answers += 1
        if self.secret and (self.secret.encode() in answer.read() or self.secret in str(answer.headers)):
            self.told.append(answer.url.path)

    def _post(self, browser: httpx.Client, path: str, fields: dict[str, str]) -> httpx.Response:
        headers = {"X-CSRFToken": self.cookies["csrftoken"], "Referer": self.address}
        answer = browser.post(path, data=fields, headers=headers)
        if answer.status_code >= 500:
            raise NoAnswer(f"{path}: {answer.status_code}")
        return answer

    def _send_film(self, browser: httpx.Client) -> str:
        """Return the code of a film that arrived and was found good."""
        question = {"view": "side_view", "treadmill": "1"}
        size = str(len(self.film))
        begun = self._post(browser, "/films/begin/", {"name": "run.mp4", "size": size, **question})
        if begun.status_code != httpx.codes.CREATED:
            raise Refused(f"begin: {begun.status_code} {begun.text[:200]}")
        way = begun.json()
        url = urljoin(self.address, way["url"])
        sent = httpx.post(url, data=way["fields"], files={"file": ("run.mp4", self.film)}, timeout=30, trust_env=False)
        if sent.status_code not in (200, 201, 204):
            raise NoAnswer(f"bucket: {sent.status_code}")
        # What this step began is asked for again, not begun anew: an answer may be lost after the film was looked at.
        for _ in range(10):
            try:
                done = self._post(browser, way["finish_url"], question)
            except (NoAnswer, httpx.TransportError):
                self.tries_again += 1
                time.sleep(TRY_AGAIN_AFTER_S)
                continue
            if done.status_code == httpx.codes.CONFLICT:  # the store could not be asked, or lost it: send it again
                raise NoAnswer(done.text[:200])
            if done.status_code != httpx.codes.OK or not done.json()["may_be_sent"]:
                raise Refused(f"finish: {done.status_code} {_sentence(done.text)}")
            return str(way["code"])
        raise NoAnswer("finish")

    def _order(self, browser: httpx.Client, film: str, runner: str) -> str:
        """Return the code of the analysis."""
        fields = {"clip": film, "runner": "new", "new_name": runner, "view": "side_view", "treadmill": "1"}
        fields |= {"pace": self.pace, "accepted": film}
        answer = self._post(browser, "/upload/", fields)
        there = DETAIL.search(answer.headers.get("location", ""))
        if there is None:
            raise Refused(f"order: {answer.status_code} {_sentence(answer.text)}")
        return there[1]


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise NoAnswer("no form")
    return found[1]


def _sentence(page: str) -> str:
    text = re.sub(r"<[^>]+>", " ", page.partition("<main")[2])
    return re.sub(r"\s+", " ", text)[:300]


def make_film(path: Path, python: str, root: Path) -> str:
    """Draw a short film of a runner on a belt; return the belt's pace."""
    command = [python, "-m", "engine", "film", str(path), "--view", "side_view", "--treadmill", "--speed", "2.8"]
    command += ["--cadence", "176", "--fps", "30", "--seconds", "2.4", "--size", "288x512"]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=300)
    return "05:57"
