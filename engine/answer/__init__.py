"""From a report to the contract's three answers: results, calculated data, raw data.

What the contract has no place for stands under `house` in the calculated data; docs/measures.md describes every key.
"""

from __future__ import annotations

from typing import Any

from engine.answer.back import back_numbers, back_results
from engine.answer.house import house
from engine.answer.raw import raw_data
from engine.answer.side import side_numbers, side_results
from engine.measure.report import Report
from engine.measure.track import Track
from engine.order import Order


def answer(report: Report, track: Track, order: Order) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The contract's `biomechanical_analysis`, its calculated data and its raw data, ready for JSON."""
    if report.side:
        results = side_results(report, report.side, order.language)
        calculated = side_numbers(report, report.side, order.language)
    else:
        assert report.back is not None  # a report is of one view or the other
        results, calculated = back_results(report, report.back, order), back_numbers(report, report.back)
    return results, {**calculated, "house": house(report, order)}, raw_data(report, track)
