"""Two browsers order at the same moment with one credit left, on a real PostgreSQL behind two web processes."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack, closing
from functools import partial

import httpx
import pytest

from tests.at_once import at_once

pytestmark = pytest.mark.services

CLUB = """
import json
from accounts.models import Membership, Organization, User
from analyses.models import ProviderAccount
from clips import storage
from clips.models import Clip
from credits import ledger
from subjects.models import Subject
club = Organization.objects.create(name="One credit")
user = User.objects.create_user("one@example.com", "a long password", name="One")
Membership.objects.create(organization=club, user=user, role="admin")
ProviderAccount.objects.create(organization=club, kind="ochy", paused_code="key_missing", paused_at="2026-01-01T00:00Z")
ledger.give(organization=club, amount=1, reason="the last", by=user)
facts = dict(status="probed", size_bytes=1, container="mp4", codec="h264", duration_s=6.0, fps=60, frame_count=360,
             rotation_deg=0, width_px=1080, height_px=1920)
clips = [Clip.objects.create(organization=club, original_name="run.mp4", folder=storage.new_folder(), **facts)
         for _ in range(2)]
runner = Subject.objects.create(organization=club, name="Runner 01")
print("CLUB" + json.dumps({"clips": [str(one.code) for one in clips], "runner": str(runner.code), "email": user.email}))
"""
# The same with credits enough, and one left of the person's budget.
BUDGET = (
    CLUB.replace("One credit", "One budget")
    .replace("one@", "budget@")
    .replace("amount=1,", "amount=50,")
    .replace(
        'role="admin")\n',
        'role="admin")\nfrom credits.models import Budget\n'
        "Budget.objects.create(organization=club, member=user.memberships.get(), limit=1)\n",
    )
)
BOOKS = """
import json
from accounts.models import Organization
from analyses.models import Analysis
from credits import ledger
club = Organization.objects.get(name="One credit")
print("BOOKS" + json.dumps([Analysis.objects.filter(organization=club).count(), ledger.balance(club)]))
"""


def signed_in(address: str, email: str) -> httpx.Client:
    browser = httpx.Client(base_url=address, timeout=120, trust_env=False)
    page = browser.get("/accounts/login/").text
    [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page))
    fields = {"login": email, "password": "a long password", "csrfmiddlewaretoken": token}
    assert browser.post("/accounts/login/", data=fields).status_code == 302
    return browser


def answers_of_two(portal, club: str) -> list[httpx.Response]:
    """Make the club, and order its two films with two browsers at the same moment."""
    made = json.loads(portal.manage("shell", "--command", club).partition("CLUB")[2])

    def order(browser: httpx.Client, clip: str) -> httpx.Response:
        fields = {"clip": clip, "runner": made["runner"], "view": "side_view", "treadmill": "1", "pace": "6:00"}
        headers = {"X-CSRFToken": browser.cookies["csrftoken"], "Referer": portal.address}
        return browser.post("/upload/", data=fields, headers=headers)

    with ExitStack() as stack:
        browsers = [stack.enter_context(closing(signed_in(portal.address, made["email"]))) for _ in made["clips"]]
        return at_once(*(partial(order, *pair) for pair in zip(browsers, made["clips"], strict=True)))


def test_two_browsers_with_one_credit_left_are_one_order_and_one_clear_refusal(portal):
    answers = answers_of_two(portal, CLUB)
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    refusal = next(answer.text for answer in answers if answer.status_code == 409)
    assert "This takes 1 credit and 0 are left. Ask an admin for credits; your film is kept." in refusal
    assert json.loads(portal.manage("shell", "--command", BOOKS).partition("BOOKS")[2]) == [1, 0]


def test_two_browsers_with_one_left_of_a_budget_are_one_order_and_one_clear_refusal(portal):
    answers = answers_of_two(portal, BUDGET)
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    refusal = next(answer.text for answer in answers if answer.status_code == 409)
    assert "This takes 1 credit; of your 1 a month 0 are left. Ask an admin; your film is kept." in refusal
    told = portal.manage("shell", "--command", BOOKS.replace("One credit", "One budget"))
    assert json.loads(told.partition("BOOKS")[2]) == [1, 49]
