"""Events: told in order, told again when nobody listened, dropped in the end, and never in the way of the measuring."""

from __future__ import annotations

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.engine_server import wait_for

pytestmark = pytest.mark.slow  # the pauses between two tries are real

WAITED_FOR_S = 10  # so long the server waits for the answer to an event (engine/webhooks.py)


class Receiver:
    """A partner's webhook: keeps what it is sent; answers the listed statuses first, then 204."""

    def __init__(self):
        self.bodies: list[dict] = []
        self.headers: list[dict] = []
        self.arrived_at: list[float] = []
        self.answers: list[int] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.arrived_at.append(time.monotonic())
                receiver.bodies.append(body)
                receiver.headers.append(dict(self.headers))
                receiver.may_answer.wait()
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def close(self):
        self.may_answer.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def events(self):
        return [body["event"] for body in self.bodies]


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def told(server, receiver, film, ask_for):
    """Register the receiver; a function that runs one analysis to its end with events on and returns its id.

    Afterwards it waits for the last event, which would go to the receiver of the next test.
    """
    server.call("PUT", "/webhook", json={"url": receiver.url, "enabled": True})

    def run(outcome="success", **wish):
        ask_for(outcome, **wish)
        video_id = server.start_film(film, notify_via_webhook="true").json()["video_id"]
        server.wait_until_ended(video_id)
        return video_id

    yield run
    wait_for(lambda: all(row["state"] != "waiting" for row in server.control("GET", "books")["events"]))


def deliveries(server, video_id):
    return [row for row in server.control("GET", "books")["events"] if row["video_id"] == video_id]


def settled(server, video_id):
    rows = deliveries(server, video_id)
    return rows if rows and all(row["state"] != "waiting" for row in rows) else None


def test_a_success_is_told_from_start_to_end_in_order(server, receiver, told):
    video_id = told()
    wait_for(lambda: len(receiver.bodies) >= 5)
    assert receiver.events() == ["analysis.started"] + ["analysis.progress"] * 3 + ["analysis.completed"]
    assert [body["sequence"] for body in receiver.bodies] == [1, 2, 3, 4, 5]
    assert [body["percentage"] for body in receiver.bodies] == [0, 25, 50, 75, 100]
    assert [body["status"] for body in receiver.bodies] == ["analyzing"] * 4 + ["success"]
    assert {body["video_id"] for body in receiver.bodies} == {video_id}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["timestamp"]) for body in receiver.bodies)
    assert receiver.headers[0]["Content-Type"] == "application/json"


def test_a_failure_is_told(receiver, told):
    told("failed")
    wait_for(lambda: "analysis.failed" in receiver.events())
    assert receiver.bodies[-1]["status"] == "failed"
    assert "reason" not in receiver.bodies[-1]


def test_nothing_is_told_of_an_analysis_that_did_not_ask_for_it(server, receiver, film, ask_for, told):
    ask_for("success")
    silent = server.start_film(film).json()["video_id"]
    server.wait_until_ended(silent)
    told()
    wait_for(lambda: "analysis.completed" in receiver.events())
    assert silent not in {body["video_id"] for body in receiver.bodies}


def test_a_refused_event_is_told_again_with_the_same_sequence(server, receiver, told):
    server.control("PUT", "switches", json={"webhook_pause_factor": 0.2})
    receiver.answers = [500, 302]
    video_id = told("failed", seconds=0)
    rows = wait_for(lambda: settled(server, video_id))
    started = [
        moment for moment, body in zip(receiver.arrived_at, receiver.bodies, strict=True) if body["sequence"] == 1
    ]
    assert {row["state"] for row in rows} == {"delivered"}
    assert sum(row["tries"] for row in rows) == len(rows) + 2
    assert started[1] - started[0] > 0.19


def test_an_event_nobody_takes_is_dropped_after_four_tries(server, receiver, told):
    server.control("PUT", "switches", json={"webhook_pause_factor": 0.01})
    receiver.answers = [503] * 100
    video_id = told("failed")
    rows = wait_for(lambda: settled(server, video_id))
    assert {(row["state"], row["tries"], row["outcome"]) for row in rows} == {("dropped", 4, "503")}


def test_a_partner_that_is_away_does_not_hold_the_measuring_up(server, receiver, told):
    server.control("PUT", "switches", json={"webhook_pause_factor": 0.01})
    receiver.may_answer.clear()
    begun = time.monotonic()
    told()
    assert time.monotonic() - begun < 4 * WAITED_FOR_S  # of five events, each waited for
    receiver.may_answer.set()


def test_an_address_that_answers_nothing_is_an_outcome(server, receiver, told):
    server.control("PUT", "switches", json={"webhook_pause_factor": 0.01})
    server.call("PUT", "/webhook", json={"url": "http://127.0.0.1:1/hook", "enabled": True})
    video_id = told("failed")
    rows = wait_for(lambda: settled(server, video_id))
    assert {row["outcome"] for row in rows} == {"ConnectError"}


def test_events_end_when_the_partner_switches_them_off(server, receiver, told):
    server.kill("clock")  # so that they still wait
    video_id = told("failed")
    server.call("PUT", "/webhook", json={"url": receiver.url, "enabled": False})
    server.start("clock")
    rows = wait_for(lambda: settled(server, video_id))
    assert {(row["state"], row["outcome"]) for row in rows} == {("dropped", "disabled")}
    assert receiver.bodies == []


def test_the_test_event_is_sent_at_once(server, receiver, told):
    answer = server.control("POST", "webhook-test")
    assert answer["outcome"] == "204"
    assert receiver.bodies[0].keys() == {"event", "sequence", "timestamp"}
    assert (receiver.bodies[0]["event"], receiver.bodies[0]["sequence"]) == ("webhook.test", 0)


def test_events_can_be_lost_doubled_nested_and_signed_for_tests(server, receiver, told):
    server.control("PUT", "switches", json={"webhook_drop": 1.0})
    lost = told()
    server.control(
        "PUT",
        "switches",
        json={
            "webhook_drop": 0,
            "webhook_duplicate": 1,
            "webhook_nested": True,
            "webhook_id_key": "analysis_id",
            "webhook_header": "X-Test: yes",
        },
    )
    doubled = told("failed")
    rows = wait_for(lambda: settled(server, doubled))
    assert deliveries(server, lost) == []
    assert len(rows) == 2 * len({row["body"]["data"]["sequence"] for row in rows})
    assert len(receiver.bodies) == len(rows)
    assert {body["data"]["analysis_id"] for body in receiver.bodies} == {doubled}
    assert {headers["X-Test"] for headers in receiver.headers} == {"yes"}


def test_events_can_come_late_and_out_of_order_for_tests(server, receiver, told):
    server.control("PUT", "switches", json={"webhook_delay_s": 1, "webhook_shuffle_s": 1})
    orders = []
    for _ in range(3):
        receiver.bodies.clear()
        receiver.arrived_at.clear()
        began = time.monotonic()
        told()
        wait_for(lambda: len(receiver.bodies) == 5)
        assert min(receiver.arrived_at) >= began + 1
        orders.append([body["sequence"] for body in receiver.bodies])
    # Five events in order by chance, three times over: once in 1.7 million runs.
    assert any(order != sorted(order) for order in orders)


def test_an_event_outlives_the_clock(server, receiver, told):
    server.kill("clock")
    told()
    assert receiver.bodies == []
    server.start("clock")
    wait_for(lambda: len(receiver.bodies) == 5)
