"""What a page says to whoever reads it."""

from __future__ import annotations

import html
import re

from django.http import HttpResponse


def shown(answer: HttpResponse) -> str:
    """Return the page's source with its characters as a browser shows them, its gaps as spaces."""
    return html.unescape(answer.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def in_one_line(answer: HttpResponse) -> str:
    """Return the same without regard to where its lines break."""
    return " ".join(shown(answer).split())


def text_of(answer: HttpResponse) -> str:
    """Return the page's words alone, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())
