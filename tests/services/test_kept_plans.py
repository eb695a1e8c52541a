"""What is asked again and again is planned once, on a real PostgreSQL, until an upgrade changes what it is about."""

from __future__ import annotations

import os
import subprocess

import pytest

from door import ROOT
from door.environment import PYTHON

pytestmark = pytest.mark.services

ASKED = """
from django.db import NotSupportedError, connection, transaction
from accounts.models import User
import os, psycopg

def ask(times):
    for number in range(times):
        User.objects.filter(pk=number).first()

def upgrade(kind):
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as another:
        another.execute(f"ALTER TABLE accounts_user ALTER COLUMN name TYPE {kind}")

ask(7)
"""
KEPT = """
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%accounts_user%'")
    print("TOLD", cursor.fetchone()[0])
"""
UPGRADED = """
upgrade("text")
ask(7)
upgrade("varchar(200)")
try:
    with transaction.atomic():
        ask(1)
except NotSupportedError as error:
    print("TOLD", error)
with transaction.atomic():
    ask(7)
"""


@pytest.fixture
def told(new_database, folder):
    """Run a script in a process of its own; return what it told."""

    def run(name: str, script: str) -> str:
        environment = os.environ | {"DATABASE_URL": new_database(name), "VAR": str(folder / f"var-{name}")}
        command = [str(PYTHON), "manage.py", "shell", "--command", ASKED + script]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.split("TOLD")[1].strip()

    return run


def test_the_server_keeps_the_plan_of_what_is_asked_again_and_again(told):
    assert told("kept_plans", KEPT) == "1"


def test_an_upgrade_beside_a_process_costs_a_transaction_its_turn_at_most(told):
    assert told("outdated_plans", UPGRADED) == "cached plan must not change result type"
