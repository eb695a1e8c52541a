"""A result on paper: what a person chose and wrote, as a PDF that stays findable."""

from __future__ import annotations

import io
import re
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import AuditEntry
from analyses.measures import MEASURES
from clips import storage
from privacy.actions import erase_subject
from reports import actions, pdf
from reports.models import Report
from reports.pdf import Words, fonts
from subjects.models import Subject
from tests.reading import shown

WORDS = Words("Running analysis", "1. Foot far ahead: shorter steps.", "Seen again in six weeks.")
A4_PT, LETTER_PT = (595, 842), (612, 792)


def document(*analyses, kind="clinic", paper="a4", language="en", words=WORDS) -> tuple[pdf.Made, bytes]:
    made = pdf.make(
        analyses=analyses,
        kind=Report.Kind(kind),
        paper=Report.Paper(paper),
        language=language,
        words=words,
        compressed=False,
    )
    return made, made.file.read()


def text_of(body: bytes) -> str:
    """The letters a page sets, in order. The embedded font keeps ASCII codes, so no reader of PDF is needed."""
    pieces = re.findall(rb"\(((?:\\.|[^()\\])*)\) Tj", body)
    return b" ".join(re.sub(rb"\\([()\\])", rb"\1", piece) for piece in pieces).decode("latin-1")


def page_sizes(body: bytes) -> list[tuple[int, int]]:
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", body)
    return [(round(float(wide)), round(float(high))) for wide, high in boxes]


@pytest.fixture
def behind(order, finish, done):
    """The same visit, filmed from behind."""
    return finish(order(view="back_view"))


# ── the document ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("paper", "size"), [("a4", A4_PT), ("letter", LETTER_PT)])
def test_the_runner_gets_one_page_and_the_clinic_three(done, paper, size):
    one, body = document(done, kind="runner", paper=paper)
    assert one.page_count == 1
    assert page_sizes(body) == [size]
    three, body = document(done, kind="clinic", paper=paper)
    assert three.page_count == 3
    assert page_sizes(body) == [size] * 3


def test_it_says_what_was_measured_and_how_sure_it_is(done):
    _made, body = document(done)
    text = text_of(body)
    for said in ("Runner 01", "Track club", "62/100", "Cadence", "168", "Typical range", "162", "186", "Knee"):
        assert said in text
    for said in ("Foot far ahead: shorter steps.", "Seen again in six weeks.", "Method and limits", "A source 2020"):
        assert said in text
    assert text.count("Not a medical device; for coaching and documentation.") == 3


def test_a_score_is_rounded_on_paper_as_on_the_page(order, finish, as_bob):
    half = finish(order(), results={"biomechanical_analysis": {"total_score": 0.625}})
    assert '<p class="n">63<small>/100</small>' in as_bob.get(f"/analyses/{half.code}/").content.decode()
    _made, body = document(half)
    assert "63/100" in text_of(body)


def test_what_changed_since_the_last_film_has_its_verdict(earlier, done):
    _made, body = document(done)
    text = text_of(body)
    assert "What changed since 3 Oct 2026" in text
    assert "No number moved by more than what could be noise." in text


def test_of_what_is_not_comparable_no_change_is_told(earlier, done):
    type(earlier).objects.filter(pk=earlier.pk).update(treadmill=not earlier.treadmill)
    text = " ".join(text_of(document(done)[1]).split())
    assert re.search("62/100 Okay Since 3 Oct .{1,4} not comparable, because", text)
    assert "since 3 Oct 2026: " not in text


def test_curves_are_lines_and_not_pictures(done):
    body = document(done)[1].decode("latin-1")
    assert len(re.findall(r"\[4 2\] 0 d", body)) == 1
    assert "/Subtype /Image" not in body


def test_a_still_of_the_film_is_in_it_where_there_is_one(done):
    from PIL import Image

    still = io.BytesIO()
    Image.new("RGB", (64, 36), "teal").save(still, "JPEG")
    storage.put(done.result.thumbnail_key, still)
    assert b"/Subtype /Image" in document(done)[1]


