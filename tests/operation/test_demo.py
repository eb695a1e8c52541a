"""The demo's films are drawn by us, so they must cost nobody anything."""

from __future__ import annotations

import pytest

from analyses.models import Analysis
from coachportal import demo
from tests.clips.films import write_film


@pytest.mark.django_db
def test_its_films_go_to_the_engine_where_a_key_of_ochy_is_set(settings, monkeypatch):
    settings.OCHY_KEY = "a key"
    monkeypatch.setattr(demo, "SHOTS", demo.SHOTS[:1])
    monkeypatch.setattr(demo, "_draw", lambda shot, path, *, height_m: write_film(path, size=(720, 1280), seconds=3))
    monkeypatch.setattr(demo, "register_webhook", lambda *, account: None)
    organization = demo.make_organization()
    demo.film_the_runners(organization_id=organization.pk)
    ordered = Analysis.objects.get()
    assert (ordered.account.kind, ordered.price) == ("engine", 0)
