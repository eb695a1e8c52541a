"""Every operation against its own description, with inputs nobody thought of."""

from __future__ import annotations

from collections import Counter
from contextlib import closing, suppress

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as trials
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from api.v1 import v1
from tests.analyses.finished import finish

TRIALS = 6
TRY = trials(
    max_examples=TRIALS,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# What is well formed and refused all the same: a runner's unknown group, a film that is none, a cursor made up.
CHECKS = {"checks": {"positive_data_acceptance": {"enabled": False}}}


def application(environ, start_response):
    """The portal as a web server calls it, which knows where a request comes from and closes each answer."""
    with closing(WSGIHandler()({**environ, "REMOTE_ADDR": "127.0.0.1"}, start_response)) as answer:
        return [b"".join(answer)]


@pytest.fixture
def described(settings, db, monkeypatch):
    monkeypatch.setattr("api.gate.GUESSES_A_MINUTE", 10**6)
    settings.API_CALLS_A_MINUTE = settings.UPLOADS_AN_HOUR = 10**6
    # As Django's own client for tests does: the test's transaction outlives each request.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    config = SchemathesisConfig.from_dict(CHECKS)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=config)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known(order, program, alice):
    """A token that may do everything, and one row of each kind to be found."""
    analysis = finish(order())
    return program(alice).secret, analysis


@pytest.mark.slow
def test_it_answers_as_it_is_described(described, known, subtests):
    secret, analysis = known
    rooms = {"runners": analysis.subject, "films": analysis.clip, "analyses": analysis}
    seen = Counter()

    def ask(case):
        """Send what was thought of; every other code that fits is one that is there."""
        room = case.path.split("/")[3]
        fits = case.meta.generation.mode == GenerationMode.POSITIVE
        if fits and room in rooms and "code" in case.path_parameters and sum(seen.values()) % 2:
            case.path_parameters["code"] = str(rooms[room].code)
        if fits and isinstance(case.body, dict) and sum(seen.values()) % 2:
            case.body |= {name: str(rooms[f"{name}s"].code) for name in ("film", "runner") if name in case.body}
        with transaction.atomic():
            seen[case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}).status_code] += 1
            transaction.set_rollback(True)

    for found in described.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with subtests.test(f"{operation.label} {mode.value}"), suppress(Unsatisfiable):
                TRY(given(case=operation.as_strategy(generation_mode=mode))(ask))()
    assert {200, 201, 404, 422} <= set(seen)
    assert sum(seen.values()) > TRIALS * 22


def test_the_description_names_every_operation(client):
    told = client.get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    named = {operation["operationId"] for path in told["paths"].values() for operation in path.values()}
    assert len(named) == sum(len(path) for path in told["paths"].values()) >= 22
    problem = told["paths"]["/api/v1/runners"]["get"]["responses"]["401"]["content"]
    assert list(problem) == ["application/problem+json"]
    key = next(
        one for one in told["paths"]["/api/v1/analyses"]["post"]["parameters"] if one["name"] == "Idempotency-Key"
    )
    assert (key["in"], key["required"]) == ("header", True)


def test_the_description_is_made_without_asking_the_database(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert v1.get_openapi_schema()["paths"]
