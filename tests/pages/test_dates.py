"""A day and several sentences are written as people of the language write them, a day short enough for a phone."""

import re
from datetime import datetime

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from accounts.writing import date_format, in_turn
from clips.probe import reason

AT = datetime(2026, 11, 2, 14, 5)
WRITTEN = {
    "en": ("2 Nov 2026", "2 Nov 2026, 14:05"),
    "de": ("2. Nov. 2026", "2. Nov. 2026, 14:05"),
    "es": ("2 nov 2026", "2 nov 2026, 14:05"),
    "fr": ("2 nov. 2026", "2 nov. 2026, 14:05"),
    "it": ("2 nov 2026", "2 nov 2026, 14:05"),
    "ja": ("2026年11月2日", "2026年11月2日 14:05"),
    "ko": ("2026년 11월 2일", "2026년 11월 2일 14:05"),
    "pt": ("2 de nov. de 2026", "2 de nov. de 2026, 14:05"),
    "zh-hans": ("2026年11月2日", "2026年11月2日 14:05"),
}


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_a_day_and_a_time_are_short_and_as_the_language_writes_them(language):
    with translation.override(language):
        assert (date_format(AT, "DATE_FORMAT"), date_format(AT, "DATETIME_FORMAT")) == WRITTEN[language]
        assert date_format(AT.date()) == WRITTEN[language][0]


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "2 Nov 2026"), ("de", "02.11.2026"), ("fr", "02/11/2026"), ("ja", "2026/11/02")],
)
def test_a_day_is_shorter_still_where_it_heads_a_line_of_numbers(language, written):
    with translation.override(language):
        assert date_format(AT, "SHORT_DATE_FORMAT") == written


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "1 Nov"), ("fr", "1er nov."), ("it", "1º nov"), ("pt", "1º de nov."), ("de", "1. Nov."), ("es", "1 nov")],
)
@pytest.mark.parametrize("form", ["DATE_FORMAT", "DATETIME_FORMAT"])
def test_the_first_of_a_month_is_counted_as_the_language_counts_it(form, language, written):
    first = AT.replace(day=1)
    with translation.override(language):
        on_a_page = Template("{{ at|date:form }}").render(Context({"at": first, "form": form}))
        assert on_a_page == date_format(first, form)
        assert on_a_page.startswith(f"{written} ")
        assert date_format(first.date()).startswith(f"{written} ")


@pytest.mark.parametrize(
    ("language", "written"), [("de", "A. B."), ("ko", "A. B."), ("ja", "A.B."), ("zh-hans", "A.B.")]
)
def test_sentences_follow_one_another_as_the_language_sets_them(language, written):
    with translation.override(language):
        assert in_turn(["A.", "", "B."]) == written
        assert Template("A.{% gap %}B.").render(Context()) == written
        assert ("。 " in reason("empty"), ". " in reason("empty")) == (False, language in ("de", "ko"))


def test_no_template_writes_a_day_in_a_form_of_its_own():
    own = re.compile(r"""date:["']j""")
    assert [path.name for path in (settings.BASE / "templates").rglob("*.html") if own.search(path.read_text())] == []


def test_no_code_writes_a_day_in_django_s_own_form():
    code = [path for room in settings.ROOMS for path in (settings.BASE / room).rglob("*.py")]
    assert [path for path in code if "formats import date_format" in path.read_text()] == []
