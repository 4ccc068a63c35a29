"""Another language: words, words that were filled in, Qt's own words; and the check of a catalogue."""

from __future__ import annotations

import json
import string

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from app.store import catalogue
from app.ui.language import OTHERS, Catalogue, install_language, installed_language, language_of, load_catalogue
from app.ui.words import tr
from docs.make_words import (
    NotALiteralError,
    literals,
    problems,
    sentences,
    slots,
    wanted_words,
    words_of_coach,
    written,
)

ENTRIES = {
    "Start": "Empezar",
    "Looking for cameras …": "Buscando cámaras …",
    "{n} of {target}": "{n} de {target}",
    "The light is {value:.0f} of 255: {what}": "{what}: la luz es {value} de 255",
    "more light": "más luz",
    "{n}": "¡{n}!",
    "Stop": "",
    "Light": "Luz",
    "Light [colours]": "Claro",
    "one step": "un paso",
    "Hips back": "Caderas atrás",
    "Too close. {move} further": "Muy cerca. {move} más",
}


@pytest.fixture
def spanish(qapp, tmp_path, monkeypatch):
    (tmp_path / "es.json").write_text(json.dumps(ENTRIES), encoding="utf-8")
    monkeypatch.setattr(catalogue, "asset_path", lambda folder, name: tmp_path / name)
    assert install_language(qapp, "es") == "es"
    yield
    assert install_language(qapp, "en") == "en"


# ---- the window -----------------------------------------------------------------------------------------------


def test_words_are_translated_and_unknown_ones_stay(spanish) -> None:
    assert tr("Start") == "Empezar"
    assert tr("Looking for cameras …") == "Buscando cámaras …"
    assert tr("{n} of {target}").format(n=3, target=10) == "3 de 10"
    assert tr("Nobody knows this") == "Nobody knows this"
    assert tr("Stop") == "Stop"  # an empty translation is none
    assert tr("") == ""


def test_words_that_were_filled_in_already_are_found_by_what_is_around(spanish) -> None:
    assert tr("The light is 31 of 255: more light") == "más luz: la luz es 31 de 255"
    assert tr("The light is 31 of 255: a lamp") == "a lamp: la luz es 31 de 255"
    assert tr("The light is 31") == "The light is 31"
    assert tr("7") == "7"  # a text of nothing but slots fits everything and is not used for it


def test_one_english_word_of_two_senses(spanish) -> None:
    assert tr("Light") == "Luz"
    assert tr("Light", "colours") == "Claro"


def test_a_capital_letter_and_several_sentences(spanish) -> None:
    assert tr("Too close. One step further") == "Muy cerca. Un paso más"
    assert tr("3. Hips back") == "3. Caderas atrás"
    assert tr("3. Nobody knows") == "3. Nobody knows"


def test_which_language_holds(spanish, qapp) -> None:
    assert installed_language() == "es"
    install_language(qapp, "en")
    assert installed_language() == "en"


def test_qts_own_words_and_those_of_others(spanish) -> None:
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancelar"
    assert QCoreApplication.translate("somebody else", "Start") == "Start"


def test_back_to_english(spanish, qapp) -> None:
    assert install_language(qapp, "en") == "en"
    assert tr("Start") == "Start"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    assert not qapp.findChildren(QTranslator)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"Start": 5}'])
def test_a_catalogue_that_cannot_be_used_leaves_english(qapp, tmp_path, monkeypatch, caplog, text: str | None) -> None:
    if text is not None:
        (tmp_path / "es.json").write_text(text)
    monkeypatch.setattr(catalogue, "asset_path", lambda folder, name: tmp_path / name)
    assert install_language(qapp, "es") == "en"
    assert tr("Start") == "Start"
    assert "stays English" in caplog.text


def test_the_systems_language(qapp, tmp_path, monkeypatch) -> None:
    assert language_of(["es-MX", "en"]) == "es"
    assert language_of(["de-DE", "es_ES"]) == "es"
    assert language_of(["de-DE", "en-GB", "es"]) == "en"
    assert language_of([]) == "en"
    (tmp_path / "es.json").write_text("{}")
    monkeypatch.setattr(catalogue, "asset_path", lambda folder, name: tmp_path / name)
    monkeypatch.setattr(QLocale, "uiLanguages", lambda self: ["es-AR", "es"])
    assert install_language(qapp, "") == "es"
    install_language(qapp, "en")


def test_more_words_of_its_own_win() -> None:
    both = Catalogue({"{a} is there": "A {a}", "The {b} camera is there": "B {b}"})
    assert both.translated("The new camera is there") == "B new"
    assert both.translated("Ann is there") == "A Ann"


# ---- the catalogue --------------------------------------------------------------------------------------------


