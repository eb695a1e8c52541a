"""Every sentence in nine languages: none missing, none left in English, every placeholder filled."""

import re

import pytest

from engine.answer.advice import EXERCISES, unit_after
from engine.measure.bands import back_bands, side_bands
from engine.measure.numbers import STEPS_PER_MINUTE
from engine.measure.style import PLACES
from engine.order import LANGUAGES
from engine.texts import FOLDER, catalogue, refused, text

OTHERS = [language for language in LANGUAGES if language != "en"]
# Words that are the same in several languages, and names no language translates.
SAME = re.compile(r"(^exercise\.(a_skip|b_skip|plank|bounding|clamshell)$)|animal$|title$|^finding\.|^part\.")


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_missing_and_every_placeholder_is_kept(language):
    english, other = catalogue("en"), catalogue(language)
    assert list(other) == list(english)
    for key, sentence in english.items():
        assert other[key].strip(), key
        assert sorted(re.findall(r"{\w+}", other[key])) == sorted(re.findall(r"{\w+}", sentence)), key


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_left_in_english(language):
    english, other = catalogue("en"), catalogue(language)
    assert [key for key in english if english[key] == other[key] and not SAME.search(key)] == []


@pytest.mark.parametrize("language", ["zh", "ja", "ko"])
def test_asian_languages_are_written_in_their_own_script(language):
    script = {"zh": "[一-鿿]", "ja": "[぀-ヿ一-鿿]", "ko": "[가-힯]"}[language]
    plain = [key for key, sentence in catalogue(language).items() if not re.search(script, sentence)]
    assert [key for key in plain if not key.startswith("finding.")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_a_band_can_give_has_its_sentence_and_cue(language):
    for key, band in (side_bands(3.0, 1.72) | back_bands()).items():
        assert text(f"measure.{key}.title", language)
        for verdict, edge in (("low", band.good[0]), ("high", band.good[1])):
            if abs(edge) != float("inf"):
                assert text(f"measure.{key}.{verdict}", language)
                assert text(f"measure.{key}.cue_{verdict}", language)
                assert EXERCISES[key, verdict]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_is_used_has_its_sentence(language):
    files = ("measure/gates.py", "measure/recipe.py", "video.py", "actions.py")
    source = "".join((FOLDER.parent / name).read_text(encoding="utf-8") for name in files)
    refusals = {"walking", *re.findall(r'refused?\(\s*"(\w+)"', source), *re.findall(r'"(measuring_\w+)"', source)}
    warnings = set(re.findall(r'warnings\.add\(\s*"(\w+)"', source))
    assert refusals == {key.split(".")[1] for key in catalogue(language) if key.startswith("refusal.")}
    assert warnings == {key.split(".")[1] for key in catalogue(language) if key.startswith("warning.")}
    for style in PLACES:
        assert text(f"style.{style}.title", language)


def test_an_unknown_language_is_answered_in_english():
    assert refused("walking", "xx").text == refused("walking", "en").text


def test_a_cadence_is_told_in_steps_a_minute_in_the_coachs_words():
    written = {language: unit_after(STEPS_PER_MINUTE, language) for language in LANGUAGES}
    assert (written["en"], written["de"], written["ja"]) == ("\xa0steps/min", "\xa0Schritte/min", "\xa0歩/分")
    assert len(set(written.values())) == len(LANGUAGES)
    assert [unit_after(unit, "de") for unit in ("°", "%", "ms", "")] == ["°", "\xa0%", "\xa0ms", ""]
