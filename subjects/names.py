"""Words of a name as a person compares them: without accents, capitals, signs or order."""

from __future__ import annotations

import re
import unicodedata

# Letters that no decomposition takes apart; a keyboard without them writes these.
SPELT = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
# Müller is written Mueller and Muller; Müller and Müler stay two names.
UMLAUTS = re.compile(r"(?<=[aou])e")
PARTS = re.compile(r"[^\W\d_]+|\d+")


def plain(text: str) -> str:
    """Return `text` without accents and capitals: "Ångström" is "angstrom", "Weiß" is "weiss"."""
    low = unicodedata.normalize("NFKC", text).casefold().translate(SPELT)
    # Marks are taken off Latin letters alone: off Japanese ones they would make another sound of them.
    return unicodedata.normalize("NFC", "".join(map(_without_marks, low)))


def _without_marks(sign: str) -> str:
    apart = unicodedata.normalize("NFD", sign)
    if len(apart) > 1 and "a" <= apart[0] <= "z":
        return apart[0]
    return "" if len(apart) == 1 and unicodedata.combining(apart) and ord(apart) < 0x370 else sign


def words(text: str) -> list[str]:
    """Return the words and numbers in `text`, each plain and with ae, oe, ue as the vowel alone."""
    return [UMLAUTS.sub("", word) for word in PARTS.findall(plain(text))]


def key(name: str) -> tuple[str, ...]:
    """Return what two spellings of one name have in common: "Müller, Jörg" and "Joerg Mueller" are the same."""
    return tuple(sorted(words(name)))
