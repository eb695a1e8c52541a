"""The server, a small film, and an answer a test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.server.answers import SIDE_VIEW
from tests.engine.small_films import make_film
from tests.engine_server import EngineServer, engine_server  # noqa: F401 - a fixture


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "run.mp4")


@pytest.fixture
def server(engine_server: EngineServer) -> EngineServer:  # noqa: F811
    """The running server with every switch at its default."""
    engine_server.control("POST", "reset")
    engine_server.control("POST", "reset", key=engine_server.other_key)
    return engine_server


@pytest.fixture
def ask_for(server):
    """Ask for the outcome of the analyses started next."""

    def ask(outcome: str, **wish):
        server.control("POST", "outcomes", json={"outcome": outcome, "answer": SIDE_VIEW} | wish)

    return ask
