"""Whatever a service answers: nothing breaks, the answer is kept as it came, and its page opens."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import httpx
import pytest
import stamina
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyses import actions, remote
from analyses.models import Analysis
from providers.base import Config
from providers.ochy import wire
from providers.ochy.client import OchyClient
from tests.providers.ochy.described import described, names

ANSWERS = Path(__file__).parent.parent / "providers" / "ochy" / "answers"
PUBLISHED = {path.stem: json.loads(path.read_text()) for path in sorted(ANSWERS.glob("*.json"))}
REMOTE_ID = "3f0c7a4e-5b1d-4c8e-9a2f-6d7e8f901234"
PLACES = 4

strange = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**30), 2**63, float("nan"), float("inf"), -0.0, 1e308])
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "\x00", "\ud800", "side_view", "completed", "success", "x" * 5000, "<script>", "{{ x }}"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)


@st.composite
def damaged(draw, *names):
    """A published answer in which up to four places hold something else, or are missing."""
    body = copy.deepcopy(PUBLISHED[draw(st.sampled_from(names))])
    for _ in range(draw(st.integers(0, PLACES))):
        here, key = {"": body}, ""
        for _ in range(draw(st.integers(0, 6))):
            inner = here[key]
            keys = (
                list(inner) if isinstance(inner, dict) else list(range(len(inner))) if isinstance(inner, list) else []
            )
            if not keys:
                break
            here, key = inner, draw(st.sampled_from(keys))
        if isinstance(here, dict) and draw(st.booleans()) and key:
            del here[key]
            continue
        here[key] = draw(strange)
        if key == "":
            body = here[key]
    return json.dumps(body).encode()


@pytest.mark.slow
@given(damaged(*PUBLISHED) | described(*names()))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_reader_bears_every_answer(body):
    wire.parse_event(body)
    try:
        document = wire.parse_document(body)
    except wire.Unreadable:
        return
    wire.parse_status(REMOTE_ID, document)
    for read in (
        wire.parse_started,
        wire.parse_analyses,
        wire.parse_subject_id,
        wire.parse_subject,
        wire.parse_subjects,
        wire.parse_subject_analyses,
        wire.parse_webhook,
        wire.parse_results,
        wire.parse_calculated,
        wire.parse_raw,
    ):
        read(document.data)


@given(st.binary(max_size=200) | st.text(max_size=50).map(lambda text: text.encode(errors="surrogatepass")))
@settings(max_examples=100, deadline=None)
def test_what_is_no_json_is_no_event(body):
    wire.parse_event(body)


class Wire:
    """The service at the other end: three answers for one analysis, a few bytes for everything else."""

    def __init__(self, results: bytes, calculated: bytes, raw: bytes) -> None:
        self.bodies = {"results": results, "calculated_data": calculated, "raw_data": raw}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        last = request.url.path.rstrip("/").rpartition("/")[2]
        return httpx.Response(200, stream=httpx.ByteStream(self.bodies.get(last, b"the bytes of a film")))


def checked(analysis, monkeypatch, results, calculated, raw):
    """The analysis after one look at a service that answers so."""
    Analysis.objects.filter(pk=analysis.pk).update(status=Analysis.Status.RUNNING, remote_id=str(analysis.code))
    analysis.refresh_from_db()
    client = OchyClient(
        Config(kind="ochy", url="https://partner.example", key="key"),
        transport=httpx.MockTransport(Wire(results, calculated, raw)),
    )
    monkeypatch.setattr(remote, "connect", lambda config: client)
    with stamina.set_testing(True, attempts=1):
        actions.check_analysis(analysis=analysis)
    analysis.refresh_from_db()
    return analysis


def test_unharmed_answers_become_a_result(order, monkeypatch):
    answers = [json.dumps(PUBLISHED[name]).encode() for name in ("results_side", "calculated_side", "raw")]
    found = checked(order(), monkeypatch, *answers)
    assert f"{found.status} {found.reason_code} {found.reason}" == "succeeded  "


@pytest.mark.slow
@given(
    results=damaged("results_side", "results_back", "results_failed", "results_analyzing")
    | described("Success", "Failed", "Analyzing", "Pending", "Error", "FieldErrors"),
    calculated=damaged("calculated_side", "calculated_back", "calculated_published")
    | described("SideNumbers", "BackNumbers"),
    raw=damaged("raw") | described("Raw"),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_no_answer_breaks_the_check_or_the_page_and_none_is_lost(
    order, as_alice, monkeypatch, results, calculated, raw
):
    analysis = checked(order(), monkeypatch, results, calculated, raw)
    assert "\x00" not in analysis.reason + analysis.reason_code
    if analysis.status == Analysis.Status.SUCCEEDED:
        assert analysis.result.results.encode() == results
        assert analysis.result.calculated.encode() == calculated
        with default_storage.open(analysis.result.raw_key) as kept:
            assert kept.read() == raw
    else:
        assert analysis.status in (Analysis.Status.RUNNING, Analysis.Status.FAILED)
        assert analysis.reason or analysis.status == Analysis.Status.RUNNING
    assert as_alice.get(f"/analyses/{analysis.code}/").status_code == 200
