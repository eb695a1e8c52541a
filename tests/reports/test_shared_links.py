"""A link without sign-in: it shows what was chosen, as long as it is open, and leads to nothing else."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Organization, User
from analyses.models import Analysis, Beside, Result
from clips import storage
from clips.models import Clip
from reports import actions
from reports.models import ShareLink
from reports.views.shared import OPENINGS
from tests.reading import shown
from tests.reports.conftest import CALCULATED

EVERYTHING = list(ShareLink.Content.values)
PARTS = {
    "score": "62<small>/100",
    "findings": "Foot far ahead",
    "film": "/film/",
    "numbers": "Cadence",
    "curves": "Over the gait cycle",
}


@pytest.fixture
def public():
    """Somebody with a phone and no account."""
    return Client()


def address(link: ShareLink, name: str = "shared", **more) -> str:
    return reverse(f"reports:{name}", kwargs={"token": link.token, **more})


def made(as_coach, analysis, **form) -> ShareLink:
    answer = as_coach.post(reverse("reports:share", args=[analysis.code]), {"language": "en", **form})
    assert answer.status_code == 302, shown(answer)
    return ShareLink.objects.get(code=answer["Location"].rstrip("/").rpartition("/")[2])


# ── what it shows ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("chosen", PARTS)
def test_the_page_shows_what_was_chosen_and_no_more(as_carol, public, done, chosen):
    text = shown(public.get(address(made(as_carol, done, contents=[chosen]))))
    assert {part: words in text for part, words in PARTS.items()} == {part: part == chosen for part in PARTS}
    assert "Not a medical device; for coaching and documentation." in text


def test_the_page_leads_nowhere_but_to_its_own_film(as_carol, public, earlier, done):
    link = made(as_carol, done, contents=EVERYTHING, before=str(earlier.code))
    text = shown(public.get(address(link)))
    targets = set(re.findall(r'(?:href|src|poster|action)="([^"]*)"', text))
    own = f"/s/{link.token}/"
    assert {target for target in targets if not target.startswith("/static/")} == {
        own + which + "/" for which in ("film", "still", "earlier-film", "earlier-still")
    }
    for code in (done.code, done.subject.code, earlier.code, link.code):
        assert str(code) not in text


def test_what_changed_is_told_with_its_verdict(as_carol, public, earlier, order, finish):
    quicker = json.loads(json.dumps(CALCULATED))
    quicker["metrics"]["step_frequency_steps_per_min"] = 178.0
    link = made(as_carol, finish(order(), quicker), contents=["change"], before=str(earlier.code))
    text = shown(public.get(address(link)))
    assert "since 3 Oct 2026" in text
    changed = re.findall(r'<th scope="row">([^<]+)</th>', text)
    assert changed == ["Cadence"]
    assert "real change" in text
    assert "Score" not in text


def test_what_did_not_change_is_called_so(as_carol, public, earlier, done):
    link = made(as_carol, done, contents=["change"], before=str(earlier.code))
    assert "No number moved by more than what could be noise." in shown(public.get(address(link)))


def test_what_cannot_be_compared_says_why(as_carol, public, earlier, order, finish):
    film = finish(order(pace_s_per_km=300))
    link = made(as_carol, film, contents=["change"], before=str(earlier.code))
    assert "Not comparable, because the speeds differ by 2.0 km/h<" in shown(public.get(address(link)))


def test_before_and_after_show_both_films(as_carol, public, earlier, done):
    link = made(as_carol, done, contents=["film", "earlier_film"], before=str(earlier.code))
    text = shown(public.get(address(link)))
    assert text.index("Before, 3 Oct 2026") < text.index("Now, 22 Nov 2026")
    for which, analysis in (("film", done), ("earlier-film", earlier)):
        answer = public.get(address(link, "shared_film", which=which))
        assert b"".join(answer.streaming_content) == b"film of " + str(analysis.code).encode()


def test_films_have_their_room_before_they_come_and_stand_beside_each_other_if_upright(as_carol, public, earlier, done):
    link = made(as_carol, done, contents=["film", "earlier_film"], before=str(earlier.code))
    text = shown(public.get(address(link)))
    assert text.count('width="1080" height="1920" controls') == 2
    assert 'class="films two upright"' in text
    Clip.objects.filter(pk=earlier.clip_id).update(width_px=1920, height_px=1080)
    assert 'class="films two"' in shown(public.get(address(link)))


def test_the_picture_of_both_is_shown_once_it_is_made(as_carol, public, earlier, done):
    link = made(as_carol, done, contents=["beside"], before=str(earlier.code))
    picture = address(link, "shared_film", which="beside")
    assert picture not in shown(public.get(address(link)))
    assert public.get(picture).status_code == 404
    storage.put("beside.png", io.BytesIO(b"both in one"))
    Beside.objects.filter(now=done, before=earlier).update(status="ready", picture_key="beside.png")
    assert f'<img src="{picture}" width="812" height="720" alt="The runner before and now' in shown(
        public.get(address(link))
    )
    answer = public.get(picture)
    assert answer["Content-Type"] == "image/png"
    assert b"".join(answer.streaming_content) == b"both in one"


def test_a_link_without_the_picture_gives_none(as_carol, public, earlier, done, organization):
    link = made(as_carol, done, contents=["film", "earlier_film"], before=str(earlier.code))
    Beside(organization=organization, now=done, before=earlier, status="ready", picture_key=done.result.film_key).save()
    assert public.get(address(link, "shared_film", which="beside")).status_code == 404


def test_a_picture_that_cannot_be_made_yet_is_said_before_the_link_is_made(as_carol, earlier, done):
    Result.objects.update(film_key="")
    Clip.objects.update(review_key="")
    form = {"language": "en", "contents": ["beside"], "before": str(earlier.code)}
    answer = as_carol.post(reverse("reports:share", args=[done.code]), form)
    assert answer.status_code == 422
    assert "A film is still being prepared. Try again in a minute." in shown(answer)
    assert not ShareLink.objects.exists()


def test_the_page_speaks_the_chosen_language_whatever_the_browser_asks(as_carol, public, done):
    link = made(as_carol, done, contents=["score"], language="de")
    answer = public.get(address(link), headers={"Accept-Language": "fr"})
    assert '<html lang="de">' in shown(answer)
    assert "Seitenansicht" in shown(answer)


def test_no_search_engine_and_no_other_page_is_told(public, link):
    answer = public.get(address(link))
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in shown(answer)


def test_a_messenger_is_told_whose_result_it_is_and_from_whom(public, link, done):
    page = shown(public.get(address(link)))
    assert f"<title>{done.subject.name} · Side view</title>" in page
    assert f'<meta name="description" content="{done.organization.name}">' in page


def test_the_film_is_given_in_parts_for_phones_that_ask_so(public, link, done):
    answer = public.get(address(link, "shared_film", which="film"), headers={"Range": "bytes=0-3"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"film")
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"


@pytest.mark.parametrize("which", ["film", "still", "earlier-film", "earlier-still", "original", "raw"])
def test_a_film_that_was_not_chosen_is_not_given(public, done, earlier, alice, which):
    link = actions.share(analysis=done, before=earlier, contents=["score"], language="en", by=alice)
    assert public.get(address(link, "shared_film", which=which)).status_code == 404


def test_the_public_page_takes_few_queries(public, done, earlier, alice, django_assert_max_num_queries):
    link = actions.share(analysis=done, before=earlier, contents=EVERYTHING, language="en", by=alice)
    with django_assert_max_num_queries(9):
        assert public.get(address(link)).status_code == 200


# ── how it ends ─────────────────────────────────────────────────────────────────────────────────────────────────────


def ended_pages(public, link) -> dict[str, tuple[int, str]]:
    """The same page for every link that does not work, by why it does not."""
    answers = {"forged": public.get(reverse("reports:shared", args=["x" * 43]))}
    answers["by its hash"] = public.get(reverse("reports:shared", args=[link.token_hash]))
    ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    answers["expired"] = public.get(address(link))
    ShareLink.objects.filter(pk=link.pk).update(
        expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now()
    )
    answers["revoked"] = public.get(address(link))
    answers["its film"] = public.get(address(link, "shared_film", which="film"))
    return {why: (answer.status_code, shown(answer)) for why, answer in answers.items()}


def test_whatever_does_not_work_gets_one_and_the_same_page(public, link):
    pages = ended_pages(public, link)
    assert len(set(pages.values())) == 1, pages
    status, text = pages["forged"]
    assert status == 404
    assert "<h1>This link has ended</h1>" in text
    assert "Ask whoever sent it to you for a new one." in text


def test_a_link_works_for_thirty_days(public, link, time_machine):
    time_machine.move_to(link.made_at + timedelta(days=30, seconds=-5))
    assert public.get(address(link)).status_code == 200
    time_machine.move_to(link.made_at + timedelta(days=30, seconds=5))
    assert public.get(address(link)).status_code == 404


def test_one_press_ends_a_link_and_it_is_on_record(as_carol, public, link):
    assert public.get(address(link)).status_code == 200
    answer = as_carol.post(reverse("reports:end_link", args=[link.code]), follow=True)
    assert "The link has ended. Whoever opens it now sees nothing." in shown(answer)
    assert public.get(address(link)).status_code == 404
    kinds = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert kinds[-2:] == ["shared", "unshared"]


def test_ending_twice_is_one_end(link, alice):
    assert actions.revoke(link=link, by=alice)
    again = ShareLink.objects.get(pk=link.pk)
    assert not actions.revoke(link=again, by=alice)
    assert AuditEntry.objects.filter(action="unshared").count() == 1


def test_all_links_of_a_runner_end_together(public, done, link, alice, organization):
    chosen = {"analysis": done, "before": None, "contents": ["film"], "language": "en", "by": alice}
    other, theirs = actions.share(**chosen), actions.share(**chosen)
    theirs.subject = type(link.subject).objects.create(organization=organization, name="Runner 02")
    theirs.save()
    assert actions.end_links(subject=done.subject, by=alice) == 2
    assert {public.get(address(one)).status_code for one in (link, other)} == {404}
    assert public.get(address(theirs)).status_code == 200


def test_the_secret_lies_in_the_database_in_no_readable_form(link):
    row = ShareLink.objects.filter(pk=link.pk).values().get()
    assert link.token not in str(row)
    assert len(link.token) >= 43


def test_a_runner_s_page_is_not_written_for_the_coach_who_opens_it(as_alice, alice, link, done):
    Analysis.objects.filter(pk=done.pk).update(treadmill=True, pace_s_per_km=360)
    User.objects.filter(pk=alice.pk).update(language="de", units="imperial")
    page = shown(as_alice.get(address(link)))
    assert '<html lang="en">' in page
    assert "6:00 /km" in page
    Organization.objects.update(units="imperial")
    assert "9:39 /mi" in shown(as_alice.get(address(link)))


# ── opened, and how often ───────────────────────────────────────────────────────────────────────────────────────────


def test_openings_are_counted_with_the_last_time_and_nothing_else(as_carol, public, link, done, alice):
    other = actions.share(analysis=done, before=None, contents=["film"], language="en", by=alice)
    page = reverse("reports:link", args=[link.code])
    assert "not yet" in shown(as_carol.get(page))
    public.get(address(link))
    assert "1 time, on" in shown(as_carol.get(page))
    public.get(address(link))
    assert "2 times, last on" in shown(as_carol.get(page))
    opened, not_opened = (ShareLink.objects.get(pk=one.pk) for one in (link, other))
    assert (opened.opened_count, not_opened.opened_count) == (2, 0)
    assert link.made_at < opened.opened_at < timezone.now()


def test_a_look_from_inside_or_a_messenger_s_preview_is_no_opening(as_carol, public, link):
    as_carol.get(address(link))
    public.get(address(link), headers={"User-Agent": "WhatsApp/2.23"})
    public.head(address(link))
    link.refresh_from_db()
    assert (link.opened_count, link.opened_at) == (0, None)


def test_guessing_is_held_up_and_right_links_are_not(public, link, time_machine):
    time_machine.move_to(link.made_at, tick=False)
    for _try in range(30):
        assert public.get(reverse("reports:shared", args=["wrong"])).status_code == 404
    answer = public.get(reverse("reports:shared", args=["wrong"]))
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "Wait a minute, then open the link again." in shown(answer)
    assert public.get(address(link)).status_code == 200


def test_one_link_is_not_asked_for_without_end(public, link, time_machine):
    time_machine.move_to(link.made_at, tick=False)
    for _try in range(59):
        assert OPENINGS.passes(str(link.pk))
    assert public.get(address(link)).status_code == 200
    assert public.get(address(link)).status_code == 429
