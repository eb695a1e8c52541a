"""The arithmetic: key points in, numbers out. No film, no network, no database."""

from engine.measure.recipe import measure
from engine.measure.report import Report
from engine.measure.track import Track

__all__ = ["Report", "Track", "measure"]
