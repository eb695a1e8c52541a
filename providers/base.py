"""What every remote measuring service can do, in our own words.

Callers do one of three things about an error, so there are three kinds, and two that only a start can raise:

    ProviderError
    ├── ProviderUnavailable        try again later, not before `retry_after_s`
    │   └── StartNotSent           nothing was started: ordering again is safe
    ├── StartUnsure                the film may have arrived: never send again; look it up, then ask a person
    ├── ProviderRefused            tell the person
    │   ├── OutOfCredits
    │   ├── FilmRefused            `code` says which rule
    │   ├── NotFound               no such analysis or subject there
    │   ├── NotReady               numbers asked for before the analysis succeeded
    │   ├── LinkRefused            a media link is dead, elsewhere or too large: ask for the status again
    │   └── WebhookNotConfigured
    └── ProviderMisconfigured      call whoever runs the portal
        ├── KeyMissing
        ├── KeyInvalid
        └── UnexpectedAnswer       the service and its contract disagree

`str(error)` is one sentence and one cure, and holds neither the key nor an address. `code` is a stable word for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, BinaryIO, Literal, Protocol, Self

View = Literal["side_view", "back_view"]
Kind = Literal["start", "read", "write", "media"]  # what a request is for; pacing may treat them differently


class ProviderError(Exception):
    """Something a provider was asked for did not happen."""

    code = "provider_error"

    def __init__(
        self,
        sentence: str,
        *,
        values: Mapping[str, object] | None = None,
        code: str | None = None,
        http_status: int | None = None,
        detail: str = "",
    ) -> None:
        """`sentence` takes `values` by %(name)s, so that a portal can say it in another language.

        `detail` is the service's own words, for an operator; it stays out of the sentence.
        """
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values or {}
        self.code = code or type(self).code
        self.http_status = http_status
        self.detail = detail


class ProviderUnavailable(ProviderError):
    """The service does not answer just now."""

    code = "unavailable"

    def __init__(self, sentence: str, *, retry_after_s: float | None = None, **more: Any) -> None:
        super().__init__(sentence, **more)
        self.retry_after_s = retry_after_s


class StartNotSent(ProviderUnavailable):
    """Nothing was started and nothing spent."""

    code = "not_sent"


class StartUnsure(ProviderError):
    """The film left the house and no answer came back: it may be measured, and paid for, already."""

    code = "unsure"


class ProviderRefused(ProviderError):
    """The service understood and said no."""

    code = "refused"


class OutOfCredits(ProviderRefused):
    code = "insufficient_credits"


class FilmRefused(ProviderRefused):
    code = "film_refused"


class NotFound(ProviderRefused):
    code = "not_found"


class NotReady(ProviderRefused):
    code = "not_ready"


class LinkRefused(ProviderRefused):
    code = "link_refused"


class WebhookNotConfigured(ProviderRefused):
    code = "webhook_not_configured"


class ProviderMisconfigured(ProviderError):
    """Trying again will not help, and the person who ordered cannot either."""

    code = "misconfigured"


class KeyMissing(ProviderMisconfigured):
    code = "key_missing"


class KeyInvalid(ProviderMisconfigured):
    code = "key_invalid"


class UnexpectedAnswer(ProviderMisconfigured):
    code = "unexpected_answer"


class Pacer(Protocol):
    """Decide when a request may go out. Raise ProviderUnavailable when its turn does not come in time."""

    def acquire(self, kind: Kind) -> AbstractContextManager[None]:
        """Wait for a place and hold it until the context ends."""
        ...


class Meter(Protocol):
    """Count what was asked and how it went."""

    def note(self, kind: Kind, outcome: str, seconds: float) -> None: ...


@dataclass(frozen=True)
class Config:
    """Where a provider is and how we identify ourselves. The engine speaks the Ochy contract too."""

    kind: Literal["ochy", "engine"]
    url: str
    key: str = field(repr=False)
    pacer: Pacer | None = None  # None: at most five requests in flight from this process
    meter: Meter | None = None  # None: nobody counts


class State(Enum):
    """Where an analysis stands at the provider; UNKNOWN is a word we have not met, to be asked about again."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class StartOrder:
    """What one film is to be measured for."""

    view: View
    height_m: float
    weight_kg: float
    language: str = "en"
    treadmill: bool = False
    pace_s_per_km: float | None = None  # the belt's; required with treadmill, not sent without
    full_body: bool = True  # back view only: False asks for pronation alone
    subject_id: str | None = None  # the provider's id of the runner
    notify: bool = False  # ask for webhook calls about this analysis


