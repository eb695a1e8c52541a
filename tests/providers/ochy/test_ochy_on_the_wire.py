"""The client against a server of bare sockets: resets, half answers, silence, early refusals, and large films."""

from __future__ import annotations

import gzip
import io
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable

import httpx
import pytest

from providers import connect, http
from providers.base import (
    Config,
    FilmRefused,
    LinkRefused,
    ProviderUnavailable,
    StartNotSent,
    StartOrder,
    StartUnsure,
    UnexpectedAnswer,
)
from providers.ochy.client import MAX_BYTES
from tests.services.servers import free_port

ORDER = StartOrder("side_view", 1.72, 62)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def answered(body: bytes, status: bytes = b"200 OK", length: int | None = None) -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body) if length is None else length, body)


def head_of(connection: socket.socket) -> bytes:
    """Read until the headers end; return all that came."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            break
        received += piece
    return received


def whole_of(connection: socket.socket) -> tuple[bytes, int]:
    """Read a whole request; return its head and the length of its body, which is thrown away."""
    received = head_of(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    size = len(body)
    while size < length:
        piece = connection.recv(1 << 20)
        if not piece:
            break
        size += len(piece)
    return head, size


def reset(connection: socket.socket) -> None:
    """Close so that the other end sees a reset instead of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


class Server:
    """Gives each connection to the next of `turns`, the last one for ever, and counts them."""

    def __init__(self) -> None:
        self.turns: list[Callable[[socket.socket], object]] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            turn = self.turns[min(self.connections, len(self.turns) - 1)]
            self.connections += 1
            with connection:
                try:
                    turn(connection)
                except OSError:
                    continue  # the client has gone, which some of these tests want

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def client(server):
    with connect(Config("engine", server.url, "a-key-nobody-may-see-quux")) as client:
        yield client


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate(30_000_000)
    with path.open("rb") as file:
        yield file


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT", httpx.Timeout(60, read=0.3))


def start(client, film):
    return client.start(film, filename="film.mp4", content_type="video/mp4", order=ORDER)


def says(reply: bytes):
    def turn(connection: socket.socket) -> None:
        whole_of(connection)
        connection.sendall(reply)

    return turn


def test_a_film_is_streamed_with_its_length_announced(server, client, film):
    seen = []

    def turn(connection):
        seen.append(whole_of(connection))
        connection.sendall(answered(b'{"video_id": "abc"}', b"202 Accepted"))

    server.turns = [turn]
    tracemalloc.start()
    try:
        assert start(client, film).remote_id == "abc"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    head, size = seen[0]
    assert size > 30_000_000
    assert b"content-length: %d" % size in head.lower()
    assert b"chunked" not in head.lower()
    assert peak < 6_000_000


def test_questions_share_a_connection_and_every_film_has_its_own(server, client):
    def turn(connection):
        while whole_of(connection)[0]:
            connection.sendall(answered(b'{"video_id": "abc", "id": "abc", "status": "pending"}'))

    server.turns = [turn]
    for _ in range(2):
        client.status("abc")
    assert server.connections == 1
    with connect(Config("engine", server.url, "another key")) as other:
        client.close()
        for _ in range(2):
            start(other, io.BytesIO(b"film"))
    assert server.connections == 3


def test_a_film_too_large_is_refused_while_it_is_still_being_sent(server, client, film):
    def turn(connection):
        head_of(connection)
        connection.sendall(answered(b'{"detail": "x", "code": "file_too_large"}', b"413 Too Large"))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass

    server.turns = [turn]
    with pytest.raises(FilmRefused) as refused:
        start(client, film)
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    "turn",
    [
        lambda connection: (whole_of(connection), reset(connection)),
        lambda connection: whole_of(connection),
        lambda connection: (head_of(connection), reset(connection)),
        says(answered(b'{"video_id": "ab', b"202 Accepted", length=19)),
        says(b"SSH-2.0-OpenSSH_9.6\r\n"),
    ],
    ids=["reset after the film", "silent end", "reset within the film", "half an answer", "another protocol"],
)
def test_a_start_that_breaks_off_is_unsure_and_sent_once(server, client, film, turn):
    server.turns = [turn]
    with pytest.raises(StartUnsure):
        start(client, film)
    time.sleep(0.05)
    assert server.connections == 1


def test_a_start_that_is_never_answered_is_unsure(server, impatient, film):
    server.turns = [lambda connection: (whole_of(connection), time.sleep(0.6))]
    with connect(Config("engine", server.url, "key")) as client, pytest.raises(StartUnsure):
        start(client, film)
    assert server.connections == 1


def test_a_start_where_nobody_listens_was_not_sent(film):
    with connect(Config("engine", f"http://127.0.0.1:{free_port()}", "key")) as client, pytest.raises(StartNotSent):
        start(client, film)


def test_two_starts_do_not_share_a_connection_that_may_have_died(server, client, film):
    server.turns = [says(answered(b'{"video_id": "abc"}', b"202 Accepted"))]
    start(client, film)
    start(client, film)
    assert server.connections == 2


