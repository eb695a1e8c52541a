"""How an organisation films as a rule."""

from __future__ import annotations

from django.db import models

from accounts.scoping import OrgOwnedQuerySet, OrgSetting
from analyses.models.analysis import Analysis


class Habit(OrgSetting):
    """What the order form begins with for a runner who was never filmed; a runner's own last film goes before it."""

    view = models.CharField(max_length=12, choices=Analysis.View.choices, default=Analysis.View.SIDE)
    treadmill = models.BooleanField(default=False)
    pace_s_per_km = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = OrgOwnedQuerySet["Habit"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="one_habit_per_organization"),
            models.CheckConstraint(
                name="a_habit_has_a_pace_on_a_belt_alone",
                condition=models.Q(treadmill=True) | models.Q(pace_s_per_km=None),
            ),
        ]
