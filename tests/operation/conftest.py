"""Fixtures for the tests of operation: an embedded Redis and an environment of its own."""

import os
import subprocess

import pytest

from door.place import Place, inherited
from door.run import redis_answers, redis_service
from tests.services.servers import free_port, wait_for


@pytest.fixture
def place(tmp_path):
    """A place for a portal that nobody else uses; its socket's folder is taken away afterwards."""
    place = Place(var=tmp_path / "data folder", port=free_port(), engine_port=free_port())
    yield place
    for left in place.socket.parent.glob("*"):
        left.unlink()
    if place.socket.parent.exists():
        place.socket.parent.rmdir()


@pytest.fixture
def environment(place):
    return inherited() | {"VAR": str(place.var), "PORT": str(place.port), "ENGINE_PORT": str(place.engine_port)}


@pytest.fixture
def embedded_redis(place):
    """The server that ./portal run starts, as it starts it."""
    place.prepare_folders()
    service = redis_service(place, dict(os.environ))
    process = subprocess.Popen(service.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: redis_answers(place.socket), what="the embedded Redis")
    yield f"unix://{place.socket}?db=0"
    process.terminate()
    process.wait(60)