def test_both_views_of_one_visit_stand_in_one_report(done, behind):
    _made, body = document(done, behind)
    text = text_of(body)
    assert "Side view, treadmill 6:00 /km" in text
    assert "Back view, treadmill 6:00 /km" in text


def test_what_is_written_at_length_stays_on_the_runner_s_one_page(done, behind):
    long = Words("Running analysis", "\n".join(["A long line about the run. " * 3] * 30), "More of it. " * 120)
    assert document(done, behind, kind="runner", words=long)[0].page_count == 1


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_language_can_be_set(done, language):
    made, body = document(done, language=language)
    assert made.page_count == 3
    assert made.size_bytes < 5_000_000
    font = fonts.EAST_ASIAN.get(language)
    assert font is None or font.encode() in body


@pytest.mark.parametrize("language", ["de", "es", "ja"])
def test_all_numbers_and_their_changes_stand_on_one_page(order, finish, time_machine, language):
    told = {"uncertainty_95": 1.1, "n": 9, "unit": ""}
    house = {"engine_version": "1.0", "measures": {key: {**told, "value": 12.3} for key in MEASURES}}
    time_machine.move_to("2026-10-03T09:00:00Z")
    finish(order(), calculated={"house": house})
    time_machine.move_to("2026-11-22T10:00:00Z")
    assert document(finish(order(), calculated={"house": house}), language=language)[0].page_count == 3


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "pt"])
def test_no_heading_of_the_numbers_is_broken_within_a_word(earlier, done, language):
    with translation.override(language):
        heads = [_("Left"), _("Right"), _("Mean"), _("Steps")]
    # What is broken is set as two pieces with a space between; a letter beyond ASCII has a code of the font's own.
    text = text_of(document(done, language=language)[1])
    for head in heads:
        assert max(re.split(r"[^\x20-\x7e]", head), key=len) in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("± ° − – é ß ł", [("", "± ° − – é ß ł")]),
        ("ő", [("", "o")]),
        ("a日本", [("", "a"), ("HeiseiKakuGo-W5", "日本")]),
        ("한", [("HYGothic-Medium", "한")]),
        ("Д", [("HeiseiKakuGo-W5", "Д")]),
        ("a\x07b", [("", "ab")]),
        ("a\tb\u2003c, 8,2\xa0s", [("", "a b c, 8,2\xa0s")]),
    ],
)
def test_every_letter_has_a_font(text, expected):
    assert fonts.runs(text, "en") == expected


def test_what_somebody_types_is_text_and_no_markup(done):
    words = Words("A <b>title", "<font color=red>1 < 2 & 3", "<para>")
    text = text_of(document(done, words=words)[1])
    # A sign that had to be escaped is set apart from its neighbours: spaces between pieces say nothing here.
    assert "<fontcolor=red>1<2&3" in text.replace(" ", "")


def test_a_service_that_says_little_gives_a_short_report(order, finish):
    analysis = finish(order(), {"metrics": {}}, {"biomechanical_analysis": {"total_score": 0.588}})
    _made, body = document(analysis, kind="runner")
    assert "59/100" in text_of(body)


# ── making one ──────────────────────────────────────────────────────────────────────────────────────────────────────


def typed(**changes) -> dict[str, str]:
    return {"kind": "clinic", "title": "T", "findings": "F", "language": "en", "paper": "a4", **changes}


def test_the_form_is_filled_with_what_was_found(as_bob, done, behind):
    text = shown(as_bob.get(reverse("reports:new", args=[done.code])))
    assert "1. Foot far ahead – The foot lands 14° ahead. Shorter steps." in text
    assert "Side view:" in text
    assert f'<option value="{behind.code}" selected>' in text
    assert re.search(r'value="clinic"[^>]*checked', text)


def test_another_day_s_film_is_no_part_of_the_visit(as_bob, earlier, order, finish):
    text = shown(as_bob.get(reverse("reports:new", args=[finish(order(view="back_view")).code])))
    assert "Together with the other view" not in text


