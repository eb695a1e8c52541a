"""What has to be translated, and what of it is: read from the source by Babel, without the system's gettext."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

from analyses import explaining

ROOMS = (*settings.ROOMS, "providers")
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


class Message(NamedTuple):
    """One text of the source; `plural` is empty where the text has one form."""

    context: str
    text: str
    plural: str = ""


def messages_in(base: Path) -> dict[Message, str]:
    """Return every text to be translated, and where it stands first."""
    found: dict[Message, str] = {}
    for path in source_files(base):
        source = path.read_text()
        if path.suffix == ".html" or path.suffix == ".txt":
            source = template_as_python(source, str(path))
        for line, texts, _, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            parts = (texts,) if isinstance(texts, str) else texts
            message = Message(context or "", *(str(part) for part in parts if part != context))
            if message.text:
                found.setdefault(message, f"{path.relative_to(base)}:{line}")
    return found | measures_in(base / "docs" / "measures.md")


def measures_in(path: Path) -> dict[Message, str]:
    """Return what the document of the measures says in words, and the line it stands in."""
    document = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = document.splitlines()
    found = {}
    for text in explaining.texts_of(document):
        # A text that held a link stands there in another form: then the document as a whole is its place.
        line = next((number for number, line in enumerate(lines, 1) if text in line), 1)
        found[Message(explaining.CONTEXT, text)] = f"docs/{path.name}:{line}"
    return found


def source_files(base: Path) -> Iterator[Path]:
    """Yield the portal's code and templates; the engine has texts and languages of its own."""
    for room in ROOMS:
        for path in sorted((base / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path
    for pattern in ("*.html", "*.txt"):
        yield from sorted((base / "templates").rglob(pattern))


def template_as_python(source: str, origin: str) -> str:
    """Return a template's texts as calls that a Python reader understands."""
    # What is not a text becomes a row of X; without its indentation each line stands for itself.
    return "\n".join(line.strip() for line in templatize(source, origin=origin).splitlines())


def gaps(messages: Iterable[Message], catalogue_path: Path) -> list[str]:
    """Return the texts this catalogue misses, leaves empty, only guesses, or gives other placeholders."""
    with catalogue_path.open("rb") as file:
        catalogue = read_po(file)
    found = []
    for message in messages:
        key = (message.text, message.plural) if message.plural else message.text
        entry = catalogue.get(key, message.context or None)
        if entry is None:
            found.append(f"missing: {message.text}")
        elif entry.fuzzy:
            found.append(f"fuzzy: {message.text}")
        elif not all(entry.string if isinstance(entry.string, tuple | list) else [entry.string]):
            found.append(f"empty: {message.text}")
        # Measures speak in per cent, which looks like a placeholder ("5 % of") and is none.
        elif message.context != explaining.CONTEXT and (errors := entry.check(catalogue)):
            found.append(f"placeholders: {message.text} ({errors[0]})")
    return found
