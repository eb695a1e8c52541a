"""Making a link without sign-in, and the list of them."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from reports import actions
from reports.models import ShareLink
from tests.reading import shown
from tests.reports.test_shared_links import address

# ── making one ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_form_begins_with_what_a_runner_understands_in_their_language(as_carol, done):
    text = shown(as_carol.get(reverse("reports:share", args=[done.code])))
    ticked = re.findall(r'name="contents" value="(\w+)"[^>]*checked', text)
    assert ticked == ["score", "findings", "film"]
    assert '<option value="en" selected>' in text
    assert "Compared with" not in text


def test_what_changed_since_the_last_film_like_this_is_offered_at_once(as_carol, earlier, done):
    text = shown(as_carol.get(reverse("reports:share", args=[done.code])))
    ticked = re.findall(r'name="contents" value="(\w+)"[^>]*checked', text)
    assert ticked == ["score", "findings", "film", "change"]
    assert f'<option value="{earlier.code}" selected>' in text


def test_a_comparison_is_shared_with_both_films_ticked(as_carol, earlier, done):
    url = reverse("reports:share", args=[done.code]) + f"?before={earlier.code}"
    text = shown(as_carol.get(url))
    ticked = set(re.findall(r'name="contents" value="(\w+)"[^>]*checked', text))
    assert ticked == {"score", "findings", "film", "change", "earlier_film", "beside"}
    assert f'<option value="{earlier.code}" selected>' in text


def test_the_link_s_page_gives_the_address_to_copy(as_carol, as_bob, link, settings):
    page = reverse("reports:link", args=[link.code])
    full = f'data-copy="{settings.PUBLIC_URL}{address(link)}"'
    text = shown(as_carol.get(page))
    assert full in text
    assert re.findall(r'<span class="pill">([^<]+)<', text) == ["Score", "Film"]
    assert link.token not in shown(as_bob.get(page))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Choose at least one thing to show."),
        ({"contents": ["change"]}, "Choose an earlier result to compare with, or something else to show."),
    ],
)
def test_a_link_that_would_show_nothing_is_not_made(as_carol, earlier, done, form, said):
    answer = as_carol.post(reverse("reports:share", args=[done.code]), {"language": "en", **form})
    assert answer.status_code == 422
    assert said in shown(answer)
    assert not ShareLink.objects.exists()


def test_another_runner_s_result_is_never_put_beside(as_carol, done, earlier, alice, organization):
    earlier.subject = type(earlier.subject).objects.create(organization=organization, name="Runner 02")
    with pytest.raises(actions.NotTheSameRunner):
        actions.share(analysis=done, before=earlier, contents=["film"], language="en", by=alice)
    earlier.save()
    assert str(earlier.code) not in shown(as_carol.get(reverse("reports:share", args=[done.code])))


def test_only_a_finished_result_is_shared_and_only_what_there_is(as_carol, done, order, alice):
    waiting = order()
    assert as_carol.get(reverse("reports:share", args=[waiting.code])).status_code == 404
    with pytest.raises(actions.NothingToShare):
        actions.share(analysis=done, before=waiting, contents=["film"], language="en", by=alice)
    with pytest.raises(actions.NothingChosen):
        actions.share(analysis=done, before=None, contents=["nonsense"], language="en", by=alice)


def test_a_reader_shares_and_ends_nothing(as_bob, done, link):
    assert as_bob.get(reverse("reports:share", args=[done.code])).status_code == 403
    assert as_bob.post(reverse("reports:end_link", args=[link.code])).status_code == 403
    assert "End the link" not in shown(as_bob.get(reverse("reports:link", args=[link.code])))


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_says_what_is_open_and_of_whom(as_carol, as_charlie, link, organization):
    text = shown(as_carol.get(reverse("reports:links")))
    assert "Runner 01" in text
    assert "End it" in text
    assert "Nothing is shared" in shown(as_charlie.get(reverse("reports:links")))
    other = type(link.subject).objects.create(organization=organization, name="Runner 02")
    assert "Nothing is shared" in shown(as_carol.get(reverse("reports:links"), {"runner": str(other.code)}))
    assert as_carol.get(reverse("reports:links"), {"runner": "x"}).status_code == 404


@pytest.mark.parametrize(("changed", "said"), [("revoked_at", "ended"), ("expires_at", "expired")])
def test_of_a_link_that_is_shut_the_pages_say_why_and_have_no_button(as_carol, link, changed, said):
    ShareLink.objects.filter(pk=link.pk).update(**{changed: timezone.now()})
    for page in (reverse("reports:links"), reverse("reports:link", args=[link.code])):
        text = shown(as_carol.get(page))
        assert (f"</svg> {said}</span>" in text, f"/{link.code}/end/" in text) == (True, False)


def test_the_list_takes_the_same_few_queries_for_many(as_carol, done, alice, django_assert_max_num_queries):
    for _number in range(60):
        actions.share(analysis=done, before=None, contents=["score"], language="en", by=alice)
    with django_assert_max_num_queries(7):
        assert "1–50 of 60" in shown(as_carol.get(reverse("reports:links")))