@pytest.mark.parametrize(
    "broken",
    [
        lambda connection: (head_of(connection), reset(connection)),
        says(answered(b'{"status": "pen', length=500)),
        says(answered(b"", b"503 Unavailable")),
        says(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"),
    ],
    ids=["reset", "half an answer", "trouble", "not what it says it is"],
)
def test_a_read_survives_one_broken_answer(server, client, broken):
    server.turns = [broken, says(answered(b'{"status": "pending"}'))]
    assert client.status("some-id").document.text == '{"status": "pending"}'
    assert server.connections == 2


def test_a_read_that_drips_is_given_up(server, client, monkeypatch):
    monkeypatch.setattr(http, "MAX_ANSWER_S", 0.2)

    def drip(connection):
        head_of(connection)
        connection.sendall(answered(b"", length=1000))
        for _ in range(20):
            time.sleep(0.03)
            connection.sendall(b" ")

    server.turns = [drip]
    with pytest.raises(ProviderUnavailable) as refused:
        client.status("some-id")
    assert str(refused.value) == "The measuring service answers too slowly; try again in a few minutes."


def test_an_answer_larger_than_any_result_is_not_read_to_its_end(server, client):
    def flood(connection):
        head_of(connection)
        connection.sendall(OK + b"\r\n")
        for _ in range(2 * MAX_BYTES // (1 << 20)):
            connection.sendall(b" " * (1 << 20))

    server.turns = [flood]
    with pytest.raises(UnexpectedAnswer) as refused:
        client.status("some-id")
    assert str(refused.value) == (
        "The measuring service sent more than any result holds; check its address in the settings."
    )


def test_an_answer_that_is_packed_twice_is_not_unpacked(server, client):
    packed = gzip.compress(gzip.compress(b" " * 50_000_000, 1))
    head = OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    server.turns = [says(head + packed)]
    tracemalloc.start()
    with pytest.raises(UnexpectedAnswer) as refused:
        client.status("some-id")
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.code == "answer_too_large"
    assert most_bytes < 10_000_000


def test_media_is_fetched_without_the_key(server, client):
    heads = []

    def turn(connection):
        heads.append(head_of(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4; x=y\r\nContent-Length: 300000\r\n\r\n")
        connection.sendall(b"v" * 300_000)

    server.turns = [turn]
    with client.download(f"{server.url}/media/film.mp4?signature=s") as media:
        assert (media.content_type, media.size_bytes) == ("video/mp4", 300_000)
        assert sum(map(len, media)) == 300_000
    assert heads[0].startswith(b"GET /media/film.mp4?signature=s HTTP/1.1")
    assert b"quux" not in heads[0]


def test_media_that_ends_early_is_not_taken_for_whole(server, client):
    server.turns = [says(answered(b"v" * 100, length=300))]
    with client.download(f"{server.url}/film.mp4") as media, pytest.raises(ProviderUnavailable) as refused:
        list(media)
    assert str(refused.value) == ("The connection to the measuring service broke off; try again in a few minutes.")


@pytest.mark.parametrize("status", [b"403 Forbidden", b"404 Not Found", b"302 Found\r\nLocation: https://a.example/"])
def test_a_dead_media_link_asks_for_a_fresh_one(server, client, status):
    server.turns = [says(answered(b"", status))]
    with pytest.raises(LinkRefused) as refused, client.download(f"{server.url}/film.mp4"):
        pass
    assert str(refused.value) == "The link to this file is no longer valid; ask for the result again."


@pytest.mark.parametrize("status", [b"429 Too Many Requests", b"500 Internal Server Error", b"503 Unavailable"])
def test_media_the_service_cannot_give_just_now(server, client, status):
    server.turns = [says(answered(b"", status + b"\r\nRetry-After: 7"))]
    with pytest.raises(ProviderUnavailable) as refused, client.download(f"{server.url}/film.mp4"):
        pass
    assert refused.value.retry_after_s == 7


def test_media_without_end_is_not_kept(server, client, monkeypatch):
    monkeypatch.setattr("providers.media.MAX_MEDIA_BYTES", 1_000_000)
    server.turns = [says(answered(b"v" * 1_000_001))]
    with client.download(f"{server.url}/film.mp4") as media, pytest.raises(LinkRefused) as refused:
        list(media)
    assert refused.value.code == "media_too_large"
    assert str(refused.value) == (
        "The file is larger than 1 MB and was not kept; tell whoever runs the measuring service."
    )


@pytest.mark.parametrize(
    "link",
    [
        "http://elsewhere.example/film.mp4",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/film.mp4",
        "https://localhost/film.mp4",
        "https://redis/film.mp4",
        "https://db.internal/film.mp4",
        "ftp://a.example/film.mp4",
        "file:///etc/passwd",
        "/media/film.mp4",
        "",
        "https://[",
        "https://a.example:port/film.mp4",
    ],
)
def test_a_media_link_into_our_own_house_is_not_followed(client, link):
    with pytest.raises(LinkRefused) as refused, client.download(link):
        pass
    assert str(refused.value) == ("The link to this file leads somewhere we do not go; tell whoever runs the portal.")
