"""What is asked again and again is planned once, on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess

import pytest

from door.environment import PYTHON
from tests.running import ROOT

pytestmark = pytest.mark.services

SCRIPT = """
from django.db import connection
from accounts.models import User

for number in range(7):
    User.objects.filter(pk=number).first()
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%accounts_user%'")
    print("KEPT", cursor.fetchone()[0])
"""


def test_the_server_keeps_the_plan_of_what_is_asked_again_and_again(new_database, folder):
    environment = os.environ | {"DATABASE_URL": new_database("kept_plans"), "VAR": str(folder / "var-kept-plans")}
    command = [str(PYTHON), "manage.py", "shell", "--command", SCRIPT]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True)
    assert told.stdout.split("KEPT")[1].split() == ["1"]
