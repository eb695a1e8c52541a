"""manage.py demo: a portal with something in it, and how to sign in to it."""

from __future__ import annotations

from typing import Any

import django_rq
from django.core.management.base import BaseCommand

from coachportal import demo


class Command(BaseCommand):
    help = "Make the demo organisation; its films are drawn and measured by the workers and the engine afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        organization = demo.make_organization()
        if missing := demo.missing_shots(organization):
            queue = django_rq.get_queue("films")
            queue.enqueue(demo.film_the_runners, organization_id=organization.pk, job_timeout=1800)
        self.stdout.write(f"{demo.NAME}: sign in with the password {demo.password()} as")
        for email, _, role in demo.PEOPLE:
            self.stdout.write(f"  {email:<22} {role.label}")
        if missing:
            self.stdout.write("Its films are drawn and measured from now on: the first results come within minutes.")
