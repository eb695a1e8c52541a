"""The one list of what runs on a clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import analyses.jobs
import api.jobs
import clips.jobs
import credits.jobs
import privacy.jobs
import subjects.jobs
from coachportal import clock_set_back


class Turn(NamedTuple):
    """Something to be done every so many seconds; it returns how much there was to do."""

    name: str
    every_s: float
    do: Callable[[], int]


TURNS = (
    Turn("analyses that are due", 3, analyses.jobs.hint_due),
    Turn("times of a clock that was set back", 60, clock_set_back.free_what_lies_ahead),
    Turn("webhooks to be looked at", 600, analyses.jobs.hint_webhooks),
    Turn("calls of services of long ago", 3600, analyses.jobs.forget_calls),
    Turn("books to be compared with a service's", 600, analyses.jobs.hint_syncs),
    Turn("ledgers to be compared with what they paid for", 600, analyses.jobs.hint_credit_check),
    Turn("low credits to be told of", 60, credits.jobs.hint_low_levels),
    Turn("review copies that are due", 10, clips.jobs.hint_due),
    Turn("pictures of two films that are due", 10, analyses.jobs.hint_besides),
    Turn("uploads that came to nothing", 3600, clips.jobs.forget_abandoned),
    Turn("lists of runners nobody imported", 600, subjects.jobs.forget_imports),
    Turn("files that killed processes left behind", 3600, clips.jobs.remove_leftovers),
    Turn("files no row leads to", 24 * 3600, privacy.jobs.remove_unowned),
    Turn("what was kept long enough", 600, privacy.jobs.hint_old),
    Turn("runners erased, not yet everywhere", 60, privacy.jobs.hint_due),
    Turn("services that must forget a runner", 600, privacy.jobs.hint_cleanings),
    Turn("films of runners who took their consent back", 600, privacy.jobs.clean_films),
    Turn("calls to an organisation's own systems", 3, api.jobs.hint_due),
    Turn("keys of orders and calls of long ago", 3600, api.jobs.forget),
)