def test_neither_another_runner_s_film_nor_one_under_way_is_part_of_the_visit(
    as_bob, done, order, finish, organization
):
    order(view="back_view")
    other = Subject.objects.create(organization=organization, name="Runner 02")
    finish(order(view="back_view", subject=other))
    text = shown(as_bob.get(reverse("reports:new", args=[done.code])))
    assert "Together with the other view" not in text


def test_a_report_is_made_stored_listed_and_downloaded(as_bob, bob, done, behind):
    url = reverse("reports:new", args=[done.code])
    answer = as_bob.post(url, typed(other_view=str(behind.code)), follow=True)
    assert "The report is made." in shown(answer)
    report = Report.objects.get()
    assert (report.other_view, report.made_by) == (behind, bob)
    assert reverse("reports:file", args=[report.code]) in shown(answer)
    assert "Runner 01" in shown(as_bob.get(reverse("reports:list")))
    answer = as_bob.get(reverse("reports:file", args=[report.code]), follow=True)
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    day = timezone.localdate(done.ordered_at)
    assert f"Runner_01-{day}.pdf" in answer["Content-Disposition"]
    assert AuditEntry.objects.get(action="reported").about == f"clinic · {day}"


def test_a_report_without_a_title_is_asked_for_one(as_bob, done):
    answer = as_bob.post(reverse("reports:new", args=[done.code]), typed(title=""))
    assert answer.status_code == 422
    assert not Report.objects.exists()


def test_only_who_may_write_removes_a_report_and_its_file_goes_too(as_carol, as_bob, done):
    as_bob.post(reverse("reports:new", args=[done.code]), typed())
    report = Report.objects.get()
    remove = reverse("reports:delete", args=[report.code])
    assert as_bob.post(remove).status_code == 403
    assert "The report is removed. The result stays." in shown(as_carol.post(remove, follow=True))
    with pytest.raises(FileNotFoundError):
        storage.open_file(report.key)


def test_two_runners_never_share_a_report(done, behind, alice, organization):
    behind.subject = Subject.objects.create(organization=organization, name="Runner 02")
    choice = {"kind": "clinic", "paper": "a4", "language": "en", "words": WORDS}
    with pytest.raises(actions.NotTheSameRunner):
        actions.make_report(analysis=done, other_view=behind, by=alice, **choice)


def test_the_list_takes_the_same_few_queries_for_many(as_bob, done, organization, django_assert_max_num_queries):
    for number in range(60):
        Report.objects.create(
            organization=organization, subject=done.subject, analysis=done, language="en",
            key=f"reports/{number}.pdf", size_bytes=1, page_count=1,
        )  # fmt: skip
    with django_assert_max_num_queries(7):
        assert "1–50 of 60" in shown(as_bob.get(reverse("reports:list")))


def test_a_report_whose_file_cannot_be_removed_stays_to_be_removed_again(done, alice, monkeypatch):
    report = actions.make_report(
        analysis=done, other_view=None, kind="runner", paper="a4", language="en", words=WORDS, by=alice
    )
    monkeypatch.setattr(storage, "delete", Mock(side_effect=OSError("the store is away")))
    with pytest.raises(OSError, match="away"):
        actions.delete_report(report=report)
    monkeypatch.undo()
    actions.delete_report(report=Report.objects.get())
    assert not Report.objects.exists()
    assert not list(storage.every_key("reports/"))


@pytest.mark.django_db(transaction=True)
def test_no_file_is_left_of_a_report_whose_runner_was_erased_while_it_was_written(done, alice, monkeypatch):
    write = pdf.make

    def erased_meanwhile(**what):
        made = write(**what)
        erase_subject(subject=done.subject, by=alice)
        return made

    monkeypatch.setattr(pdf, "make", erased_meanwhile)
    with pytest.raises(IntegrityError):
        actions.make_report(
            analysis=done, other_view=None, kind="runner", paper="a4", language="en", words=WORDS, by=alice
        )
    assert not list(storage.every_key("reports/"))
