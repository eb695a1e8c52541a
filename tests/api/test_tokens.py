"""Who is let in by a token, and who no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Membership
from api import actions
from api.models import Scope, Token


def refused(program, code, text):
    answer = program.get("/me")
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.json()["detail"] == text
    assert answer["WWW-Authenticate"].startswith("Bearer")
    return answer


def test_a_token_says_whose_it_is(alices):
    body = alices.get("/me").json()
    assert (body["organization"], body["person"], body["role"]) == ("Track club", "Alice", "admin")
    assert set(body["scopes"]) == {"read", "write", "order", "credits"}


def test_of_the_secret_only_a_digest_is_kept(alices):
    token = Token.objects.get()
    assert alices.secret.startswith("cpt_")
    assert alices.secret.startswith(token.start)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM api_token")
        assert alices.secret not in str(cursor.fetchall())


def test_without_a_token_nothing_is_told(db):
    client = Client()
    for header in ({}, {"Authorization": "Bearer cpt_guessed"}, {"Authorization": "Basic YTpi"}):
        answer = client.get("/api/v1/me", headers=header)
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer.json()["detail"] == (
            "Send an access token as a bearer token. One is made in the portal under your name, Access tokens."
        )


def test_a_sign_in_in_the_browser_is_no_token(as_alice):
    assert as_alice.get("/api/v1/runners").status_code == 401


def test_an_ended_token_opens_nothing_and_another_goes_on(alices, alice, program):
    ended, other = Token.objects.get(), program(alice)
    assert actions.end_token(token=ended, by=alice)
    assert not actions.end_token(token=ended, by=alice)
    refused(alices, "token_ended", "This token was ended. Make a new one.")
    assert other.get("/me").status_code == 200
    assert Token.objects.get(pk=ended.pk).used_at is None


def test_an_expired_token_opens_nothing(alices, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=31))
    refused(alices, "token_expired", "This token has expired. Make a new one.")


def test_a_suspended_member_is_not_let_in(program, carol):
    carols = program(carol)
    Membership.objects.filter(user=carol).update(suspended_at=timezone.now())
    refused(carols, "suspended", "The person this token belongs to is not let in just now. Ask an admin.")


def test_a_token_goes_with_the_membership(program, carol):
    carols = program(carol)
    Membership.objects.filter(user=carol).delete()
    assert carols.get("/me").status_code == 401
    assert not Token.objects.exists()


def test_where_a_second_factor_is_asked_for_a_token_without_one_waits(alices, organization):
    organization.needs_second_factor = True
    organization.save()
    refused(
        alices,
        "second_factor",
        "Track club asks for a second factor. Set one up in the portal; the token works from then on.",
    )


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("write", "post", "/runners"),
        ("order", "post", "/analyses"),
        ("credits", "get", "/credits"),
        ("read", "get", "/runners"),
    ],
)
def test_a_token_does_only_what_it_was_made_for(program, alice, scope, method, path):
    others = program(alice, [one for one in Scope if one != scope])
    answer = others.send(method, path, {} if method == "post" else None)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert answer.json()["detail"] == f"This token may not do that. Make one that may: {Scope(scope).label}."


def test_the_last_use_is_known_to_within_minutes(alices, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    alices.get("/me")
    first = Token.objects.get().used_at
    time_machine.shift(60)
    alices.get("/me")
    assert Token.objects.get().used_at == first
    time_machine.shift(600)
    alices.get("/me")
    assert Token.objects.get().used_at > first


def test_every_answer_says_how_many_requests_are_left(alices, settings, time_machine):
    settings.API_CALLS_A_MINUTE = 2
    time_machine.move_to("2026-11-22T10:00:30Z", tick=False)
    answers = [alices.get("/me"), alices.get("/runners/00000000-0000-0000-0000-000000000000"), alices.get("/me")]
    assert [answer.status_code for answer in answers] == [200, 404, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert (answers[2]["RateLimit-Limit"], answers[2]["RateLimit-Reset"], answers[2]["Retry-After"]) == (
        "2",
        "30",
        "30",
    )
    assert answers[2].json()["detail"] == "Too many requests. Go on in 30 s."


def test_guessing_is_counted_by_where_it_comes_from(alices, time_machine):
    time_machine.move_to(timezone.now(), tick=False)  # all within one minute of the limit's
    guess = Client(headers={"Authorization": "Bearer cpt_guessed"})
    codes = [guess.get("/api/v1/me").status_code for _ in range(61)]
    assert codes == [401] * 60 + [429]
    assert alices.get("/me").status_code == 200


def test_who_made_and_ended_a_token_is_on_record(alices, alice):
    actions.end_token(token=Token.objects.get(), by=alice)
    made, ended = AuditEntry.objects.filter(action="token_changed").order_by("number")
    assert (made.by, made.about) == (alice, "A script · made · read, write, order, credits · 30 days")
    assert (ended.by, ended.about) == (alice, "A script · ended · of alice@example.com")
    assert alices.secret not in made.about + ended.about


def test_an_address_that_there_is_not_is_a_problem_too(alices):
    answer = alices.get("/nothing/here")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == "There is nothing under this address that this token may see."
    refused = alices.send("put", "/runners")
    assert (refused.status_code, refused.json()["detail"]) == (405, "This cannot be done here.")
    assert "GET" in refused["Allow"]
