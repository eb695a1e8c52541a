"""Style sheets: each reads in one sitting, is loaded by a page, and rules nothing that no page has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

BASE = settings.BASE
SHEETS = sorted((BASE / "static" / "css").glob("*.css"))
TEMPLATES = [path for path in (BASE / "templates").rglob("*") if path.suffix in (".html", ".svg")]
SCRIPTS = sorted((BASE / "static" / "js").glob("*.js"))
ROOMS = [room for room in BASE.iterdir() if (room / "__init__.py").exists()]
MODULES = [path for room in ROOMS if room.name not in ("engine", "tests") for path in room.rglob("*.py")]
LINES = 400
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
WORD = re.compile(r"[\w-]+")
QUOTED = re.compile(r"[\"']([\w -]+)[\"']")


def classes_in_template(text: str) -> set[str]:
    """What stands in class="…", choices within it, and words handed to a fragment; "is-{{ x }}" gives "is-"."""
    given = re.findall(r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"', text, re.S)
    given += re.findall(r"\{% block (?:page|card) %\}(.*?)\{% endblock", text)  # blocks within class="…" of a base
    found = {word for value in given for word in WORD.findall(TAG.sub(" ", value))}
    return found | {word for tag in TAG.findall(text) for value in QUOTED.findall(tag) for word in value.split()}


def named_classes() -> set[str]:
    found = {word for path in TEMPLATES for word in classes_in_template(path.read_text())}
    for path in SCRIPTS:
        found |= {
            word for value in re.findall(r"[\"'`]([^\"'`\n]*)[\"'`]", path.read_text()) for word in WORD.findall(value)
        }
    for path in MODULES:
        found |= set(re.findall(r"[\"']([a-z][\w-]*)[\"']", path.read_text()))
        found |= {word for value in re.findall(r'class=\\?"([^"\\]*)', path.read_text()) for word in value.split()}
    return found


def ruled_classes(sheet: str) -> set[str]:
    bare = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", sheet, flags=re.S)
    selectors = re.findall(r"([^{}]*)\{", bare)
    return {word for selector in selectors for word in re.findall(r"\.([a-zA-Z][\w-]*)", selector)}


def test_no_rule_is_for_a_class_that_nothing_has():
    named = named_classes()
    beginnings = tuple(word for word in named if re.fullmatch(r"[a-z]+-", word))
    for sheet in SHEETS:
        ruled = {word for word in ruled_classes(sheet.read_text()) if not word.startswith(beginnings)}
        assert ruled <= named, f"{sheet.name}: {sorted(ruled - named)}"


def test_a_class_that_is_gone_from_the_pages_is_found():
    assert ruled_classes("@media print { .a .b:hover, .c[x='.d'] { top: 0.5em } }") >= {"a", "b", "c"}
    assert classes_in_template('<p class="a {% if x %}b{% else %}c-{{ d }}{% endif %}">e</p>') == {"a", "b", "c-"}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_reads_in_one_sitting(sheet):
    assert len(sheet.read_text().splitlines()) <= LINES


def test_every_sheet_is_loaded_by_a_page():
    known = "".join(path.read_text() for path in [*TEMPLATES, *MODULES])
    assert [sheet.name for sheet in SHEETS if sheet.name not in known] == []


def test_every_sheet_a_page_loads_is_there():
    loaded = {name for path in TEMPLATES for name in re.findall(r"static 'css/([\w-]+\.css)'", path.read_text())}
    assert loaded <= {Path(sheet).name for sheet in SHEETS}
