"""A text that somebody forgot to translate is found, wherever in the code it stands."""

import ast
import json
import re

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from coachportal.translations import Message, gaps, messages_in, source_files

TEMPLATE = """
{% load i18n %}
   <p title="don't {{ trip }}">{% translate "Upload a film" %}</p>
 {% blocktranslate count counter=n trimmed %}
   {{ counter }} runner
 {% plural %}
   {{ counter }} runners
 {% endblocktranslate %}
     {% translate "May" context "month" %}
"""
CODE = """
from django.utils.translation import gettext as _, ngettext

def told(n):
    return _("Nothing was sent.") + ngettext("%(n)s credit", "%(n)s credits", n) % {"n": n}
"""
TEXTS = {
    Message("", "Upload a film"),
    Message("", "%(counter)s runner", "%(counter)s runners"),
    Message("month", "May"),
    Message("", "Nothing was sent."),
    Message("", "%(n)s credit", "%(n)s credits"),
}
GERMAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Upload a film"
msgstr "Film hochladen"

#, python-format
msgid "%(counter)s runner"
msgid_plural "%(counter)s runners"
msgstr[0] "%(counter)s Läufer"
msgstr[1] "%(counter)s Läufer"

msgctxt "month"
msgid "May"
msgstr "Mai"

msgid "Nothing was sent."
msgstr "Nichts wurde gesendet."

#, python-format
msgid "%(n)s credit"
msgid_plural "%(n)s credits"
msgstr[0] "%(n)s Guthaben"
msgstr[1] "%(n)s Guthaben"
"""

TORN_OFF = r"\d (?:%|km/h|mph|m/s|kJ|cm|ms|kg|MB|Mo|s|m)(?![\w/])"  # a unit that may end up on the next line


@pytest.fixture
def base(tmp_path):
    for name, content in (("templates/clips/upload.html", TEMPLATE), ("clips/actions.py", CODE)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def catalogue(base, text):
    path = base / "django.po"
    path.write_text(text)
    return path


def test_texts_are_found_in_templates_and_code(base):
    assert set(messages_in(base)) == TEXTS


def test_what_a_measure_means_is_to_be_translated_as_the_document_says_it(base):
    document = base / "docs" / "measures.md"
    document.parent.mkdir()
    document.write_text(
        "# Numbers\n\n| measure | in publications | what it is | what it does not say | read | sure as |\n"
        "|---|---|---|---|---|---|\n"
        "| `speed_m_s` | speed | How fast. | How [strong](#x). | once | 4 |\n"
    )
    found = messages_in(base)
    assert set(found) - TEXTS == {Message("measure", "How fast."), Message("measure", "How strong.")}
    assert found[Message("measure", "How fast.")] == "docs/measures.md:5"


def test_per_cent_of_a_measure_is_no_placeholder(base):
    per_cent = 'msgctxt "measure"\nmsgid "5 % of all"\nmsgstr "5 % von allen"\n'
    assert gaps([Message("measure", "5 % of all")], catalogue(base, GERMAN + per_cent)) == []


@pytest.mark.slow
def test_it_finds_the_texts_of_this_portal():
    assert len(messages_in(settings.BASE)) > 100


def test_a_whole_catalogue_has_no_gaps(base):
    assert gaps(messages_in(base), catalogue(base, GERMAN)) == []


@pytest.mark.parametrize(
    ("there", "instead", "gap"),
    [
        ('msgid "Upload a film"', 'msgid "Upload the film"', "missing: Upload a film"),
        ('msgstr "Mai"', 'msgstr ""', "empty: May"),
        ('msgstr[1] "%(n)s Guthaben"', 'msgstr[1] ""', "empty: %(n)s credit"),
        ('msgid "Nothing was', '#, fuzzy\nmsgid "Nothing was', "fuzzy: Nothing was sent."),
        ('msgctxt "month"\n', "", "missing: May"),
    ],
)
def test_a_gap_is_named(base, there, instead, gap):
    assert there in GERMAN
    assert gaps(messages_in(base), catalogue(base, GERMAN.replace(there, instead))) == [gap]


def test_a_misspelt_placeholder_is_named(base):
    found = gaps(messages_in(base), catalogue(base, GERMAN.replace("%(counter)s Läufer", "%(zahl)s Läufer")))
    assert [gap.partition(" (")[0] for gap in found] == ["placeholders: %(counter)s runner"]


def test_a_language_without_a_catalogue_is_named(settings):
    settings.LANGUAGES = [("en", "English"), ("nl", "Dutch")]
    with pytest.raises(CommandError, match=r"There is no locale/nl/LC_MESSAGES/django\.po"):
        call_command("check_translations")


def test_no_text_is_missed_for_where_it_stands():
    """What collects the texts does not look into an f-string."""
    collected = {message.text for message in messages_in(settings.BASE)}
    trees = {path: ast.parse(path.read_text()) for path in source_files(settings.BASE) if path.suffix == ".py"}
    asked = {
        (f"{path.relative_to(settings.BASE)}:{node.lineno}", node.args[0].value)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert asked
    assert not {one for one in asked if one[1] not in collected}


@pytest.mark.parametrize(
    ("language", "wrong"),
    [
        ("de", TORN_OFF),
        ("es", TORN_OFF),
        ("fr", rf"{TORN_OFF}| [:;!?»]|« |\w'\w"),
        ("it", rf"{TORN_OFF}|\w'\w"),
        ("ja", rf"(?a:{TORN_OFF})|(?:\d|\)s) (?:[人本件個枚回歩秒歳行]|コマ|クレジット)"),
        ("ko", rf"(?a:{TORN_OFF})|(?:\d|\)s) (?:[개명건회초세]|프레임|걸음)"),
        ("pt", TORN_OFF),
    ],
)
def test_signs_and_units_are_set_as_the_language_sets_them(language, wrong):
    with (settings.BASE / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        found = [message.string for message in read_po(file) if message.id]
    texts = [text for one in found for text in ([one] if isinstance(one, str) else one)]
    texts += json.loads((settings.BASE / "engine" / "texts" / f"{language}.json").read_text()).values()
    assert len(texts) > 1800
    assert not [text for text in texts if re.search(wrong, text)]
