"""The measuring server, and one analysis on it that has succeeded."""

from __future__ import annotations

import pytest

from tests.engine.server.answers import SIDE_VIEW
from tests.engine.small_films import make_film
from tests.engine_server import EngineServer, engine_server  # noqa: F401 - a fixture


@pytest.fixture
def server(engine_server: EngineServer) -> EngineServer:  # noqa: F811
    """The running server with every switch at its default, and ready to succeed once."""
    engine_server.control("POST", "reset")
    engine_server.control("POST", "outcomes", json={"outcome": "success", "answer": SIDE_VIEW})
    return engine_server


@pytest.fixture
def film(tmp_path):
    return make_film(tmp_path / "run.mp4")


@pytest.fixture
def measured(server, film) -> str:
    """The id of an analysis that has succeeded."""
    video_id = server.start_film(film).json()["video_id"]
    assert server.wait_until_ended(video_id).status_code == 200
    return video_id
