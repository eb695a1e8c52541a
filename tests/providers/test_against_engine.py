"""The client and our engine, over HTTP: the contract held from both ends, awkward parts and accidents included."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest

from providers import connect
from providers.base import (
    Config,
    FilmRefused,
    KeyInvalid,
    LinkRefused,
    NotFound,
    NotReady,
    OutOfCredits,
    ProviderRefused,
    ProviderUnavailable,
    Reason,
    StartNotSent,
    StartOrder,
    StartUnsure,
    State,
    SubjectData,
    UnexpectedAnswer,
    WebhookNotConfigured,
)
from providers.ochy.wire import parse_calculated, parse_event, parse_raw, parse_results
from tests.engine.small_films import make_film
from tests.engine_server import engine_server, wait_for  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow  # four processes are started

ANSWERS = Path(__file__).parent / "ochy" / "answers"
SIDE = StartOrder("side_view", 1.72, 62)
BACK = StartOrder("back_view", 1.8, 75.5, language="de", treadmill=True, pace_s_per_km=330, full_body=False)


def body(name):
    return json.loads((ANSWERS / f"{name}.json").read_text())


@pytest.fixture
def server(engine_server):  # noqa: F811 - the fixture that was imported
    engine_server.control("POST", "reset")
    yield engine_server
    engine_server.control("POST", "reset")


@pytest.fixture
def engine(server):
    with connect(Config("engine", server.url, server.key)) as engine:
        yield engine


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4").read_bytes()


def start(engine, film, order=SIDE, filename="film.mp4"):
    return engine.start(io.BytesIO(film), filename=filename, content_type="video/mp4", order=order).remote_id


def will_succeed(server, view="side", seconds=0):
    answer = {
        "results": body(f"results_{view}")["biomechanical_analysis"],
        "calculated": body(f"calculated_{view}"),
        "raw": body("raw"),
    }
    server.control("POST", "outcomes", json={"outcome": "success", "seconds": seconds, "answer": answer})


def ended(engine, remote_id):
    def status():
        now = engine.status(remote_id)
        return now if now.state in (State.SUCCEEDED, State.FAILED) else None

    return wait_for(status, every_s=0.1)


def fault(server, operation, kind, **how):
    server.control("POST", "faults", json={"operation": operation, "kind": kind, **how})


@pytest.mark.parametrize(("view", "order"), [("side", SIDE), ("back", BACK)])
def test_a_film_goes_in_and_every_level_comes_out(server, engine, film, view, order):
    will_succeed(server, view)
    remote_id = start(engine, film, order)
    done = ended(engine, remote_id)
    assert (done.remote_id, done.state, done.percentage) == (remote_id, State.SUCCEEDED, 100)
    assert parse_results(done.document.data) == parse_results(body(f"results_{view}"))
    assert parse_calculated(engine.calculated(remote_id).data) == parse_calculated(body(f"calculated_{view}"))
    assert parse_raw(engine.raw(remote_id).data) == parse_raw(body("raw"))
    with engine.download(done.film_url) as media:
        assert media.content_type == "video/mp4"
        assert b"".join(media) == film
    with engine.download(done.thumbnail_url) as media:
        assert media.content_type == "image/jpeg"
        assert b"".join(media).startswith(b"\xff\xd8")


def test_running_styles_may_come_as_one_object(server, engine, film):
    server.control("PUT", "switches", json={"running_styles_as_object": True})
    will_succeed(server)
    done = ended(engine, start(engine, film))
    assert parse_results(done.document.data).running_styles[0].title == "Push"


def test_a_running_analysis_tells_how_far_it_is_and_has_no_numbers_yet(server, engine, film):
    will_succeed(server, seconds=5)
    remote_id = start(engine, film)
    running = wait_for(lambda: (now := engine.status(remote_id)).state is State.RUNNING and now)
    assert 0 <= running.percentage < 100
    assert running.film_url is None
    with pytest.raises(NotReady):
        engine.calculated(remote_id)
    with pytest.raises(NotReady):
        engine.raw(remote_id)
    ended(engine, remote_id)


def test_a_failure_brings_its_reason(server, engine, film):
    reason = {"code": "no_runner", "text": "Nobody runs in this film."}
    server.control("POST", "outcomes", json={"outcome": "failed", "reason": reason})
    failed = ended(engine, start(engine, film))
    assert (failed.state, failed.reason) == (State.FAILED, Reason(**reason))


def test_a_dead_link_is_told_from_a_live_one(server, engine, film):
    server.control("PUT", "switches", json={"link_lifetime_s": 0.2})
    will_succeed(server)
    done = ended(engine, start(engine, film))
    time.sleep(1.3)
    with pytest.raises(LinkRefused), engine.download(done.film_url):
        pass
    server.control("PUT", "switches", json={"link_lifetime_s": 60})
    with engine.download(engine.status(done.remote_id).film_url) as media:
        assert sum(map(len, media)) == len(film)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("film.txt", None, "invalid_file_type"),
        ("film.mp4", b"\0" * 32_000_000, "file_too_large"),
    ],
)
def test_a_film_the_engine_does_not_take(engine, film, name, content, code):
    with pytest.raises(FilmRefused) as refused:
        start(engine, content or film, filename=name)
    assert refused.value.code == code


def test_a_film_that_is_too_long(engine, tmp_path):
    long = make_film(tmp_path / "long.mp4", pictures=56, fps=5).read_bytes()
    with pytest.raises(FilmRefused) as refused:
        start(engine, long)
    assert refused.value.code == "too_long"


def test_no_credits_no_start(server, engine, film):
    server.control("PUT", "credits", json={"credits": 1})
    will_succeed(server)
    start(engine, film)
    with pytest.raises(OutOfCredits):
        start(engine, film)


def test_a_wrong_key(server, film):
    with connect(Config("engine", server.url, "nobody's")) as stranger:
        with pytest.raises(KeyInvalid):
            start(stranger, film)
        with pytest.raises(KeyInvalid):
            stranger.subjects()


def test_an_unknown_analysis(engine):
    with pytest.raises(NotFound):
        engine.status("8c0f1f5e-3a56-4a0a-9a55-0f0d2f6f3f10")


def test_a_runner_from_first_to_last(server, engine, film):
    runner = engine.create_subject(SubjectData("runner-4f2a", 1.72))
    engine.update_subject(runner, SubjectData(weight_kg=62))
    there = engine.subject(runner)
    assert (there.label, there.height_m, there.weight_kg) == ("runner-4f2a", 1.72, 62)
    assert runner in [subject.remote_id for subject in engine.subjects()]
    will_succeed(server)
    remote_id = start(engine, film, StartOrder("side_view", 1.72, 62, subject_id=runner))
    assert engine.subject_analyses(runner) == [remote_id]
    listed = engine.analyses()[0]
    assert (listed.remote_id, listed.subject_id, listed.view) == (remote_id, runner, "side_view")
    engine.delete_subject(runner)
    for ask in (engine.subject, engine.subject_analyses, engine.delete_subject):
        with pytest.raises(NotFound):
            ask(runner)
    with pytest.raises(NotFound):
        start(engine, film, StartOrder("side_view", 1.72, 62, subject_id=runner))
    assert runner not in [subject.remote_id for subject in engine.subjects()]


def test_the_webhook_is_set_read_and_needed(engine, film):
    assert engine.webhook() is None
    with pytest.raises(WebhookNotConfigured):
        start(engine, film, StartOrder("side_view", 1.72, 62, notify=True))
    with pytest.raises(ProviderRefused) as refused:
        engine.set_webhook("no address", True)
    assert refused.value.code == "webhook_refused"
    written = engine.set_webhook("https://portal.example/in/secret", False)
    assert engine.webhook() == written
    assert (written.url, written.enabled) == ("https://portal.example/in/secret", False)
    assert written.updated_at is not None


@pytest.mark.parametrize("switches", [{}, {"webhook_nested": True}, {"webhook_id_key": "analysis_id"}])
def test_events_are_read_in_every_shape_the_engine_can_give_them(server, engine, film, switches):
    server.control("PUT", "switches", json=switches)
    engine.set_webhook("https://127.0.0.1:9/in", True)
    will_succeed(server)
    remote_id = start(engine, film, StartOrder("side_view", 1.72, 62, notify=True))
    ended(engine, remote_id)
    bodies = [row["body"] for row in server.control("GET", "books")["events"] if row["video_id"] == remote_id]
    events = [parse_event(json.dumps(body).encode()) for body in bodies]
    assert {event.remote_id for event in events} == {remote_id}
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert (events[0].kind, events[-1].kind) == ("analysis.started", "analysis.completed")
    assert (events[-1].status, events[-1].percentage) == ("success", 100)


def started(server):
    return len(server.control("GET", "books")["analyses"])


@pytest.mark.parametrize(
    ("kind", "how", "error", "rows"),
    [
        ("status", {"status": 429, "retry_after_s": 7}, StartNotSent, 0),
        ("status", {"status": 500}, StartUnsure, 0),
        ("reset", {}, StartUnsure, 0),
        ("reset_done", {}, StartUnsure, 1),
        ("half_body", {}, StartUnsure, 1),
    ],
)
def test_an_accident_at_the_start_never_makes_two(server, engine, film, kind, how, error, rows):
    before = started(server)
    fault(server, "start_analysis", kind, **how)
    will_succeed(server)
    with pytest.raises(error) as refused:
        start(engine, film)
    assert started(server) - before == rows
    assert len(engine.analyses()) == started(server)
    if error is StartNotSent:
        assert refused.value.retry_after_s == 7


@pytest.mark.parametrize(
    ("kind", "how"),
    [("status", {"status": 503}), ("status", {"status": 429, "retry_after_s": 1}), ("reset", {}), ("half_body", {})],
)
def test_an_accident_while_reading_is_got_over(server, engine, kind, how):
    for operation in ("list_analyses", "list_subjects"):
        fault(server, operation, kind, **how)
    assert len(engine.analyses()) == started(server)
    assert isinstance(engine.subjects(), list)


def test_trouble_that_stays_is_handed_on(server, engine):
    fault(server, "list_subjects", "status", status=500, times=3)
    with pytest.raises(ProviderUnavailable) as refused:
        engine.subjects()
    assert refused.value.http_status == 500


def test_an_address_that_leads_elsewhere_is_for_the_operator(server, film):
    with connect(Config("engine", server.url + "/nowhere", server.key)) as lost, pytest.raises(UnexpectedAnswer):
        start(lost, film)
