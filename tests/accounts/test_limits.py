"""How often somebody may try: sign-in, uploads, and what happens when Redis is away."""

from __future__ import annotations

import time

import time_machine

from accounts.limits import Limit, caller
from coachportal.cache import RedisOrMemory

SENTENCE = "Too many failed login attempts. Try again later."


def sign_in(client, email="alice@example.com", password="a wrong password"):
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_after_five_failures_even_the_right_password_waits(client, alice):
    for _ in range(5):
        assert SENTENCE not in sign_in(client).content.decode()
    refused = sign_in(client, password="a long password")
    assert SENTENCE in refused.content.decode()
    assert "_auth_user_id" not in client.session


def test_after_five_minutes_the_right_password_is_enough_again(client, alice):
    for _ in range(6):
        sign_in(client)
    with time_machine.travel(time.time() + 301):
        assert sign_in(client, password="a long password").status_code == 302


def test_one_address_that_tries_many_people_is_stopped(client, alice):
    for number in range(10):
        sign_in(client, email=f"nobody-{number}@example.com")
    assert SENTENCE in sign_in(client, password="a long password").content.decode()


def test_the_same_sentence_for_who_exists_and_who_does_not(client, alice):
    known = [sign_in(client).content.decode() for _ in range(6)][-1]
    unknown = [sign_in(client, email="nobody@example.com").content.decode() for _ in range(4)][-1]
    assert SENTENCE in known
    assert SENTENCE not in unknown  # its own count, not Alice's


def test_the_admin_site_has_no_sign_in_of_its_own(client, alice):
    answer = client.post("/admin/login/", {"username": alice.email, "password": "a long password"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_a_new_session_begins_at_sign_in(client, alice):
    client.get("/accounts/login/")
    session = client.session
    session["left"] = "by somebody else"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in(client, password="a long password")
    assert client.session.session_key != before


def test_mails_to_reset_a_password_are_few(client, alice, mailoutbox):
    answers = [client.post("/accounts/password/reset/", {"email": alice.email}).status_code for _ in range(6)]
    assert answers[-1] == 429
    assert len(mailoutbox) <= 5


def test_who_sends_very_many_films_is_told_when_to_go_on(as_alice, as_carol, settings):
    settings.UPLOADS_AN_HOUR = 1
    with time_machine.travel("2026-11-22 10:50:30+00:00", tick=False):
        assert as_alice.post("/films/begin/", {"name": "run.mp4", "size": 1000}).status_code == 201
        refused = as_alice.post("/films/begin/", {"name": "run.mp4", "size": 1000})
        assert refused.status_code == 429
        assert refused.json()["text"] == "You have sent very many films within an hour. Go on in 10 minutes."
        assert as_carol.post("/films/begin/", {"name": "run.mp4", "size": 1000}).status_code == 201
    with time_machine.travel("2026-11-22 11:00:01+00:00", tick=False):
        assert as_alice.post("/films/begin/", {"name": "run.mp4", "size": 1000}).status_code == 201


def test_a_limit_counts_each_for_themselves(db):
    limit = Limit("test", 2, 60)
    with time_machine.travel(0, tick=False):
        assert [limit.passes("one") for _ in range(3)] == [True, True, False]
        assert limit.passes("another")
        assert limit.retry_after_s == 60
    with time_machine.travel(59, tick=False):
        assert not limit.passes("one")
        assert limit.retry_after_s == 1
    with time_machine.travel(60, tick=False):
        assert limit.passes("one")


def test_the_address_counts_that_our_own_proxy_saw(rf, settings):
    forged = rf.get("/", headers={"x-forwarded-for": "203.0.113.7, 198.51.100.2"}, REMOTE_ADDR="10.0.0.1")
    assert caller(forged) == "10.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert caller(forged) == "198.51.100.2"


def test_nobody_is_kept_out_because_redis_is_away(tmp_path):
    cache = RedisOrMemory(f"unix://{tmp_path}/nobody.sock?db=0", {"OPTIONS": {"socket_timeout": 1}})
    assert cache.add("tries", 1, 60)
    assert not cache.add("tries", 1, 60)
    assert cache.incr("tries") == 2
    cache.set("history", [1.5], 60)
    assert cache.get("history") == [1.5]
    assert cache.delete("history")
    assert cache.get("history", "none") == "none"
