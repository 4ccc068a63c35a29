"""The words of the window for a translator: ``python -m docs.make_words [--write]``.

Finds every text literal of ``tr(...)`` and ``mark(...)`` in ``app/ui``, every text of the coach's word files and every
sentence that the coach's modules put together, and compares them with the catalogue of each language
(``assets/i18n/CODE.json``). ``--write`` adds what is missing with an
empty translation and drops what is no longer used. Without it the exit code is 1 where something is to be done.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
UI, COACH, CATALOGUES = ROOT / "app" / "ui", ROOT / "app" / "coach", ROOT / "assets" / "i18n"
FUNCTIONS = ("tr", "mark")
WORD_FILES = ("rules.toml", "setup.toml", "drills.toml")
#: Keys of the word files that hold words for people. ``source`` is a citation and stays as it was published.
WORD_KEYS = frozenset({"words", "fix", "article_view", "claim", "shown", "spoken", "image", "title", "passed", "how"})
#: Tables of the word files whose every text is for people.
WORD_TABLES = frozenset({"praise"})


#: Modules of the coach whose sentences are shown in the window (not those that only tell what is wrong in a file).
SPEAKING = (
    "dose", "drill_model", "drills", "front", "guard", "model", "policy", "quantities", "reference", "setup",
    "setup_checks", "stance", "standing", "stored", "summary", "view",
)  # fmt: skip


class NotALiteralError(ValueError):
    """A text that `tr` or `mark` is given cannot be found by reading the program."""


def literals(source: str, name: str) -> dict[str, str]:
    """Return the texts of ``tr`` and ``mark`` in a module, and where the first of each is.

    Raises:
        NotALiteralError: one of them is given an f-string or a sum, or ``mark`` something else than a text.

    """
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
            continue
        place = f"{name}:{node.lineno}"
        for text in _texts(node.args[0] if node.args else None, node.func.id, place):
            found.setdefault(text, place)
    return found


def _texts(given: ast.expr | None, function: str, place: str) -> Iterator[str]:
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(given, ast.IfExp):
        for branch in (given.body, given.orelse):
            yield from _texts(branch, function, place)
    elif isinstance(given, ast.JoinedStr | ast.BinOp | type(None)) or function == "mark":
        raise NotALiteralError(
            f"{place}: {function}() needs one text as it stands, with {{name}} for what is filled in"
        )
    # Anything else is a name: words that were marked elsewhere.


def words_of_ui(folder: Path = UI) -> dict[str, str]:
    """Return the texts of all modules below ``folder``, and where the first of each is."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        for text, place in literals(path.read_text(encoding="utf-8"), path.relative_to(folder).as_posix()).items():
            found.setdefault(text, place)
    return found


def sentences(source: str, name: str) -> dict[str, str]:
    """Return the texts of more than one word in a module, and where the first of each is.

    What is filled into an f-string becomes ``{name}`` after the variable, as `app.ui.language` understands it.
    Docstrings and what is raised or asserted are left out.
    """
    tree, skipped = ast.parse(source), set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.Assert):
            skipped |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))  # a docstring
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        text = _template(node) if isinstance(node, ast.JoinedStr) else getattr(node, "value", "")
        if isinstance(text, str) and " " in text.strip() and re.search("[a-z]{2}", re.sub(r"\{\w+\}", "", text)):
            found.setdefault(text, f"{name}:{getattr(node, 'lineno', 0)}")
    return found


def _template(joined: ast.JoinedStr) -> str:
    """Return an f-string as a text with named slots, each name once."""
    parts: list[str] = []
    for number, part in enumerate(joined.values):
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
            continue
        assert isinstance(part, ast.FormattedValue)
        named = part.value
        name = named.id if isinstance(named, ast.Name) else named.attr if isinstance(named, ast.Attribute) else "value"
        parts.append(f"{{{name}}}" if f"{{{name}}}" not in parts else f"{{{name}_{number}}}")
    return "".join(parts)


def words_of_modules(folder: Path = COACH) -> dict[str, str]:
    """Return the sentences of the coach's modules that speak, and where the first of each is."""
    found: dict[str, str] = {}
    for name in SPEAKING:
        for text, place in sentences((folder / f"{name}.py").read_text(encoding="utf-8"), f"{name}.py").items():
            found.setdefault(text, place)
    return found


def words_of_coach(folder: Path = COACH) -> dict[str, str]:
    """Return the texts of the coach's word files, each on one line, and where the first of each is."""
    found: dict[str, str] = {}
    for name in WORD_FILES:
        tree = tomllib.loads((folder / name).read_text(encoding="utf-8"))
        for text, place in _texts_of(tree, name):
            if any(sign.isalpha() for sign in text):
                found.setdefault(" ".join(text.split()), place)
    return found


def _texts_of(tree: Mapping[str, Any], place: str, every: bool = False) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        here, wanted = f"{place} {key}", every or key in WORD_KEYS
        if isinstance(value, dict):
            yield from _texts_of(value, here, key in WORD_TABLES)
        elif isinstance(value, list):
            for part in value:
                if isinstance(part, dict):
                    yield from _texts_of(part, here)
                elif isinstance(part, str) and wanted:
                    yield part, here
        elif isinstance(value, str) and wanted:
            yield value, here


def slots(text: str) -> list[str]:
    """Return the names of what is filled in, in alphabetical order. Raises ValueError for braces that do not match."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def problems(wanted: Mapping[str, str], catalogue: Mapping[str, str]) -> list[str]:
    """Return one line for every entry that is missing, no longer used, empty, or has other slots than the English."""
    found = [f"missing ({place}): {english!r}" for english, place in wanted.items() if not catalogue.get(english)]
    for english, other in catalogue.items():
        if english not in wanted:
            found.append(f"not used: {english!r}")
            continue
        try:
            same = set(slots(english)) == set(slots(other)) if other else True
        except ValueError:
            same = False
        if not same:
            found.append(f"other slots: {english!r} and {other!r}")
    return found


def wanted_words() -> dict[str, str]:
    """Return every text that is to be translated, and where the first of each is."""
    return {**words_of_modules(), **words_of_coach(), **words_of_ui()}


def written(wanted: Mapping[str, str], catalogue: Mapping[str, str]) -> str:
    """Return the catalogue's file with what is missing added and what is not used dropped, in alphabetical order."""
    entries = {
        english: catalogue.get(english, "") for english in sorted(wanted, key=lambda text: (text.casefold(), text))
    }
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Report on, or with ``--write`` renew, every catalogue; return the exit code."""
    wanted, undone = wanted_words(), 0
    paths = sorted(CATALOGUES.glob("*.json")) or [CATALOGUES / "es.json"]
    for path in paths:
        catalogue = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if "--write" in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = written(wanted, catalogue)
            path.write_text(text, encoding="utf-8", newline="\n")
            catalogue = json.loads(text)
        lines = problems(wanted, catalogue)
        undone += len(lines)
        sys.stdout.write("".join(f"{path.stem}: {line}\n" for line in lines))
        sys.stdout.write(f"{path.stem}: {len(wanted)} texts, {len(lines)} to be done\n")
    return 1 if undone else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
