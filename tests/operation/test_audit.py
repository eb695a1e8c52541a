"""The check for known vulnerabilities: an answer that did not come is never a clean bill."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from door import audit
from door.check import summary


@pytest.fixture
def osv(monkeypatch):
    """A service that answers what the test says."""
    told: dict = {"asked": []}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            told["asked"] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            self.send_response(told.get("status", 200))
            self.end_headers()
            self.wfile.write(told["answer"](told["asked"]))

        def log_message(self, *arguments):
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    monkeypatch.setenv("OSV_URL", f"http://127.0.0.1:{server.server_port}/v1/querybatch")
    yield told
    server.shutdown()
    server.server_close()


def test_every_package_of_the_lock_file_is_looked_up(osv, capsys):
    osv["answer"] = lambda queries: json.dumps({"results": [{} for _ in queries]}).encode()
    assert audit.main() == 0
    names = {query["package"]["name"] for query in osv["asked"]}
    assert {"django", "av", "pytest"} <= names
    assert f"{len(osv['asked'])} packages were looked up, 0 have known vulnerabilities." in capsys.readouterr().out


def test_a_known_vulnerability_is_named(osv, capsys):
    def answer(queries):
        bad = [{"vulns": [{"id": "PYSEC-0"}]} if q["package"]["name"] == "django" else {} for q in queries]
        return json.dumps({"results": bad}).encode()

    osv["answer"] = answer
    assert audit.main() == 1
    assert "django: PYSEC-0" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"results": []}', b'{"results": [1]}', b"<html>"])
def test_an_answer_that_is_none_is_not_green(osv, capsys, answer):
    osv["answer"] = lambda queries: answer
    assert audit.main() == 2
    assert "could not be asked" in capsys.readouterr().out


def test_nobody_there_is_not_green(monkeypatch, capsys):
    monkeypatch.setenv("OSV_URL", "http://127.0.0.1:1/v1/querybatch")
    assert audit.main() == 2
    assert "Nothing is known about the" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["good", "good"], "All 2 are good."),
        (["good", "????"], "1 are good; not asked, so not known: check 1"),
        (["BAD ", "????"], "1 of 2 failed: check 0"),
    ],
)
def test_the_last_line_calls_nothing_good_that_was_not_asked(verdicts, said):
    assert summary([(f"check {number}", verdict) for number, verdict in enumerate(verdicts)]) == said
