"""The key is in every request's address, and nowhere else: not in a log, an error, a trace or a repr."""

from __future__ import annotations

import io
import logging
import pickle
import traceback

import httpx
import pytest

from providers.base import Config, ProviderError, StartOrder, SubjectData
from providers.ochy.client import OchyClient

KEY = "a-key/nobody+may see-quux"
SPELLINGS = (KEY, "a-key%2Fnobody%2Bmay%20see-quux", "a-key%2Fnobody%2Bmay+see-quux", "quux")
ORDER = StartOrder("side_view", 1.72, 62)

ASKS = {
    "start": lambda c: c.start(io.BytesIO(b"film"), filename="a.mp4", content_type="video/mp4", order=ORDER),
    "status": lambda c: c.status("id"),
    "calculated": lambda c: c.calculated("id"),
    "raw": lambda c: c.raw("id"),
    "analyses": lambda c: c.analyses(),
    "create_subject": lambda c: c.create_subject(SubjectData("runner-1")),
    "subject": lambda c: c.subject("id"),
    "subjects": lambda c: c.subjects(),
    "update_subject": lambda c: c.update_subject("id", SubjectData("runner-1")),
    "delete_subject": lambda c: c.delete_subject("id"),
    "subject_analyses": lambda c: c.subject_analyses("id"),
    "webhook": lambda c: c.webhook(),
    "set_webhook": lambda c: c.set_webhook("https://a.example/x", True),
}
TROUBLES = {
    "a reset": httpx.ReadError,
    "no route": httpx.ConnectError,
    "silence": httpx.ReadTimeout,
    "trouble": 500,
    "a page": 404,
    "a refusal": 403,
    "an odd one": 418,
    "a detour": 302,
    "nonsense": 200,
}


def teller(trouble):
    """Return a service that repeats the whole address in whatever it answers, as some do."""

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.url.params["apiKey"] == KEY
        if not isinstance(trouble, int):
            raise trouble(f"could not reach {request.url}", request=request)
        told = {"detail": f"{request.url} and {KEY}", "status": None}
        return httpx.Response(trouble, json=told, headers={"location": str(request.url)})

    return handle


def chain(error: BaseException | None) -> str:
    """Return everything an error and those behind it say or hold, the way an error page would print it."""
    said = "".join(traceback.format_exception(error)) if error else ""
    while error is not None:
        said += f"{error} {error!r} {error.args} {vars(error)}"
        request = getattr(error, "_request", None)
        said += str(request.url) if request is not None else ""
        error = error.__cause__ or error.__context__
    return said


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_the_key_is_in_no_log_and_no_error(ask, trouble, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "providers", "stamina"):
        caplog.set_level(logging.DEBUG, logger=name)
    said = ""
    with OchyClient(Config("ochy", "https://partner.example", KEY), httpx.MockTransport(teller(trouble))) as client:
        try:
            kept = ask(client)
            said += f"{kept!r} {getattr(kept, 'text', '')}"
        except ProviderError as error:
            said += chain(error)
        said += repr(client)
    said += caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert caplog.records  # the log was listened to
    assert not [spelling for spelling in SPELLINGS if spelling in said]


def test_the_key_is_in_no_repr_of_the_configuration():
    config = Config("ochy", "https://partner.example", KEY)
    assert not [spelling for spelling in SPELLINGS if spelling in f"{config} {config!r}"]


def test_an_error_can_cross_processes_without_the_key(service, ochy):
    service.will(503, b"", headers={"retry-after": "60"})
    with pytest.raises(ProviderError) as refused:
        ochy.status("id")
    copy = pickle.loads(pickle.dumps(refused.value))
    assert (str(copy), copy.code, copy.retry_after_s) == (str(refused.value), "unavailable", 60)


def test_what_is_logged_names_the_path_and_the_outcome(service, ochy, caplog):
    caplog.set_level(logging.INFO, logger="providers")
    service.will(200, "subjects")
    ochy.subjects()
    assert [record.getMessage().partition(" in ")[0] for record in caplog.records] == ["GET /subjects: 200"]
