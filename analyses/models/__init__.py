"""The rows of this room, by what they are about."""

from analyses.models.analysis import Analysis, AnalysisQuerySet, LeaseLost, Move
from analyses.models.habit import Habit
from analyses.models.pairs import Beside, Repeat
from analyses.models.result import Correction, Measurement, NotePin, Pool, Result
from analyses.models.service import Drift, ProviderAccount, RemoteSubject, ServiceChoice, WebhookCall

__all__ = [
    "Analysis",
    "AnalysisQuerySet",
    "Beside",
    "Correction",
    "Drift",
    "Habit",
    "LeaseLost",
    "Measurement",
    "Move",
    "NotePin",
    "Pool",
    "ProviderAccount",
    "RemoteSubject",
    "Repeat",
    "Result",
    "ServiceChoice",
    "WebhookCall",
]
