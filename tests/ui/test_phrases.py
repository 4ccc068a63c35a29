"""The shipped phrases: everything that the coach says can be said, and the files are sound."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path

import numpy as np
import pytest

import app.coach
from app.coach import drill_model, drills, reference
from app.store.assets import asset_path
from app.ui.language import Catalogue, load_catalogue
from app.ui.phrases import (
    BETWEEN_S,
    RATE_HZ,
    WITHIN_S,
    PhraseBook,
    difference,
    file_name,
    read_phrases,
    words_of,
)
from assets.make_phrases import ELSEWHERE

LANGUAGES = ("en", "es")
FOLDERS = {language: asset_path("phrases", language) for language in LANGUAGES}
FOLDER = FOLDERS["en"]
#: What the slots of a sentence hold: every one of them once.
SLOTS = [
    {"n": "1", "set": "1", "sets": "2", "reps": "9", "rest": "30", "move": "One step", "value": 3.4},
    {"n": "30", "set": "3", "sets": "3", "reps": "45", "rest": "95", "move": "4 steps", "value": 12.0},
    {"n": "120", "set": "10", "sets": "10", "reps": "135", "rest": "200", "move": "10 steps", "value": 0.6},
]  # fmt: skip
OTHERS = {"change": "Hips further back", "seen": "left", "wanted": "right", "lower": "left"}


def spoken(tree: object) -> list[str]:
    """Every wording under a key "spoken"."""
    found: list[str] = []
    for key, value in tree.items() if isinstance(tree, dict) else ():
        if key == "spoken":
            found += [value] if isinstance(value, str) else value
        else:
            found += spoken(value)
    return found


def default_lines() -> list[str]:
    home = Path(app.coach.__file__).parent
    texts = [home.joinpath(name).read_text(encoding="utf-8") for name in ("rules.toml", "setup.toml", "drills.toml")]
    return [line for text in texts for line in spoken(tomllib.loads(text))]


@pytest.fixture(scope="module")
def book() -> PhraseBook:
    return PhraseBook(FOLDER)


@pytest.fixture(scope="module")
def spanish() -> PhraseBook:
    return PhraseBook(FOLDERS["es"], "es")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(load_catalogue("es"))


def test_every_spoken_line_can_be_said_whole(book: PhraseBook) -> None:
    lines = default_lines()
    assert len(lines) > 100
    silent = [
        line.format(**slots, **OTHERS)
        for line in lines
        for slots in SLOTS
        if not book.pieces(line.format(**slots, **OTHERS))
    ]
    assert silent == []


def test_every_spoken_line_can_be_said_whole_in_spanish(spanish: PhraseBook, catalogue: Catalogue) -> None:
    filled = {line.format(**slots, **OTHERS) for line in default_lines() for slots in SLOTS}
    translated = {line: catalogue.translated(line) for line in filled}
    numbers = {slots["n"] for slots in SLOTS}
    assert {line for line, words in translated.items() if words is None} == numbers
    assert [words for words in translated.values() if words and not spanish.pieces(words)] == []
    assert not spanish.pieces("Duck under the roof")


def test_what_the_coach_says_besides_can_be_said_in_spanish(spanish: PhraseBook, catalogue: Catalogue) -> None:
    for text in (*ELSEWHERE, f"Paused: {drill_model.NOBODY}", "Standing of an earlier session: angles and scale only"):
        words = catalogue.translated(text)
        if text not in ("steps", "angles and scale only"):  # pieces of other sentences
            assert words is not None
            assert spanish.pieces(words), words


def test_a_line_without_slots_is_one_file(book: PhraseBook) -> None:
    fixed = [line for line in default_lines() if all(name is None for _, name, *_ in string.Formatter().parse(line))]
    assert len(fixed) > 80
    assert [line for line in fixed if len(book.pieces(line)) != 1] == []


def test_why_a_drill_is_paused_can_be_said(book: PhraseBook) -> None:
    for why in (
        drills.STAND_STILL, drill_model.NO_STANDING, drill_model.NOT_WHOLE, drill_model.NOBODY, drill_model.SIDE_ON,
        drill_model.TURNED, reference.STALE,
    ):  # fmt: skip
        assert len(book.pieces(f"Paused: {why}")) == 2


def test_every_number_below_a_thousand_can_be_said(book: PhraseBook) -> None:
    assert [number for number in range(1000) if not book.pieces(str(number))] == []
    assert [path.stem for _, path in book.pieces("345")] == ["3", "hundred", "40", "5"]


def test_every_number_below_a_thousand_can_be_said_in_spanish(spanish: PhraseBook) -> None:
    assert [number for number in range(1000) if not spanish.pieces(str(number))] == []
    for number, pieces in {
        21: ["21"], 31: ["30", "y", "1"], 100: ["100"], 101: ["ciento", "1"], 145: ["ciento", "40", "y", "5"],
        200: ["200"], 345: ["300", "40", "y", "5"], 910: ["900", "10"],
    }.items():  # fmt: skip
        assert [path.stem for _, path in spanish.pieces(str(number))] == pieces


def test_accents_do_not_matter(spanish: PhraseBook) -> None:
    assert [path.name for _, path in spanish.pieces("¡Caderas más atrás!")] == ["caderas-mas-atras.wav"]
    assert file_name("¿Está tapada?", "es") == "esta-tapada.wav"


def test_a_sentence_is_put_together_with_rests_between(book: PhraseBook) -> None:
    text = "3. Set 2 done. Rest 45 seconds"
    names = [path.stem for _, path in book.pieces(text)]
    assert names == ["3", "set", "2", "done", "rest", "40", "5", "seconds"]
    whole = book.samples(text)
    single = sum(piece.size for piece in read_phrases([path for _, path in book.pieces(text)]))
    assert whole is not None
    assert whole.size == single + 2 * round(BETWEEN_S * RATE_HZ) + 5 * round(WITHIN_S * RATE_HZ)


@pytest.mark.parametrize("text", ["Elbows in", "Duck under the moon", "", "...", "1234567"])
def test_what_is_not_covered_is_not_said_in_part(book: PhraseBook, text: str) -> None:
    assert book.pieces(text) == ()
    assert book.samples(text) is None


@pytest.mark.parametrize("text", ["DUCK under the roof!", "duck under the roof", "Duck, under the roof"])
def test_case_and_stops_do_not_matter(book: PhraseBook, text: str) -> None:
    assert [path.name for _, path in book.pieces(text)] == ["duck-under-the-roof.wav"]


def test_words_and_sentences() -> None:
    assert words_of("That's it. Side-on: 45!") == (("thats", "it", "side", "on", "40", "5"), frozenset({2, 4}))
    assert words_of("That’s it") == words_of("That's it")
    assert file_name("Hold it, don't move.") == "hold-it-dont-move.wav"


def test_no_folder_is_a_book_without_phrases(tmp_path: Path) -> None:
    assert len(PhraseBook(tmp_path / "none")) == 0
    assert PhraseBook(tmp_path / "none").samples("Duck under the roof") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_small_even_and_clean(language: str) -> None:
    paths = sorted(FOLDERS[language].iterdir())
    assert {path.suffix for path in paths} == {".wav"}
    assert sum(path.stat().st_size for path in paths) < 3_000_000
    assert max(len(path.name) for path in paths) < 120
    for path, samples in zip(paths, read_phrases(paths), strict=True):
        loud = np.sort(np.abs(samples.astype(float)))[samples.size // 2 :]
        level_db = 20 * np.log10(np.sqrt((loud**2).mean()) / 32768)
        assert -18.5 < level_db < -14.5, path.name
        assert np.abs(samples).max() < 0.95 * 32768, path.name
        assert np.abs(samples[[0, -1]]).max() < 300, path.name
        assert 0.1 < samples.size / RATE_HZ < 6.5, path.name
        assert re.fullmatch(r"[a-z0-9-]+\.wav", path.name)


def test_a_known_block_is_decoded_by_the_rules_of_ima() -> None:
    # Of a step of 7 the eighth is 0, the quarter 1, the half 3; 8 more take away what the lower bits add.
    assert [difference(code, 7) for code in range(8)] == [0, 1, 3, 4, 7, 8, 10, 11]
    assert [difference(code, 7) for code in range(8, 16)] == [0, -1, -3, -4, -7, -8, -10, -11]


def wav(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@pytest.mark.parametrize("data", [b"", b"RIFF", wav("1.wav")[:-1], wav("1.wav")[:40], b"JUNK" + wav("1.wav")[4:]])
def test_a_broken_file_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "one.wav").write_bytes(data)
    with pytest.raises(ValueError, match=r"one\.wav is no IMA ADPCM"):
        PhraseBook(tmp_path).samples("One")
