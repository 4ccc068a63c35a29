"""The words of the window for a translator: ``python -m docs.make_words [--write]``.

Finds every text literal of ``tr(...)`` and ``mark(...)`` in ``app/ui``, every text of the coach's word files, every
sentence that the coach's modules put together and every line on what is wrong with a source, and compares them with the
catalogue of each language (``assets/i18n/CODE.json``). ``--write`` adds what is missing with an empty translation and
drops what is no longer used. Without it the exit code is 1 where something is to be done.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from app.store.report.words import readable
from app.ui.choice import ACT_WORDS

ROOT = Path(__file__).resolve().parent.parent
APP, CATALOGUES = ROOT / "app", ROOT / "assets" / "i18n"
UI, COACH = APP / "ui", APP / "coach"
FUNCTIONS = ("tr", "mark")
WORD_FILES = ("rules.toml", "setup.toml", "drills.toml")
#: Keys of the word files that hold words for people. ``source`` is a citation and stays as it was published.
WORD_KEYS = frozenset({"words", "fix", "article_view", "claim", "shown", "spoken", "image", "title", "passed", "how"})
#: Letters of the words on a card.
LONGEST_SHOWN = 24
#: Tables of the word files whose every text is for people.
WORD_TABLES = frozenset({"praise"})

#: Modules of the coach whose sentences are shown in the window (not those that only tell what is wrong in a file).
SPEAKING = (
    "dose", "drill_model", "drills", "front", "guard", "model", "policy", "quantities", "reference", "setup",
    "setup_checks", "stance", "standing", "stored", "summary", "view",
)  # fmt: skip
#: Modules whose errors and notices come to the window: to the banner, the status line, the pages.
WARNING = (
    "capture/camera_reader", "capture/cameras", "capture/clip_facts", "capture/clip_times", "capture/opencv",
    "capture/photo", "capture/source", "capture/trc", "capture/trc_check", "capture/unreadable", "capture/video",
    "capture/webcam", "pose/litert_net", "pose/mediapipe_estimator", "pose/model",
    "session/observing", "session/recorder", "session/recordings", "session/seeing", "store/atomic", "store/history",
    "store/keepsakes", "store/people",
    "store/sessions/note", "store/sessions/pose_file", "store/sessions/recording", "store/sessions/recovery",
    "store/sessions/schema",
    "ui/people", "validation/checkup/checks_camera", "validation/checkup/checks_display",
    "validation/checkup/checks_folders", "validation/checkup/checks_software", "validation/checkup/checks_speed",
    "validation/checkup/parts", "validation/checkup/places",
)  # fmt: skip
#: Modules whose sentences stand in a report, and its page.
REPORT = ("charts", "findings", "numbers", "page", "sessions", "words")
REPORT_PAGE, NOT_MEASURED = "store/report/template.html.j2", "store/not_measured.py"
#: Single words of a report, and what its numbers are put together with.
REPORT_WORDS = (
    "1 step", "{n} steps", "1 judged step", "{n} judged steps", "1 counted repetition", "{n} counted repetitions",
    "1 stance", "{n} stances", "1 repetition", "{n} repetitions", "1 set", "{n} sets", "{n} % of your height",
    "{n} % height", "{n} of 100", "{n} steps/min", "Run [title]", "to [between numbers]",
    "of [between numbers]", "Source",
    "side", "ground contact and flight", "in clips", "where nothing could be judged",
    "in whole clips at their true speed",
    "Frames", "View", "App", "Rules", "Run", "Drill", "Session", "Said", "Marked", "Held", "Depth", "Tempo",
    "Bounce", "Reach", "Flight", "Cadence", "Good", "roof", "step", "steps", "repetitions", "run", "drill", "video",
    "photo", "none", "file", "agrees", "disagrees", "oblique", "front", "below", "above", "January", "February",
    "March", "April", "May", "June", "July", "August", "September", "October", "November", "December", "Over time",
    "Trunk lean", "Head height", "When", "Lean from the hip", "Now", "{n} cues", "Pose model", "Hips forward",
    "Hips squeezed", "Too much lean", "Feet side by side", "Good steps", "Good repetitions", "Longest hold",
    "Line lean", "Repetitions", "cadence", "bounce", "flight", "reach", "toe-off", "push-off",
)  # fmt: skip
#: Errors that only a bug of ours raises.
OUR_ERRORS = frozenset({"AssertionError", "IndexError", "KeyError", "RuntimeError", "TypeError", "ValueError"})
#: Single words that the coach puts into its sentences or says instead of one, and what it puts together by itself.
OTHER_WORDS = (
    "left", "right", "nearer", "nobody", "unknown", "standing", "stance", "walking", "running", "on the spot",
    "Standing of an earlier session: angles and scale only",
)  # fmt: skip
#: A text that is a name, an address or a command rather than words.
_NO_WORDS = re.compile(
    r"%[sd]|^[A-Z][A-Za-z]+ and [A-Z][A-Za-z]+ |^\{\w+\}, line \{\w+\}$|^REar or"
    r"|\w = (\?|[A-Z])|^(curve|bar|spread) |\[title\]$|is null|CREATE |ALTER TABLE |DELETE FROM|SELECT |PRAGMA "
    r"|^hingecoach [\w -]+(\{\w+\})?$|^(un)?set \{?\w+\}?=?$|^chmod "
    r"|^(already exists|duplicate column|no such (table|column)|has no column named|unsupported file format)$"
    r"|^(malformed|Could not decode to UTF-8)$"
)


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
        sense = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else ""
        for text in _texts(node.args[0] if node.args else None, node.func.id, place):
            found.setdefault(f"{text} [{sense!s}]" if sense else text, place)
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


def sentences(source: str, name: str, raised: bool = False) -> dict[str, str]:
    """Return the texts of more than one word in a module, and where the first of each is.

    What is filled into an f-string becomes ``{name}`` after the variable, as `app.ui.language` understands it.
    Docstrings, what is logged or asserted, and what is raised are left out; ``raised``: the world's faults are not.
    """
    tree, skipped = ast.parse(source), set[int]()
    for node in ast.walk(tree):
        if _is_not_shown(node, raised):
            skipped |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))  # a docstring
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
    found: dict[str, str] = {}
    added = _added_up(tree)
    skipped |= {id(part) for parts in added.values() for part in parts[1:]}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if id(node) in added:
            pieces = [piece for part in added[id(node)] for piece in _pieces(part)]
            node = ast.copy_location(ast.JoinedStr(pieces), node)
        text = _template(node) if isinstance(node, ast.JoinedStr) else getattr(node, "value", "")
        if isinstance(text, str) and " " in text.strip() and re.search("[a-z]{2}", re.sub(r"\{\w+\}", "", text)):
            found.setdefault(text, f"{name}:{getattr(node, 'lineno', 0)}")
    return found


def _is_not_shown(node: ast.AST, raised: bool) -> bool:
    """Whether the texts in a statement or a call are for no user: asserted, logged, raised by a bug."""
    if isinstance(node, ast.Raise):
        kind = getattr(getattr(node.exc, "func", None), "id", "")
        return not raised or kind in OUR_ERRORS
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return getattr(node.func.value, "id", "") == "logger"
    return isinstance(node, ast.Assert)


def _added_up(tree: ast.AST) -> dict[int, list[ast.expr]]:
    """Return the texts that are put together by ``x = text`` and ``x += text`` right below it, by the first's id."""
    found: dict[int, list[ast.expr]] = {}
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for first, second in itertools.pairwise(body if isinstance(body, list) else []):
            if not (isinstance(first, ast.Assign) and isinstance(second, ast.AugAssign)):
                continue
            same = ast.unparse(first.targets[0]) == ast.unparse(second.target)
            if same and isinstance(second.op, ast.Add) and _pieces(first.value) and _pieces(second.value):
                found[id(first.value)] = [first.value, second.value]
    return found


