"""Targets of the fuzzer of the window: its settings file, and the catalogues of other languages."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import asdict
from pathlib import Path
from string import Formatter
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from benchmarks.fuzz_cases import damaged_text, damaged_tree, hostile_text
from benchmarks.fuzz_run import Target, forget

# ---------------------------------------------------------------------- settings


_numbers = itertools.count()


def _prefs_cases() -> SearchStrategy[Any]:
    from app.ui.choice import Choice

    choice = json.dumps(asdict(Choice())).replace(chr(34), chr(92) + chr(34))
    seed = (
        "[General]\nversion=2\ntheme=dark\nlanguage=es\nrunner=Anna\nheight_cm=178\ndrop_cm=2.54\nunits=imperial\n"
        "delay_s=5\nlayout=coach\nscreen=run\ncountdown=true\nmute=false\n"
        'keys="{\\"start\\": \\"Space\\"}"\nsound="{\\"volume\\": 0.5}"\n'
        f'choice="{choice}"\ngeometry=@ByteArray(\\x1\\xd9\\xd0)\n\n[split]\nrun=@ByteArray(x)\n'
    )
    words = ("@ByteArray(", "@Variant(\\0\\0)", "@Invalid()", "nan", "inf", "1e999", "version=3",
             "version=99999999999", "[", "{", "null", "[[[[", "\\x0", "-1", "178", '"', "true", "0", "@String(",
             "@Size(1 2)", "=")  # fmt: skip
    texts = damaged_text([seed, seed.replace("version=2\n", "split=@ByteArray(x)\n")], words, most=8)
    values = st.tuples(st.sampled_from(("choice", "keys", "sound")), damaged_tree([asdict(Choice()), {"a": "b"}]))
    return st.one_of(texts, texts, values)


def _check_prefs(case: Any, folder: Path) -> str:
    from PySide6.QtCore import QSettings

    from app.ui.choice import Choice
    from app.ui.prefs import Kept, Prefs

    forget(folder)
    path = folder / f"settings-{next(_numbers)}.ini"  # Qt remembers what was in a file of the same name
    if isinstance(case, str):
        path.write_bytes(case.encode(errors="surrogatepass"))
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    if not isinstance(case, str):
        settings.setValue(case[0], json.dumps(case[1]).encode(errors="replace").decode())
    prefs = Prefs(settings)
    found = {name: getattr(prefs, name) for name, kept in vars(Prefs).items() if isinstance(kept, Kept)}
    assert found["height_cm"] is None or 100.0 <= found["height_cm"] <= 230.0
    assert 3.0 <= found["delay_s"] <= 10.0
    assert 1.27 <= found["drop_cm"] <= 5.08
    assert found["language"] in ("", "en", "es")
    _use_prefs(prefs, found)
    choice = prefs.last_choice(Choice())
    assert isinstance(choice, Choice)
    hints: dict[str, Any] = {"fps": float, "act": str, "path": str, "seed": int, "oracle": bool, "runner": str}
    for name, kind in hints.items():
        value = getattr(choice, name)
        assert isinstance(value, kind | int if kind is float else kind), f"{name} = {value!r}"
    assert math.isfinite(choice.fps)
    assert 0.0 < choice.fps <= 1000.0
    assert choice.height_cm is None or 100.0 <= choice.height_cm <= 230.0
    assert all(0 < side <= 100_000 for side in choice.size_px)
    assert isinstance(choice.camera, int | str)
    assert choice.mirror in (None, True, False)
    hash(choice)
    for name, value in found.items():
        if value is not None and value != {}:
            setattr(prefs, name, value)
    prefs.sync()
    return "newer" if prefs.newer else "taken"


def _use_prefs(prefs: Any, found: dict[str, Any]) -> None:
    """Give what was read to who uses it."""
    from app.ui.keys import KeyMap
    from app.ui.sounds import sound_choice_from

    sound = sound_choice_from(dict(found["sound"]))
    assert all(math.isfinite(value) for value in asdict(sound).values() if isinstance(value, float))
    assert 0.0 <= sound.volume <= 1.0
    KeyMap(found["keys"])


# ---------------------------------------------------------------------- catalogue


def _words_cases() -> SearchStrategy[Any]:
    slots = st.lists(
        st.sampled_from(("{a}", "{b}", "{}", " of ", "Step", ". ", "One", "{a!r}", "{a:.2f}", "{", "}")), max_size=6
    )
    text = st.one_of(slots.map("".join), hostile_text(20))
    return st.tuples(st.dictionaries(text, text, max_size=8), text)


def _check_words(case: Any, _folder: Path) -> str:
    from app.ui.language import Catalogue

    entries, english = case
    for one in entries:  # what no program text is: they are checked by docs/make_words
        try:
            list(Formatter().parse(one))
            list(Formatter().parse(entries[one]))
        except ValueError:
            return "no catalogue"
    found = Catalogue(entries).translated(english)
    assert found is None or isinstance(found, str)
    if entries.get(english):
        assert found == entries[english]
    for one in (english, f"{english}. {english}"):
        Catalogue(entries).translated(one)
    return "known" if found else "unknown"


TARGETS = (
    Target("settings", "the window's settings file", _prefs_cases, _check_prefs, 4),
    Target("words", "catalogues of other languages", _words_cases, _check_words, 8),
)