def test_literals_of_both_functions_are_found() -> None:
    source = 'A = (mark("one"), tr("two " "parts"), tr("a" if x else "b"), tr(name), other("no"), tr(spec.title))'
    assert literals(source, "m.py") == {"one": "m.py:1", "two parts": "m.py:1", "a": "m.py:1", "b": "m.py:1"}


@pytest.fixture(scope="module")
def wanted() -> dict[str, str]:
    return wanted_words()


def test_sentences_that_the_coach_puts_together_become_texts_with_slots(wanted) -> None:
    source = '''
"""Not this one."""
def f(angle_deg, view):
    """Nor this."""
    if angle_deg < 0:
        raise ValueError("nor that")
    return "oneword", "two words", f"turned by {angle_deg:.0f} deg, {view.side} {g()} {angle_deg}", f"{view} {view}"
'''
    assert list(sentences(source, "m.py")) == ["two words", "turned by {angle_deg} deg, {side} {value} {angle_deg_7}"]
    turned = next(text for text in wanted if text.startswith("the camera is not side-on"))
    assert Catalogue({turned: turned.replace("the camera", "la cámara")}).translated(
        "the camera is not side-on (turned about 31 deg)"
    ) == "la cámara is not side-on (turned about 31 deg)"  # fmt: skip


@pytest.mark.parametrize("source", ['tr(f"{n} of")', 'tr("a" + b)', "tr()", "mark(name)"])
def test_what_cannot_be_found_by_reading_is_refused(source: str) -> None:
    with pytest.raises(NotALiteralError, match=r"^m\.py:1"):
        literals(source, "m.py")


def test_a_catalogue_is_compared_with_what_is_wanted() -> None:
    wanted = {"Start": "a.py:1", "{n} of {m}": "b.py:2", "Stop": "c.py:3", "Go": "d.py:4"}
    found = problems(wanted, {"Start": "Empezar", "{n} of {m}": "{n} de {k}", "Stop": "", "Old": "Viejo"})
    assert found == [
        "missing (c.py:3): 'Stop'",
        "missing (d.py:4): 'Go'",
        "other slots: '{n} of {m}' and '{n} de {k}'",
        "not used: 'Old'",
    ]
    assert problems({"{n:.0f} s": "a"}, {"{n:.0f} s": "{n} s"}) == []
    assert problems({"{n} s": "a"}, {"{n} s": "{n s"}) == ["other slots: '{n} s' and '{n s'"]
    assert problems({"Go": "a"}, {"Go": "Ya"}) == []
    long = "ADELANTE, HACIA EL CENTRO"
    assert problems({"AHEAD": "x.toml ahead shown"}, {"AHEAD": long}) == [f"too long to show: {long!r} for 'AHEAD'"]
    assert problems({"AHEAD": "x.toml ahead image"}, {"AHEAD": long}) == []


def test_slots() -> None:
    assert slots("{value:.0f} of {n}, {{no}}") == ["n", "value"]


def test_renewing_keeps_what_was_done() -> None:
    text = written({"b": "", "A": "", "new": ""}, {"A": "Á", "old": "viejo", "b": "be"})
    assert json.loads(text) == {"A": "Á", "b": "be", "new": ""}
    assert text.index('"A"') < text.index('"b"') < text.index('"new"')


def test_what_is_added_up_in_two_lines_is_one_text() -> None:
    source = 'def f(x):\n    line = f"{x} is "\n    line += "the one"\n    return line'
    assert list(sentences(source, "m.py")) == ["{x} is the one"]


def test_faults_of_the_world_are_shown_and_those_of_ours_are_not() -> None:
    source = """
def f(n):
    logger.error("for the log %s", n)
    if n:
        raise CaptureError(f"Camera {n} does not open")
    raise ValueError("a bug of ours")
"""
    assert list(sentences(source, "m.py", raised=True)) == ["Camera {n} does not open"]
    assert list(sentences(source, "m.py")) == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_catalogue_is_complete(wanted, code: str) -> None:
    assert problems(wanted, load_catalogue(code)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_numbers_are_written_as_in_english(code: str) -> None:
    def written_as(text: str) -> set[tuple[str | None, str | None]]:
        return {(name, form) for _, name, form, _ in string.Formatter().parse(text) if name is not None}

    other = {english: words for english, words in load_catalogue(code).items() if "{" in english}
    assert [english for english, words in other.items() if written_as(english) != written_as(words)] == []


def test_every_word_of_the_window_and_the_coach_can_be_found(wanted) -> None:
    assert "Looking for cameras …" in wanted
    assert "Squeezed hip" in wanted
    assert "DUCK UNDER THE ROOF" in words_of_coach()
    assert words_of_coach()["Duck under the roof"].startswith("rules.toml")
    for text in wanted:
        slots(text)  # the braces match
