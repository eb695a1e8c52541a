"""The runner's page: charts that join like with like, and the days with what happened on them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from analyses.compare import Side
from analyses.history import Shown
from analyses.models import Analysis, Measurement, NotePin, Result
from analyses.templatetags.history import trend_figure
from analyses.trends import HEIGHT, Value, charts
from subjects.models import Mark, Note
from tests.reading import shown

START = datetime(2026, 1, 10, 9, tzinfo=UTC)


def value(day: int, cadence: float, **changes) -> Value:
    film = {"view": "side_view", "treadmill": True, "service": "engine", "fps": 60, "speed_m_s": 3.0}
    typical = changes.pop("typical", None)
    side = Side(at=START + timedelta(days=day), **(film | changes))
    return Value("cadence_spm", cadence, side, 1.0, typical)


def chart(*values: Value):
    (only,) = charts(values)
    return only


def test_like_is_joined_with_like():
    assert chart(value(0, 160), value(1, 164), value(2, 168)).lines.count("L") == 2


@pytest.mark.parametrize(
    "other",
    [
        {"view": "back_view"},
        {"treadmill": False},
        {"service": "ochy"},
        {"speed_m_s": 3.2},
        {"fps": 30},
        {"engine_version": "2"},
    ],
    ids=str,
)
def test_what_was_made_otherwise_is_not_joined(other):
    assert chart(value(0, 160), value(1, 164, **other)).lines == ""


def test_a_line_goes_on_over_what_lies_between():
    drawn = chart(value(0, 160), value(1, 164, treadmill=False), value(2, 168))
    assert drawn.lines.count("M") == 1
    assert drawn.lines.count("L") == 1


def test_the_bar_is_as_tall_as_the_smallest_real_change():
    """Cadence: 4 steps a minute on a scale whose ticks say how many there are from top to bottom."""
    drawn = chart(value(0, 150), value(1, 180))
    low, high = drawn.ticks[0][1], drawn.ticks[2][1]
    assert drawn.bar.unit_value == 4
    tall = float(drawn.bar.y2) - float(drawn.bar.y1)
    assert tall == pytest.approx(4 / (high - low) * HEIGHT, abs=0.11)


def test_the_typical_range_is_drawn_under_the_line_and_clipped():
    drawn = chart(value(0, 160, typical=(150, 500)), value(1, 164, typical=(150, 500)))
    assert drawn.bands.startswith("M0.0 0.0L240.0 0.0")
    assert chart(value(0, 160), value(1, 164)).bands == ""


def test_a_mark_outside_the_charted_time_is_not_drawn():
    days = [(START - timedelta(days=1), "before"), (START + timedelta(days=1), "within")]
    (drawn,) = charts([value(0, 160), value(2, 164)], marked=days)
    assert drawn.marks == (("120.0", "within"),)


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("hours", "ends"), [(2, ["09:00", "11:00"]), (24, ["10 Jan 2026", "11 Jan 2026"])], ids=["one day", "two days"]
)
def test_a_chart_says_from_when_to_when(hours, ends):
    films = [replace(value(0, 160).film, at=START + timedelta(hours=after)) for after in (0, hours)]
    drawn = trend_figure(chart(*(Shown("cadence_spm", 160, film) for film in films)))
    assert re.findall(r'<text x="(?:0|240)" y="116"[^>]*>(.*?)</text>', drawn) == ends


@pytest.fixture
def films(order, organization):
    """Make finished analyses, the first at START and each a day later, with their cadence."""

    def make(*cadences: float) -> list[Analysis]:
        first = order()
        made = []
        for day, cadence in enumerate(cadences):
            analysis = Analysis.objects.get(pk=first.pk)
            if day:
                analysis.pk, analysis._state.adding = None, True
                analysis.code = None
                analysis.code = Analysis().code
                analysis.save()
            at = START + timedelta(days=day)
            Analysis.objects.filter(pk=analysis.pk).update(status="succeeded", ordered_at=at, total_score=0.6)
            Measurement.objects.create(
                organization=organization, analysis=analysis, key="cadence_spm", value=cadence, uncertainty_95=1.5,
                unit="steps/min", typical_low=160, typical_high=190,
            )  # fmt: skip
            made.append(analysis)
        return made

    return make


def runner_page(runner, **query) -> str:
    return reverse("subjects:detail", args=[runner.code], query=query)


def test_the_page_shows_charts_days_marks_and_notes_in_order(as_bob, bob, organization, runner, films):
    made = films(160, 170)
    Mark.objects.create(organization=organization, subject=runner, by=bob, kind="shoe", on=date(2026, 1, 10))
    Note.objects.create(organization=organization, subject=runner, by=bob, on=date(2026, 1, 5), text="Before it all")
    text = shown(as_bob.get(runner_page(runner)))
    assert "Cadence: 2 values from 10 Jan 2026 to 11 Jan 2026" in text
    assert '<a href="/measures/cadence_spm/">Cadence</a>' in text
    assert "smallest real change: 4 /min" in text
    points = re.findall(r'<a href="([^"]+)" tabindex="-1">', text)
    assert points == [reverse("analyses:detail", args=[film.code]) for film in made]
    days = [text.index(f"<h3>{day} Jan 2026") for day in (11, 10, 5)]
    assert days == sorted(days)
    assert days[1] < text.index("<strong>Shoes</strong>") < days[2] < text.index("Before it all")


def test_a_note_at_a_frame_stands_with_its_film_and_leads_there(as_bob, bob, runner, films):
    (analysis,) = films(160)
    url = reverse("analyses:note", args=[analysis.code], query={"frame": "123"})
    assert "Note at frame 123" in shown(as_bob.get(url))
    as_bob.post(url, {"text": "Heel far out here"})
    pin = NotePin.objects.get()
    assert (pin.analysis, pin.frame, pin.note.by, pin.note.on) == (analysis, 123, bob, date(2026, 1, 10))
    text = shown(as_bob.get(runner_page(runner)))
    assert "Heel far out here" in text
    assert f"{reverse('analyses:detail', args=[analysis.code])}?frame=123" in text


def test_a_note_sent_again_where_its_answer_was_lost_is_one(as_bob, runner, films):
    (analysis,) = films(160)
    note = reverse("analyses:note", args=[analysis.code])
    for sent in ("Heel far out here", "Heel far out here", "Heel far out here, once more"):
        assert as_bob.post(f"{note}?frame=12", {"text": sent}).url == runner_page(runner)
    for address in (f"{note}?frame=13", note, note):  # of other frames, or none, it is another
        as_bob.post(address, {"text": "Heel far out here"})
    assert sorted(NotePin.objects.values_list("frame", flat=True), key=str) == [12, 12, 13, None]


def test_the_result_offers_a_note_at_the_picture_to_readers_too(as_bob, organization, films):
    (analysis,) = films(160)
    Result.objects.create(
        organization=organization, analysis=analysis, results="{}", calculated="{}", raw_key="raw.json"
    )
    text = shown(as_bob.get(reverse("analyses:detail", args=[analysis.code])))
    assert f'href="{reverse("analyses:note", args=[analysis.code])}" data-note' in text
    assert "js/note.js" in text


@pytest.mark.parametrize("frame", ["360", "-1", "first", ""])
def test_a_frame_that_the_film_does_not_have_is_left_out(as_bob, runner, films, frame):
    (analysis,) = films(160)
    as_bob.post(reverse("analyses:note", args=[analysis.code], query={"frame": frame}), {"text": "About the film"})
    assert NotePin.objects.get().frame is None


def test_an_empty_note_at_a_film_is_asked_back(as_bob, films):
    (analysis,) = films(160)
    assert as_bob.post(reverse("analyses:note", args=[analysis.code]), {"text": " "}).status_code == 422
    assert not Note.objects.exists()


def test_every_note_is_on_one_page_of_a_long_history(as_bob, bob, organization, runner, films):
    films(*range(140, 185))
    for day in range(-3, 48, 5):
        on = START.date() + timedelta(days=day)
        Note.objects.create(organization=organization, subject=runner, by=bob, on=on, text=f"note of day {day};")
    texts = [shown(as_bob.get(runner_page(runner, page=page))) for page in (1, 2, 3)]
    for day in range(-3, 48, 5):
        assert sum(text.count(f"note of day {day};") for text in texts) == 1


def test_the_numbers_behind_the_charts_are_a_table(as_bob, runner, films):
    films(160, 170)
    text = shown(as_bob.get(reverse("analyses:trend_table", args=[runner.code])))
    assert text.index("170 <small>± 2</small>") < text.index("160 <small>± 2</small>")
    assert "Cadence" in text


def test_a_runner_without_numbers_gets_a_sentence_for_a_table(as_bob, runner):
    text = shown(as_bob.get(reverse("analyses:trend_table", args=[runner.code])))
    assert "The numbers appear with the first result." in text


def test_five_hundred_films_cost_what_five_do(as_alice, runner, films, django_assert_max_num_queries):
    films(*[160 + number % 20 for number in range(120)])
    as_alice.get(runner_page(runner))  # the first look in an hour is put on record
    with django_assert_max_num_queries(13):
        text = shown(as_alice.get(runner_page(runner)))
    assert "Cadence: 60 values" in text


@pytest.mark.parametrize("frame", ["9" * 5000, "-1", "²", "x"])
def test_a_note_is_asked_for_whatever_frame_the_address_names(as_alice, order, frame):
    assert as_alice.get(reverse("analyses:note", args=[order().code]), {"frame": frame}).status_code == 200