@dataclass(frozen=True)
class Document:
    """One JSON body: `text` exactly as received, to be stored first; `data` the same, parsed."""

    text: str = field(repr=False)
    data: Any = field(repr=False)


@dataclass(frozen=True)
class Started:
    remote_id: str


@dataclass(frozen=True)
class Reason:
    """Why an analysis failed, in the provider's words."""

    code: str
    text: str


@dataclass(frozen=True)
class Status:
    """How an analysis is doing. The two links die within the hour: copy what they point to."""

    remote_id: str
    state: State
    percentage: float | None  # 0–100
    thumbnail_url: str | None = field(default=None, repr=False)  # signed, so as good as a key
    film_url: str | None = field(default=None, repr=False)
    reason: Reason | None = None
    document: Document = field(default=Document("", None), repr=False)


@dataclass(frozen=True)
class RemoteAnalysis:
    """One line of the provider's own list; only the id is sure to be there."""

    remote_id: str
    state: State = State.UNKNOWN
    view: View | None = None
    created_at: datetime | None = None
    subject_id: str | None = None


@dataclass(frozen=True)
class SubjectData:
    """What a provider may know about a runner: a label that says nothing to others, never a name or an e-mail."""

    label: str | None = None  # letters, digits, - and _; at most 64
    height_m: float | None = None
    weight_kg: float | None = None


@dataclass(frozen=True)
class RemoteSubject:
    remote_id: str
    label: str | None = None
    height_m: float | None = None
    weight_kg: float | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Webhook:
    url: str = field(repr=False)  # its path is a secret
    enabled: bool
    updated_at: datetime | None = None


class Media(Protocol):
    """An open media link: iterate once over its bytes."""

    content_type: str
    size_bytes: int | None  # as announced; None when it was not

    def __iter__(self) -> Iterator[bytes]: ...


class Provider(Protocol):
    """A remote measuring service. Close it, or use it as a context."""

    def start(self, film: BinaryIO, *, filename: str, content_type: str, order: StartOrder) -> Started:
        """Upload a film and have it measured. Costs a credit; never repeated by itself (StartUnsure, StartNotSent)."""
        ...

    def status(self, remote_id: str) -> Status: ...

    def calculated(self, remote_id: str) -> Document: ...

    def raw(self, remote_id: str) -> Document: ...

    def analyses(self) -> list[RemoteAnalysis]:
        """Return all analyses of the account, newest first, those without a date last."""
        ...

    def create_subject(self, data: SubjectData) -> str:
        """Return the id of the new runner there."""
        ...

    def subject(self, subject_id: str) -> RemoteSubject: ...

    def subjects(self) -> list[RemoteSubject]: ...

    def update_subject(self, subject_id: str, data: SubjectData) -> None:
        """Change what `data` names; what is None stays as it was there."""
        ...

    def delete_subject(self, subject_id: str) -> None: ...

    def subject_analyses(self, subject_id: str) -> list[str]: ...

    def webhook(self) -> Webhook | None:
        """Return the registration, None when there never was one."""
        ...

    def set_webhook(self, url: str, enabled: bool) -> Webhook: ...

    def download(self, link: str) -> AbstractContextManager[Media]:
        """Open a media link of a Status: no key is sent, no redirect followed, and too many bytes are refused."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...
