"""The faults a test can ask for: a client must be able to meet every one of them here before it meets it outside."""

from __future__ import annotations

import time

import httpx
import pytest

pytestmark = pytest.mark.slow  # the server is four processes


def ask(server, kind, operation="list_subjects", **more):
    server.control("POST", "faults", json={"operation": operation, "kind": kind} | more)


def test_too_many_requests_says_when_to_come_back(server):
    ask(server, "status", status=429, retry_after_s=7)
    answer = server.call("GET", "/subjects")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert server.call("GET", "/subjects").status_code == 200


def test_a_fault_hits_only_the_operation_and_the_times_asked_for(server):
    ask(server, "status", status=500, times=2)
    assert server.call("GET", "/webhook").status_code == 200
    assert [server.call("GET", "/subjects").status_code for _ in range(3)] == [500, 500, 200]


def test_a_fault_without_end_lasts_until_it_is_cleared(server):
    ask(server, "status", operation="*", status=503, times=None)
    assert [server.call("GET", path).status_code for path in ("/subjects", "/webhook", "/analysis")] == [503] * 3
    server.control("DELETE", "faults")
    assert server.call("GET", "/subjects").status_code == 200


def test_half_an_answer_breaks_off(server):
    ask(server, "half_body")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        server.call("GET", "/subjects")


def test_a_slow_answer_comes_late(server):
    ask(server, "slow", seconds=0.7)
    begun = time.monotonic()
    assert server.call("GET", "/subjects").status_code == 200
    assert time.monotonic() - begun > 0.7


@pytest.mark.parametrize(("kind", "analyses"), [("reset", 0), ("reset_done", 1)])
def test_a_reset_after_the_film_was_sent_leaves_the_client_unsure(server, film, ask_for, kind, analyses):
    ask_for("failed")
    server.control("PUT", "credits", json={"credits": 3})
    before = len(server.call("GET", "/analysis").json()["analyses"])
    ask(server, kind, operation="start_analysis")
    with pytest.raises(httpx.ReadError):
        server.start_film(film)
    assert len(server.call("GET", "/analysis").json()["analyses"]) - before == analyses
    assert server.control("GET", "credits") == {"credits": 3 - analyses}


def test_a_wrong_switch_is_refused_by_name(server):
    answer = server.call("PUT", "/__control/switches", json={"webhook_dorp": 1})
    assert answer.json()["detail"][0]["msg"] == "There is no switch webhook_dorp"
    answer = server.call("PUT", "/__control/switches", json={"link_lifetime_s": "long"})
    assert answer.json()["detail"][0]["msg"] == "link_lifetime_s must be a number"
