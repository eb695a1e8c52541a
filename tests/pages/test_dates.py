"""A date is written as people of the language write it, and nowhere in a form of our own."""

from datetime import date

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "22 Nov 2026"), ("de", "22. November 2026"), ("fr", "22 novembre 2026"), ("ja", "2026年11月22日")],
)
def test_a_day_is_written_in_its_language(language, written):
    with translation.override(language):
        assert date_format(DAY, "DATE_FORMAT") == written


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "22 Nov 2026"), ("de", "22.11.2026"), ("fr", "22/11/2026"), ("ja", "2026/11/22")],
)
def test_a_day_is_short_where_it_heads_a_line_of_numbers(language, written):
    with translation.override(language):
        assert date_format(DAY, "SHORT_DATE_FORMAT") == written


def test_no_template_writes_a_date_in_a_form_of_its_own():
    own = [path.name for path in (settings.BASE / "templates").rglob("*.html") if 'date:"j' in path.read_text()]
    assert own == []
