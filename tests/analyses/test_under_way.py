"""While a film is measured: the steps on its page, taking an order back, deciding about a start without an answer."""

from __future__ import annotations

from analyses.models import Analysis
from tests.analyses.asking import page, shown


def test_the_running_page_shows_the_steps_and_asks_again(as_bob, order, time_machine):
    time_machine.move_to("2026-11-22T10:00:00Z", tick=False)
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="running", percentage=45)
    time_machine.move_to("2026-11-22T10:00:37Z", tick=False)
    text = shown(as_bob.get(page(analysis)))
    assert f'hx-get="{page(analysis, "status")}"' in text
    assert "45 %" in text
    assert "0:37" in text


def test_the_finished_page_opens_itself(as_bob, order):
    analysis = order()
    assert "HX-Refresh" not in as_bob.get(page(analysis, "status"))
    analysis.move_to("failed", reason="No runner was found.")
    assert as_bob.get(page(analysis, "status"))["HX-Refresh"] == "true"


def test_an_order_is_taken_back_while_it_waits(as_carol, order):
    analysis = order()
    assert "You took the order back. The film is kept." in shown(as_carol.post(page(analysis, "cancel"), follow=True))


def test_an_order_that_left_is_measured_to_the_end(as_carol, order):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="running")
    said = "The film was on its way already, so it is measured to the end."
    assert said in shown(as_carol.post(page(analysis, "cancel"), follow=True))


def test_somebody_decides_about_a_start_without_an_answer(as_carol, order, service):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="unsure", needs_person=True, reason="Please decide below.")
    assert "Nothing was started: send it again" in shown(as_carol.get(page(analysis)))
    as_carol.post(page(analysis, "decide"), {"choice": "end"})
    analysis.refresh_from_db()
    assert analysis.status == "failed"
    again = shown(as_carol.post(page(analysis, "decide"), {"choice": "anew"}, follow=True))
    assert "That is no longer possible. Look at the page again and decide anew." in again


def test_a_reader_decides_nothing(as_bob, order, service):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="unsure", needs_person=True, reason="Please decide below.")
    assert "send it again" not in shown(as_bob.get(page(analysis)))
