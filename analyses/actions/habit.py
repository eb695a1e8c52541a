"""Say how an organisation films as a rule."""

from __future__ import annotations

from django.db import transaction

from accounts.actions import record_settings
from accounts.models import Organization, User
from analyses.models import Habit


@transaction.atomic
def set_habit(*, organization: Organization, view: str, treadmill: bool, pace_s_per_km: int | None, by: User) -> None:
    """Let order forms begin with this; a pace is kept for a belt alone."""
    pace_s_per_km = pace_s_per_km if treadmill else None
    chosen = {"view": view, "treadmill": treadmill, "pace_s_per_km": pace_s_per_km}
    Habit.objects.update_or_create(organization=organization, defaults=chosen)
    about = f"orders begin with {view}, {'treadmill' if treadmill else 'over ground'}, {pace_s_per_km or 'no'} s/km"
    record_settings(organization, about, by)
