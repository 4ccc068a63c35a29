"""On which line of a TOML text each key stands: `tomllib` reads the values and forgets their lines."""

from __future__ import annotations

import re

#: Where something stands in the parsed tree: keys, and numbers of array elements.
Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_STRING = re.compile(r"\"\"\"(?:[^\\]|\\.)*?\"{3,5}|'''.*?'{3,5}|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'", re.DOTALL)
_BARE_VALUE = re.compile(r"[^,\]}\r\n#]*")


def key_lines(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every table, key and array element; ``text`` must be what `tomllib` takes."""
    return _Walker(text).walk()


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Return the line of a path, or of the nearest part above it that is written down; 1 where none is."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Walker:
    """Goes once through a valid text; the values themselves are skipped."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._elements: dict[Path, int] = {}

    def walk(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(_BETWEEN)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BETWEEN)
        return self._lines

    def _skip(self, what: re.Pattern[str]) -> str:
        found = what.match(self._text, self._at)
        assert found is not None, "the text is no valid TOML"
        self._at = found.end()
        return found[0]

    def _note(self, path: Path) -> None:
        self._lines.setdefault(path, self._text.count("\n", 0, self._at) + 1)

    def _keys(self) -> Path:
        """Read a dotted key."""
        keys: list[str] = []
        while True:
            self._skip(_BLANK)
            keys.append(self._skip(_KEY).strip("\"'"))
            self._skip(_BLANK)
            if self._text[self._at] != ".":
                return tuple(keys)
            self._at += 1

    def _header(self) -> Path:
        """Read ``[table]`` or ``[[array of tables]]``; return its path."""
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        path = self._keys()
        for k in range(len(path)):
            self._note(path[: k + 1])
        if brackets == 2:
            number = self._elements.get(path, 0)
            self._elements[path] = number + 1
            path = (*path, number)
            self._note(path)
        self._at += brackets
        return path

    def _pair(self, table: Path) -> None:
        """Read ``key = value``."""
        started = self._at
        keys = self._keys()
        ended, self._at = self._at, started
        for k in range(len(keys)):
            self._note((*table, *keys[: k + 1]))
        self._at = ended + 1
        self._skip(_BLANK)
        self._value((*table, *keys))

    def _value(self, path: Path) -> None:
        """Skip a value; note the elements of arrays and the keys of inline tables."""
        start = self._text[self._at]
        if start in "\"'":
            self._skip(_STRING)
        elif start in "[{":
            self._at += 1
            number = 0
            while True:
                self._skip(_BETWEEN)
                if self._text[self._at] in "]}":
                    self._at += 1
                    return
                if self._text[self._at] == ",":
                    self._at += 1
                elif start == "{":
                    self._pair(path)
                else:
                    self._note((*path, number))
                    self._value((*path, number))
                    number += 1
        else:
            self._skip(_BARE_VALUE)
