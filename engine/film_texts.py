"""Why a file cannot be measured before anybody has looked at a picture: one sentence and one cure each."""

from __future__ import annotations

from engine.order import Refused

TEXTS: dict[str, dict[str, str]] = {
    "film_empty": {
        "en": "The file is empty. Send the film again.",
    },
    "not_a_film": {
        "en": "This file is not a film we can read. Send an MP4, MOV, AVI or WEBM film.",
    },
    "film_incomplete": {
        "en": "The film is incomplete: the file ends too early. Send it again.",
    },
    "film_unreadable": {
        "en": "The film is damaged or uses an unknown format. Save it as MP4 (H.264) and send it again.",
    },
    "no_picture": {
        "en": "The file has sound but no picture. Send the film itself.",
    },
    "too_few_pictures": {
        "en": "The file holds a single picture, not a film. Send a film of a few seconds.",
    },
    "film_too_long": {
        "en": "The film is {seconds} s long. Cut it to {limit} s or less.",
    },
}


def refuse(code: str, language: str = "en", **values: int) -> Refused:
    """The refusal `code` with its text in `language`, ready to be raised."""
    texts = TEXTS[code]
    return Refused(code, texts.get(language, texts["en"]).format(**values))
