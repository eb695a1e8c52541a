"""Several storms over one house, one after another, and the table of what came of them."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections import Counter
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts import wall
from accounts.models import Membership, Organization, User
from analyses.models import Analysis, ProviderAccount
from clips import storage
from credits import ledger
from credits.models import Budget
from door import ROOT, Stop, say
from storm import books
from storm.coach import EMAIL, PASSWORD, Coach, make_film
from storm.house import KEY, House
from storm.weather import Storm, blow

CREDITS = 10_000
ENGINE_CREDITS = 20_000
FIRST_RESULT_AT_MOST_S = 600


def run(built: House, options: argparse.Namespace) -> int:
    """Blow one storm after another over the house, and print what came of them; 0 when all were green."""
    film = built.folder / "run.mp4"
    coach = Coach(built.place.address, b"", make_film(film, sys.executable, ROOT))
    coach.film, coach.secret = film.read_bytes(), KEY
    make_club(built)
    coach.sign_in()
    recorded = record_answer(built, coach)
    storms: list[Storm] = []
    with contextlib.suppress(KeyboardInterrupt):  # what was done until then is told
        for seed in range(options.first, options.first + options.seeds):
            storms.append(_one(built, coach, recorded, options, Storm(seed)))
            if not storms[-1].is_green:
                break  # what it left undone would be counted against the next one too
    tell_all(storms, coach)
    return 0 if len(storms) == options.seeds and all(storm.is_green for storm in storms) else 1


def _one(built: House, coach: Coach, recorded: dict[str, Any], options: argparse.Namespace, storm: Storm) -> Storm:
    begun = time.monotonic()
    # All but one: a storm is about what happens between the processes, not about how fast one measures.
    replay(built, recorded, times=int(options.seconds / options.order_every) - 1)
    blow(
        built,
        coach,
        storm,
        seconds=options.seconds,
        order_every_s=options.order_every,
        fault_every_s=options.fault_every,
    )
    storm.findings = books.compare(built, coach, given=CREDITS, engine_credits=ENGINE_CREDITS, film=coach.film)
    # Counted now: whoever ends the storms early may leave the database down.
    storm.ends = Counter(
        "waits for a person" if needs_person else status
        for status, needs_person in Analysis.objects.values_list("status", "needs_person")
    )
    storm.slowest = books.slowest() if options.explain else []
    tell(storm, time.monotonic() - begun)
    return storm


def make_club(built: House) -> None:
    """A club with credits at the service that costs some, which calls back over the own machine."""
    wall.open_for("the storm compares the books of everybody")
    club = Organization.objects.create(name="Storm club")
    user = User.objects.create_user(EMAIL, PASSWORD, name="Storm")
    member = Membership.objects.create(organization=club, user=user, role=Membership.Role.ADMIN)
    # Never reached: every order is counted against it all the same.
    Budget.objects.create(organization=club, member=member, limit=CREDITS)
    ledger.give(organization=club, amount=CREDITS, reason="storm", by=user)
    account = ProviderAccount(organization=club, kind=ProviderAccount.Kind.OCHY)
    account.webhook_token = account.token_of_key
    # Registered here and not by the portal: under the contract Ochy takes https addresses alone.
    account.webhook_registered_at = timezone.now()
    account.save()
    path = reverse("analyses:webhook", kwargs={"kind": account.kind, "token": account.webhook_token})
    told = built.engine("PUT", "/webhook", json={"url": built.place.address + path, "enabled": True})
    paid = built.engine("PUT", "/__control/credits", json={"credits": ENGINE_CREDITS})
    if not (told.is_success and paid.is_success):
        raise Stop(f"The engine could not be set up: {told.status_code}, {paid.status_code}")


def record_answer(built: House, coach: Coach) -> dict[str, Any]:
    """Have the film measured once, in calm weather, and return the engine's three answers to it."""
    coach.order("Runner in calm weather")
    deadline = time.monotonic() + FIRST_RESULT_AT_MOST_S
    while books.unsettled():
        built.look_after()
        if time.monotonic() > deadline:
            raise Stop("No result came in calm weather.")
        time.sleep(0.5)
    row = Analysis.objects.get()
    if row.status != Analysis.Status.SUCCEEDED:
        raise Stop(f"The film could not be measured in calm weather: {row.reason}")
    with storage.open_file(row.result.raw_key) as raw:
        answers = {"raw": json.load(raw)}
    return answers | {level: json.loads(getattr(row.result, level)) for level in ("results", "calculated")}


def replay(built: House, answer: dict[str, Any], *, times: int) -> None:
    """Have the engine answer the next films, which are the same, as it did when it measured."""
    rule = {"outcome": "success", "seconds": 2, "answer": answer, "times": times}
    built.engine("DELETE", "/__control/outcomes")
    if not built.engine("POST", "/__control/outcomes", json=rule).is_success:
        raise Stop("The engine does not take the recorded answer.")


def tell(storm: Storm, took_s: float) -> None:
    """Print one storm in one line, and what was wrong below it."""
    found = storm.findings
    say(
        f"seed {storm.seed:3d}: {storm.orders:3d} orders, {storm.hits.total():3d} faults, {len(found.lost)} lost, "
        f"{len(found.doubled)} doubled, {len(found.stuck)} stuck, quiet after {storm.quiet_after_s:.0f} s, "
        f"took {took_s:.0f} s{'' if storm.is_green else ' · NOT GREEN'}"
    )
    for sentence in [*found.sentences, *storm.broken, *storm.slowest]:
        say(f"          {sentence}")


def tell_all(done: list[Storm], coach: Coach) -> None:
    """Print the sum of all storms: faults by kind, and how the orders ended."""
    hits = sum((storm.hits for storm in done), Counter[str]())
    misses = sum((storm.misses for storm in done), Counter[str]())
    ends = done[-1].ends if done else Counter[str]()
    say("\nfaults injected")
    for kind in sorted(hits | misses):
        say(
            f"  {kind:28s} {hits[kind]:4d}"
            + (f"   (found nothing to break {misses[kind]} times)" if misses[kind] else "")
        )
    say(
        f"orders {len(coach.ordered)}, given up by the coach {len(coach.gave_up)}, "
        f"asked again by the coach {coach.tries_again} times"
    )
    say("ended: " + ", ".join(f"{status} {times}" for status, times in sorted(ends.items())))
    for word in vars(books.Findings()):
        say(f"{word:12s} {sum(len(getattr(storm.findings, word)) for storm in done)}")
    if done:
        say(f"slowest recovery {max(storm.quiet_after_s for storm in done):.0f} s after the last fault ended")
