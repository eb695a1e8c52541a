"""A measuring service in memory, with the neutral face of providers.base: it keeps books that tests read."""

from __future__ import annotations

import json
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from providers.base import (
    Document,
    NotFound,
    RemoteAnalysis,
    RemoteSubject,
    Started,
    State,
    Status,
    Webhook,
)

RESULTS = {
    "status": "success",
    "biomechanical_analysis": {
        "total_score": 0.588,
        "analysis_content": {"trunk": {"score_number": 0.55, "texts": {"title": "Trunk", "position": "Upright"}}},
    },
}
CALCULATED = {
    "metrics": {"step_frequency_steps_per_min": 168.0, "ground_contact_time_ms": 262},
    "total_score": 0.588,
}


@dataclass
class Service:
    """`trouble` is raised once, in the order given: before the film is read, or after with `lost_answers`."""

    starts: list[dict] = field(default_factory=list)
    people: dict[str, RemoteSubject] = field(default_factory=dict)
    trouble: list[Exception] = field(default_factory=list)
    lost_answers: list[BaseException] = field(default_factory=list)
    cut_after_bytes: int | None = None
    state: State = State.RUNNING
    reason: object = None
    downloads: list[str] = field(default_factory=list)
    registered: str = ""
    calls: bool = True
    reads: int = 0  # of what tells only whether it answers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def _fail(self):
        if self.trouble:
            raise self.trouble.pop(0)

    def start(self, film, *, filename, content_type, order):
        self._fail()
        if self.cut_after_bytes is not None:
            film.read(self.cut_after_bytes)
            self.cut_after_bytes = None
            raise self.lost_answers.pop(0)
        body = b""
        while chunk := film.read(64 * 1024):
            body += chunk
        remote_id = str(uuid.uuid4())
        self.starts.append(
            {"id": remote_id, "order": order, "bytes": len(body), "filename": filename, "at": datetime.now(UTC)}
        )
        if self.lost_answers:
            raise self.lost_answers.pop(0)
        return Started(remote_id)

    def status(self, remote_id):
        self._fail()
        if remote_id not in [one["id"] for one in self.starts]:
            raise NotFound("gone")
        data = RESULTS if self.state is State.SUCCEEDED else {"status": self.state.value}
        return Status(
            remote_id=remote_id,
            state=self.state,
            percentage=100 if self.state is State.SUCCEEDED else 45,
            thumbnail_url="https://media/thumbnail.jpg",
            film_url="https://media/annotated.mp4",
            reason=self.reason,
            document=Document(json.dumps(data), data),
        )

    def calculated(self, remote_id):
        return Document(json.dumps(CALCULATED), CALCULATED)

    def raw(self, remote_id):
        return Document('{"frames": {}}', {"frames": {}})

    def analyses(self):
        self._fail()
        return [
            RemoteAnalysis(one["id"], self.state, one["order"].view, one["at"], one["order"].subject_id)
            for one in self.starts
        ]

    def create_subject(self, data):
        subject_id = str(uuid.uuid4())
        self.people[subject_id] = RemoteSubject(subject_id, data.label, data.height_m, data.weight_kg)
        return subject_id

    def update_subject(self, subject_id, data):
        self.people[subject_id] = RemoteSubject(subject_id, data.label, data.height_m, data.weight_kg)

    def delete_subject(self, subject_id):
        del self.people[subject_id]

    def subjects(self):
        return list(self.people.values())

    def webhook(self):
        self.reads += 1
        self._fail()
        return Webhook(self.registered, self.calls) if self.registered else None

    def set_webhook(self, url, enabled):
        self._fail()
        self.registered, self.calls = url, enabled
        return Webhook(url, enabled)

    @contextmanager
    def download(self, link):
        self._fail()
        self.downloads.append(link)
        yield [b"the bytes of ", link.encode()]
