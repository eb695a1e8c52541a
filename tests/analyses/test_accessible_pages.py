"""Every page, light on a desktop and dark on a phone: axe finds nothing, nothing is cut off or too wide.

Each is seen in two of the nine languages, and each language on a fifth of the pages.
"""

from __future__ import annotations

import io
import json
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
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
SMALLEST = {"width": 360, "height": 740}
# Written in the language its row was made in, whatever the browser asks for.
IN_ITS_OWN_LANGUAGE = {"reports-shared": "en", "privacy-answer": "en"}
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


def in_turn(pages, size):
    """Each page with a language, so that no page is in the same one on the phone and on the desktop."""
    languages = [code for code, _ in settings.LANGUAGES]
    first = list(SIZES).index(size) * (len(languages) // 2)
    return [(page, languages[(number + first) % len(languages)]) for number, page in enumerate(pages)]


@pytest.mark.parametrize("size", SIZES)
def test_nobody_is_kept_out_of_any_page(request, pages, alice, secured, size):
    User.objects.filter(pk=alice.pk).update(is_staff=True)  # sees what operators see, too
    people = {Person.NOBODY: None, Person.ADMIN: signed_in(alice), Person.SECURED: signed_in(secured)}

    def look(*windows):
        window = dict(zip(people, windows, strict=True))
        found = []
        for one, language in in_turn(pages, size):
            page, name = window[one.person], f"{one.name} ({language})"
            page.set_extra_http_headers({"Accept-Language": language})
            if size == "phone":
                page.set_viewport_size(SMALLEST)
            answer = page.goto(one.url)
            found += [] if answer.status == one.status else [f"{name}: answers {answer.status}"]
            spoken = page.evaluate("document.documentElement.lang").lower()
            wanted = IN_ITS_OWN_LANGUAGE.get(one.name, language)
            found += [] if spoken == wanted else [f"{name}: speaks {spoken}"]
            found += [f"{name}: {fault}" for fault in faults(page)]
        return found

    assert open_pages(request, look, *((client, size) for client in people.values()), at_most_s=AT_MOST_S) == []
