"""POST /analysis/start: what is taken in, what is refused, and that a refusal costs nothing."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.engine.small_films import make_film
from tests.engine_server import wait_for

pytestmark = pytest.mark.slow  # the server is four processes

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def messages(answer):
    assert answer.status_code == 422, answer.text
    return {entry["loc"][-1]: entry["msg"] for entry in answer.json()["detail"]}


def number_of_analyses(server):
    return len(server.call("GET", "/analysis").json()["analyses"])


def test_it_takes_a_film_in_and_names_the_analysis(server, film, ask_for):
    ask_for("success")
    answer = server.start_film(film)
    assert answer.status_code == 202
    body = answer.json()
    assert body == {"message": f"Analysis started for ID: {body['video_id']}", "video_id": body["video_id"]}
    assert UUID4.fullmatch(body["video_id"])
    assert server.entry(body["video_id"])["film_bytes"] == film.stat().st_size


@pytest.mark.parametrize("suffix", [".mp4", ".MOV", ".avi", ".webm"])
def test_it_takes_the_four_containers(server, tmp_path, ask_for, suffix):
    ask_for("failed")
    codec = "libvpx" if suffix == ".webm" else "libx264"
    film = make_film(tmp_path / f"run{suffix.lower()}", codec=codec)
    assert server.start_film(film.rename(tmp_path / f"r{suffix}")).is_success


def test_a_credit_is_taken_at_the_start_and_the_last_one_only_once(server, film, ask_for):
    ask_for("failed", times=None)
    server.control("PUT", "credits", json={"credits": 1})
    assert server.start_film(film).status_code == 202
    assert server.control("GET", "credits") == {"credits": 0}
    films = server.folder / "engine" / "films"
    kept = set(films.iterdir())
    answer = server.start_film(film)
    assert answer.status_code == 402
    assert answer.json() == {"detail": "Insufficient credits to perform analysis", "code": "insufficient_credits"}
    assert set(films.iterdir()) <= kept  # nor is a film kept that nobody measures


def test_two_equal_starts_are_two_analyses_and_two_credits(server, film, ask_for):
    ask_for("failed", times=2)
    server.control("PUT", "credits", json={"credits": 5})
    first, second = (server.start_film(film).json()["video_id"] for _ in range(2))
    assert first != second
    assert server.control("GET", "credits") == {"credits": 3}


def test_a_wrong_extension_is_refused(server, film, tmp_path):
    answer = server.start_film(_copy(film, tmp_path / "run.mkv"))
    assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid file type", "code": "invalid_file_type"})


def _copy(film, path):
    path.write_bytes(film.read_bytes())
    return path


def test_a_text_named_like_a_film_is_refused(server, tmp_path):
    path = tmp_path / "run.mp4"
    path.write_text("not a film at all, only words" * 100)
    answer = server.start_film(path)
    assert answer.status_code == 400
    assert answer.json() == {
        "detail": "This file is not a film we can read. Send an MP4, MOV, AVI or WEBM film.",
        "code": "invalid_file_type",
    }


def test_an_empty_file_is_refused(server, tmp_path):
    path = tmp_path / "run.mp4"
    path.touch()
    assert server.start_film(path).json() == {
        "detail": "The file is empty. Send the film again.",
        "code": "invalid_file_type",
    }


@pytest.mark.parametrize("seconds", [10.5, 61])
def test_a_film_of_more_than_ten_seconds_is_refused_without_a_code(server, tmp_path, seconds):
    answer = server.start_film(make_film(tmp_path / "run.mp4", pictures=round(10 * seconds), fps=10))
    assert (answer.status_code, answer.json()) == (400, {"detail": "Video duration exceeds 10 seconds"})


def test_a_film_of_ten_seconds_is_taken(server, tmp_path, ask_for):
    ask_for("failed")
    assert server.start_film(make_film(tmp_path / "run.mp4", pictures=300)).status_code == 202


def test_a_film_over_30_mb_is_refused_and_not_kept(server, film, tmp_path):
    path = tmp_path / "run.mp4"
    path.write_bytes(film.read_bytes() + bytes(31 * 1024 * 1024))
    answer = server.start_film(path)
    assert answer.status_code == 413
    assert answer.json() == {"detail": "Video file exceeds 30 MB", "code": "file_too_large"}
    incoming = server.folder / "engine" / "incoming"
    # The answer leaves before the request is closed, and with it the file.
    wait_for(lambda: not list(incoming.iterdir()))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_films_go_to_the_disk_and_not_through_the_memory(server, film, tmp_path):
    def peak_mb():
        pids = server.children(server.processes["serve"].pid)
        found = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in pids]
        return sum(int(match[1]) for match in found) / 1024

    broken = bytes_of(1000, tmp_path / "broken.mp4")
    with ThreadPoolExecutor(8) as pool:  # many at once, so that both web processes load what they need
        list(pool.map(lambda _: server.start_film(broken).status_code, range(64)))
    before = peak_mb()
    big = bytes_of(28 * 1024 * 1024, tmp_path / "big.mp4")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.start_film(big).status_code, range(8)))
    assert answers == [400] * 8  # no film, but read to its end
    assert peak_mb() - before < 40


def bytes_of(size, path):
    path.write_bytes(bytes(size))
    return path


def test_an_upload_that_breaks_off_starts_nothing(server, film):
    before = number_of_analyses(server)
    head = b'--B\r\nContent-Disposition: form-data; name="analysis_type"\r\n\r\nside_view\r\n'
    head += b'--B\r\nContent-Disposition: form-data; name="video"; filename="run.mp4"\r\n\r\n'
    body = head + film.read_bytes() + b"\r\n--B--\r\n"
    start = f"POST /analysis/start?apiKey={quote(server.key)} HTTP/1.1\r\nHost: localhost\r\n"
    start += f"Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(start.encode() + body[:-10])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.1 422")
    assert number_of_analyses(server) == before


def test_a_refused_sender_of_much_still_gets_its_answer_and_keeps_its_connection(server, tmp_path):
    big = bytes_of(28 * 1024 * 1024, tmp_path / "big.mp4")
    for _ in range(3):
        assert server.start_film(big, key="wrong").status_code == 403
        assert server.call("POST", "/subjects", content=bytes(5_000_000)).status_code == 413
        assert server.call("GET", "/subjects").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("analysis_type", "front_view", "Must be one of side_view, back_view"),
        ("height", "172", "Must be above 0 and at most 3 (metres)"),
        ("height", "nan", "Must be a number"),
        ("weight", "-1", "Must be above 0"),
        ("weight", "1e999", "Must be a number"),
        ("pace", "5:30", "Must be MM:SS"),
        ("pace", "00:00", "Must be more than 00:00"),
        ("language", "nl", "Must be one of en, fr, de, zh, ko, pt, es, it, ja"),
        ("treadmill", "maybe", "Must be true or false"),
        ("wieght", "70", "Unknown field"),
    ],
)
def test_each_wrong_field_is_named(server, film, field, value, message):
    assert messages(server.start_film(film, **{field: value})) == {field: message}


def test_all_wrong_fields_are_named_at_once(server):
    answer = server.call("POST", "/analysis/start", data={"treadmill": "true"}, files={"film": ("a.mp4", b"x")})
    assert messages(answer) == {
        "analysis_type": "Field required",
        "pace": "pace is required when treadmill is true",
        "video": "A file is required",
        "film": "This field is no file",
    }


def test_a_film_that_is_sent_in_chunks_is_taken(server, film, ask_for):
    ask_for("success")
    sent = {"analysis_type": (None, "side_view"), "video": ("run.mp4", film.read_bytes())}
    form = httpx.Request("POST", server.url, files=sent)
    kind = {"Content-Type": form.headers["Content-Type"]}
    started = server.call("POST", "/analysis/start", content=iter([form.read()]), headers=kind)
    assert started.request.headers["Transfer-Encoding"] == "chunked"
    assert started.status_code == 202, started.text


def test_a_body_that_is_no_form_is_refused(server):
    assert messages(server.call("POST", "/analysis/start", json={})) == {"body": "The body must be multipart/form-data"}
    broken = server.call("POST", "/analysis/start", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert messages(broken) == {"body": "The form cannot be read"}


def test_an_unknown_subject_is_refused(server, film):
    answer = server.start_film(film, subject_id="nobody")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Subject not found"})


def test_events_without_a_webhook_are_refused(server, film):
    answer = server.start_film(film, notify_via_webhook="true")
    assert answer.status_code == 400
    assert answer.json() == {
        "detail": "Webhook is not configured or is disabled",
        "code": "webhook_not_configured",
    }


def test_no_refusal_takes_a_credit_or_leaves_an_analysis(server, film, tmp_path):
    server.control("PUT", "credits", json={"credits": 1})
    before = number_of_analyses(server)
    for path, fields in (
        (_copy(film, tmp_path / "a.txt"), {}),
        (film, {"height": "172"}),
        (film, {"subject_id": "nobody"}),
        (film, {"notify_via_webhook": "true"}),
        (make_film(tmp_path / "long.mp4", pictures=120, fps=10), {}),
    ):
        assert server.start_film(path, **fields).is_client_error
    assert server.control("GET", "credits") == {"credits": 1}
    assert number_of_analyses(server) == before


def test_the_checks_come_in_their_order(server, film, tmp_path):
    """Key, form, extension, size, duration, subject, webhook, credits."""
    server.control("PUT", "credits", json={"credits": 0})
    everything = {"subject_id": "nobody", "notify_via_webhook": "true", "height": "172"}
    big = tmp_path / "big.txt"
    big.write_bytes(bytes(31 * 1024 * 1024))
    statuses = [server.start_film(big, key="wrong", **everything).status_code]
    statuses.append(server.start_film(big, **everything).status_code)
    del everything["height"]
    statuses.append(server.start_film(big, **everything).json()["code"])
    statuses.append(server.start_film(big.rename(tmp_path / "big.mp4"), **everything).status_code)
    long = make_film(tmp_path / "long.mp4", pictures=120, fps=10)
    statuses.append(server.start_film(long, **everything).json()["detail"])
    statuses.append(server.start_film(film, **everything).status_code)
    del everything["subject_id"]
    statuses.append(server.start_film(film, **everything).json()["code"])
    statuses.append(server.start_film(film).status_code)
    assert statuses == [
        403,
        422,
        "invalid_file_type",
        413,
        "Video duration exceeds 10 seconds",
        404,
        "webhook_not_configured",
        402,
    ]
