"""What is broken, when, and how it is healed: a plan that follows from its seed."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import redis

from storm import processes
from storm.forgery import forged_calls
from storm.house import House

# Nothing of this kind near the end: a start that leaves no trace is looked for during a minute and a half.
LOST_STARTS_UNTIL = 0.4
WORKERS = ("worker-1", "worker-2", "worker-3")
STOPPED = (*WORKERS, "web", "engine", "engine-worker", "clock", "engine-clock")
OPERATIONS = ("start_analysis", "get_analysis_results", "get_calculated_data", "get_raw_data", "create_subject")
DISORDER = {"webhook_drop": 0.3, "webhook_duplicate": 0.5, "webhook_shuffle_s": 3.0, "webhook_delay_s": 1.0}
CALM = dict.fromkeys(DISORDER, 0.0)

Heal = Callable[[], None]
Hit = tuple[bool, float, Heal]  # whether it hit, after how many seconds it is healed, and how


@dataclass(frozen=True)
class Fault:
    """One fault of the plan; `seed` decides what the kind leaves open."""

    at_s: float
    kind: str
    seed: int


def plan(seed: int, seconds: float, every_s: float) -> list[Fault]:
    """Return the faults of a storm: each kind comes about as often as any other, at times nobody could guess."""
    dice = random.Random(seed)  # noqa: S311 - a plan, no secret
    kinds: list[str] = []
    faults = []
    at_s = every_s
    while at_s < seconds:
        if not kinds:
            kinds = dice.sample(list(KINDS), len(KINDS))
        kind = kinds.pop()
        if kind in LOSES_STARTS and at_s > LOST_STARTS_UNTIL * seconds:
            kind = "provider slow"
        faults.append(Fault(round(at_s, 1), kind, dice.randrange(2**32)))
        at_s += dice.uniform(0.5, 1.5) * every_s
    return faults


def inject(house: House, fault: Fault) -> Hit:
    """Break it. A fault that found nothing to break is no hit."""
    return KINDS[fault.kind](house, random.Random(fault.seed))  # noqa: S311


def _nothing() -> None:
    return None


def _pid(house: House, name: str) -> list[int]:
    process = house.services[name].process
    return [process.pid] if process is not None and process.poll() is None else []


def _whole(house: House, name: str) -> list[int]:
    return [one for pid in _pid(house, name) for one in processes.family(pid)]


def _kill(pids: list[int]) -> Hit:
    return processes.send(signal.SIGKILL, pids) > 0, 0.0, _nothing


def kill_worker(house: House, dice: random.Random) -> Hit:
    """The job worker alone; what it had begun goes on without a parent."""
    return _kill(_pid(house, dice.choice(WORKERS)))


def kill_work_horse(house: House, dice: random.Random) -> Hit:
    """The process a job runs in, wherever there is one just now."""
    horses = [one for name in WORKERS for pid in _pid(house, name) for one in processes.children(pid)]
    return _kill([dice.choice(horses)] if horses else [])


def kill_web_worker(house: House, dice: random.Random) -> Hit:
    workers = [one for pid in _pid(house, "web") for one in processes.children(pid)]
    return _kill([dice.choice(workers)] if workers else [])


def kill_engine_web(house: House, dice: random.Random) -> Hit:
    return _kill(_whole(house, "engine"))


def kill_engine_worker(house: House, dice: random.Random) -> Hit:
    return _kill(_whole(house, "engine-worker"))


def kill_clock(house: House, dice: random.Random) -> Hit:
    return _kill(_pid(house, dice.choice(("clock", "engine-clock"))))


def kill_redis(house: House, dice: random.Random) -> Hit:
    house.redis.kill()
    return True, dice.uniform(1, 5), house.redis.start


def kill_database(house: House, dice: random.Random) -> Hit:
    house.database.kill()
    return True, dice.uniform(1, 5), house.database.start


def stop_process(house: House, dice: random.Random) -> Hit:
    """SIGSTOP for a moment, or past the leases of both sides."""
    pids = _whole(house, dice.choice(STOPPED))
    stopped = processes.send(signal.SIGSTOP, pids)
    return stopped > 0, dice.choice((3, 8, 25)), lambda: _continue(pids)


def _continue(pids: list[int]) -> None:
    processes.send(signal.SIGCONT, pids)


def stop_redis(house: House, dice: random.Random) -> Hit:
    pids = [house.redis.pid]
    return processes.send(signal.SIGSTOP, pids) > 0, dice.uniform(2, 6), lambda: _continue(pids)


def wipe_redis(house: House, dice: random.Random) -> Hit:
    try:
        with redis.Redis.from_url(house.redis_url, socket_timeout=2) as client:
            client.flushall()
    except redis.RedisError:
        return False, 0.0, _nothing
    return True, 0.0, _nothing


def storage_503(house: House, dice: random.Random) -> Hit:
    house.store.refuse()
    return True, dice.uniform(2, 8), house.store.heal


def _provider(house: House, **values: object) -> Hit:
    return _told(house, "POST", "/__control/faults", values), 0.0, _nothing


def _told(house: House, method: str, path: str, values: dict[str, object]) -> bool:
    try:
        return house.engine(method, path, json=values).is_success
    except httpx.TransportError:  # it is down or stopped by another fault
        return False


def provider_slow(house: House, dice: random.Random) -> Hit:
    return _provider(house, kind="slow", seconds=dice.uniform(2, 8), operation="*", times=4)


def provider_busy(house: House, dice: random.Random) -> Hit:
    pause_s = dice.choice((1, 3, 7))
    return _provider(house, kind="status", status=429, retry_after_s=pause_s, operation="*", times=3)


def provider_error(house: House, dice: random.Random) -> Hit:
    return _provider(house, kind="status", status=500, operation=dice.choice(OPERATIONS[1:]), times=3)


def provider_half_body(house: House, dice: random.Random) -> Hit:
    return _provider(house, kind="half_body", operation=dice.choice(OPERATIONS), times=1)


def provider_lost_answer(house: House, dice: random.Random) -> Hit:
    """The film arrives, it is measured and costs; the answer does not come."""
    return _provider(house, kind="reset_done", operation="start_analysis", times=1)


def provider_lost_start(house: House, dice: random.Random) -> Hit:
    """The film leaves, nothing becomes of it, and nobody says so."""
    kind = dice.choice(({"kind": "reset"}, {"kind": "status", "status": 500}))
    return _provider(house, operation="start_analysis", times=1, **kind)


def webhook_disorder(house: House, dice: random.Random) -> Hit:
    hit = _told(house, "PUT", "/__control/switches", dict(DISORDER))
    return hit, dice.uniform(8, 15), lambda: calm(house)


def calm(house: House) -> None:
    """Take back what was asked of the engine; nothing when it is away, the end of the storm does it again."""
    _told(house, "PUT", "/__control/switches", dict(CALM))


def calm_for_good(house: House) -> bool:
    """Take back all that was asked of the engine; False while it is away."""
    calm(house)
    return _told(house, "DELETE", "/__control/faults", {})


def webhook_forged(house: House, dice: random.Random) -> Hit:
    """Calls that lie, repeat, name nobody or are no JSON; some with the true address, some guessing it."""
    answered = 0
    for path, body in forged_calls(dice):
        try:
            answer = httpx.post(house.place.address + path, content=body, timeout=10, trust_env=False)
        except httpx.TransportError:
            continue
        answered += answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR
    return answered > 0, 0.0, _nothing


KINDS: dict[str, Callable[[House, random.Random], Hit]] = {
    "kill -9 job worker": kill_worker,
    "kill -9 work horse": kill_work_horse,
    "kill -9 web worker": kill_web_worker,
    "kill -9 engine web": kill_engine_web,
    "kill -9 engine worker": kill_engine_worker,
    "kill -9 clock": kill_clock,
    "kill -9 Redis": kill_redis,
    "kill -9 database": kill_database,
    "stop a process": stop_process,
    "stop Redis": stop_redis,
    "FLUSHALL": wipe_redis,
    "storage 503": storage_503,
    "provider slow": provider_slow,
    "provider 429": provider_busy,
    "provider 500": provider_error,
    "provider half a body": provider_half_body,
    "provider answer lost": provider_lost_answer,
    "provider start lost": provider_lost_start,
    "webhooks disordered": webhook_disorder,
    "webhooks forged": webhook_forged,
}
LOSES_STARTS = {"provider start lost"}
