"""Every page, light on a desktop and dark on a phone: axe finds nothing, nothing is cut off or too wide."""

from __future__ import annotations

import io
import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import add_member
from accounts.models import User
from analyses.models import Analysis
from clips import storage
from clips.models import Clip
from tests.analyses import made_answer
from tests.analyses.finished import give_answer
from tests.browser.pages import Person, every_page
from tests.browser.rows import one_of_each, secure, signed_in
from tests.clips.films import write_film
from tests.driving import SIZES, faults, open_pages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long password"
AT_MOST_S = 900  # some ninety pages, each read by axe
FILM = {"fps": 30, "duration_s": 3.4, "frame_count": 102, "width_px": 240, "height_px": 320}


def measured(analysis: Analysis) -> Analysis:
    done = give_answer(analysis, made_answer.calculated(), made_answer.results(), film_key="made/annotated.mp4")
    storage.put(done.result.raw_key, io.BytesIO(json.dumps(made_answer.raw()).encode()))
    return done


@pytest.fixture
def pages(order, clip, alice, tmp_path):
    """All pages, each about something that has something on it."""
    film = write_film(tmp_path / "annotated.mp4", seconds=3.4, fps=30, size=(240, 320))
    storage.put("made/annotated.mp4", io.BytesIO(film.read_bytes()))
    Clip.objects.update(**FILM)
    other = Clip.objects.get(pk=clip.pk)
    other.pk, other.code, other.folder, other._state.adding = None, uuid.uuid4(), storage.new_folder(), True
    other.save()
    results = {"now": measured(order()), "twin": measured(order(clip=other)), "before": measured(order())}
    week_ago = timezone.now() - timedelta(days=7)
    Analysis.objects.filter(pk=results["before"].pk).update(ordered_at=week_ago, finished_at=week_ago)
    results["before"].refresh_from_db()
    running, failed = order(), order()
    failed.move_to("failed", reason="No runner was found in the film.")
    return every_page(one_of_each(**results, failed=failed, by=alice) | {"running": running})


@pytest.fixture
def secured(organization):
    add_member(organization=organization, email="s@example.com", name="Sven", role="admin", password=PASSWORD, by=None)
    user = User.objects.get(email="s@example.com")
    secure(user)
    return user


@pytest.mark.parametrize("size", SIZES)
def test_nobody_is_kept_out_of_any_page(request, pages, alice, secured, size):
    User.objects.filter(pk=alice.pk).update(is_staff=True)  # sees what operators see, too
    people = {Person.NOBODY: None, Person.ADMIN: signed_in(alice), Person.SECURED: signed_in(secured)}

    def look(*windows):
        window = dict(zip(people, windows, strict=True))
        found = []
        for one in pages:
            answer = window[one.person].goto(one.url)
            found += [] if answer.status == one.status else [f"{one.name}: answers {answer.status}"]
            found += [f"{one.name}: {fault}" for fault in faults(window[one.person])]
        return found

    assert open_pages(request, look, *((client, size) for client in people.values()), at_most_s=AT_MOST_S) == []
