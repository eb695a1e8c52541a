"""Programs read an analysis whatever became of it."""

from __future__ import annotations

from typing import get_args

import pytest

from analyses.models import Analysis
from api.schemas import State

pytestmark = pytest.mark.django_db


def test_the_interface_knows_every_state_of_an_analysis():
    assert set(get_args(State)) == set(Analysis.Status.values)


def test_an_analysis_whose_numbers_were_removed_is_still_read(client, order, program, alice):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status=Analysis.Status.REMOVED)
    token = program(alice).secret
    answer = client.get(f"/api/v1/analyses/{analysis.code}", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["status"]) == (200, "removed")