def _pieces(text: ast.expr) -> list[ast.expr]:
    """Return the parts of a text or an f-string, none of anything else."""
    if isinstance(text, ast.JoinedStr):
        return text.values
    return [text] if isinstance(text, ast.Constant) and isinstance(text.value, str) else []


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


def words_of_warnings(folder: Path = APP) -> dict[str, str]:
    """Return the lines on what is wrong with a source, and where the first of each is."""
    found: dict[str, str] = {}
    for name in WARNING:
        texts = sentences((folder / f"{name}.py").read_text(encoding="utf-8"), f"{name}.py", raised=True)
        for text, place in texts.items():
            if not _NO_WORDS.search(text):
                found.setdefault(text, place)
    return found


def words_of_reports(folder: Path = APP / "store" / "report") -> dict[str, str]:
    """Return the sentences of a report and the words of its page, and where the first of each is."""
    found: dict[str, str] = dict.fromkeys(REPORT_WORDS, "said in a report")
    for name in REPORT:
        texts = sentences((folder / f"{name}.py").read_text(encoding="utf-8"), f"{name}.py")
        found.update((text, place) for text, place in texts.items() if not _NO_WORDS.search(text))
    warned = sentences((APP / NOT_MEASURED).read_text(encoding="utf-8"), "not_measured.py")
    found.update((line, "not_measured.py") for line in readable(list(warned), ""))
    page = (APP / REPORT_PAGE).read_text(encoding="utf-8")
    return {**found, **dict.fromkeys(re.findall(r'"([^"]+)"\|(?:t|sense)\b', page), "the report's page")}


def words_of_choice() -> dict[str, str]:
    """Return how sources are called: the module must do without Qt and so without `tr`."""
    place = "choice.py"
    texts = sentences((UI / place).read_text(encoding="utf-8"), place)
    return {**texts, "Clip": place, **{words: place for _, words in ACT_WORDS if words}}


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
    """Return one line for every entry that is missing, no longer used, empty, has other slots, or is too long to show.

    Words of a card (the key ``shown`` of the word files) are read from afar: `LONGEST_SHOWN` letters, or the English.
    """
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
        if wanted[english].endswith(" shown") and len(other) > max(LONGEST_SHOWN, len(english)):
            found.append(f"too long to show: {other!r} for {english!r}")
    return found


def wanted_words() -> dict[str, str]:
    """Return every text that is to be translated, and where the first of each is."""
    other = dict.fromkeys(OTHER_WORDS, "said by the coach")
    spoken = {**words_of_modules(), **words_of_coach()}
    return {**words_of_reports(), **words_of_warnings(), **other, **words_of_choice(), **spoken, **words_of_ui()}


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
