"""Cases for the fuzzer: what is valid, damaged in all the ways that disks, editors, other programs and jokers know."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

#: Numbers at which sizes, counts and signs go wrong.
ODD_INTS = (0, 1, -1, 7, 8, 15, 16, 127, 128, 255, 256, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
ODD_FLOATS = (0.0, -0.0, 1e-300, 5e-324, 1e12, 1e300, 1.7e308, -1e308, float("nan"), float("inf"), float("-inf"))
#: Texts that mean something to a shell, a spreadsheet, a browser, a file system, a terminal or a formatter.
HOSTILE = (
    "",
    " ",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1",
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "\"><svg onload='x'>",
    "' onclick='x' y='",
    "{{ 7*7 }}{% raw %}",
    "{0}{name}%s%n",
    "../../etc/passwd",
    "..\\..\\x",
    "/etc/passwd",
    "C:\\x",
    "C:x",
    "con",
    "NUL.txt",
    "com1",
    "a\0b",
    "a\nb",
    "\x1b[2J\x1b]0;x\x07",
    "\u202egnp.exe",
    "\ud800",
    "\u0130stanbul",
    "ß",
    "e\u0301",
    "👩‍🚀🏃",
    "x" * 300,
    "名" * 150,
    ".",
    "..",
    "~",
    "-rf",
    "$HOME `id` $(id)",
    "'; DROP TABLE sessions; --",
    "%00",
    'a,b;c\td"e"',
)


def hostile_text(most: int = 60) -> SearchStrategy[str]:
    """Return texts: those of `HOSTILE`, any others, and both joined."""
    known, any_text = st.sampled_from(HOSTILE), st.text(max_size=most)
    return st.one_of(known, any_text, st.tuples(known, any_text).map("".join), st.tuples(any_text, known).map("".join))


def odd_number() -> SearchStrategy[float | int]:
    """Return numbers of every kind, the awkward ones often."""
    return st.one_of(st.sampled_from(ODD_FLOATS), st.sampled_from(ODD_INTS), st.floats(), st.integers(-(10**6), 10**6))


def odd_value() -> SearchStrategy[Any]:
    """Return plain JSON values (NaN and Infinity as Python writes them), some nested, some very large."""
    flat = st.one_of(st.none(), st.booleans(), odd_number(), hostile_text(20), st.just(10**400))
    nested = st.recursive(
        flat, lambda kind: st.lists(kind, max_size=3) | st.dictionaries(hostile_text(6), kind, max_size=3), max_leaves=5
    )
    return st.one_of(flat, nested)


# ---------------------------------------------------------------------- bytes

_OPS = ("flip", "over", "into", "cut", "end", "double", "number", "zero")


def damaged(seeds: Sequence[bytes], words: Sequence[bytes] = (), most: int = 6) -> SearchStrategy[bytes]:
    """Return the bytes of one of the ``seeds``, damaged at up to ``most`` places.

    Args:
        seeds: valid files.
        words: what means something in such files, put in anywhere.
        most: so many changes.
    """
    piece = st.binary(max_size=6) if not words else st.one_of(st.binary(max_size=6), st.sampled_from(list(words)))
    change = st.tuples(st.sampled_from(_OPS), st.integers(0, 2**20 - 1), st.integers(0, 300), piece)
    return st.builds(_damage, st.sampled_from(list(seeds)), st.lists(change, max_size=most))


def _damage(data: bytes, changes: list[tuple[str, int, int, bytes]]) -> bytes:
    found = bytearray(data)
    for op, place, size, piece in changes:
        at = place * (len(found) + 1) >> 20
        if op == "flip" and at < len(found):
            found[at] ^= 1 << (size % 8)
        elif op == "over":
            found[at : at + len(piece)] = piece
        elif op == "into":
            found[at:at] = piece
        elif op == "cut":
            del found[at : at + size]
        elif op == "end" and size % 4 == 0:
            del found[at:]
        elif op == "double":
            found[at:at] = found[at : at + size]
        elif op == "number":
            width = (1, 2, 4, 8)[size % 4]
            value = ODD_INTS[size % len(ODD_INTS)] % (1 << 8 * width)
            found[at : at + width] = value.to_bytes(width, "big" if size & 1 else "little")
        elif op == "zero":
            found[at : at + size] = bytes(min(size, max(len(found) - at, 0)))
    return bytes(found)


# ---------------------------------------------------------------------- texts


def damaged_text(seeds: Sequence[str], words: Sequence[str], most: int = 6) -> SearchStrategy[str]:
    """Return one of the ``seeds`` with lines and words of it changed, doubled, taken out and put in."""
    word = st.one_of(st.sampled_from(list(words)), hostile_text(10), odd_number().map(repr))
    change = st.tuples(
        st.sampled_from(("word", "into", "cut", "line", "drop line", "swap", "end")),
        st.integers(0, 2**20 - 1),
        st.integers(0, 2**20 - 1),
        word,
    )
    return st.builds(_damage_text, st.sampled_from(list(seeds)), st.lists(change, max_size=most))


def _damage_text(text: str, changes: list[tuple[str, int, int, str]]) -> str:
    for op, place, other, word in changes:
        at = place * (len(text) + 1) >> 20
        lines = text.split("\n")
        row, row_2 = (where * len(lines) >> 20 for where in (place, other))
        if op == "word":
            begin = max(text.rfind(sign, 0, at) for sign in ' \t\n=[{,"') + 1
            ends = [end for sign in ' \t\n=]},"' if (end := text.find(sign, begin + 1)) > 0]
            text = text[:begin] + word + text[min(ends, default=len(text)) :]
        elif op == "into":
            text = text[:at] + word + text[at:]
        elif op == "cut":
            text = text[:at] + text[at + other % 60 :]
        elif op == "line":
            lines.insert(row, lines[row_2])
            text = "\n".join(lines)
        elif op == "drop line":
            del lines[row]
            text = "\n".join(lines)
        elif op == "swap":
            lines[row], lines[row_2] = lines[row_2], lines[row]
            text = "\n".join(lines)
        elif op == "end" and other % 5 == 0:
            text = text[:at]
    return text


# ---------------------------------------------------------------------- trees of JSON


def damaged_tree(seeds: Sequence[Any], most: int = 4) -> SearchStrategy[Any]:
    """Return one of the trees with values anywhere in it changed, taken out, put in, doubled."""
    change = st.tuples(
        st.sampled_from(("set", "set", "set", "drop", "add", "copy")),
        st.lists(st.integers(0, 2**16), min_size=1, max_size=6),
        odd_value(),
        hostile_text(8),
    )
    return st.builds(_damage_tree, st.sampled_from(list(seeds)), st.lists(change, max_size=most))


def _damage_tree(tree: Any, changes: list[tuple[str, list[int], Any, str]]) -> Any:
    root = {"": copy.deepcopy(tree)}
    for op, way, value, name in changes:
        holder: Any = root
        key: Any = ""
        for turn in way:
            inner = holder[key]
            if not isinstance(inner, dict | list) or not inner or (turn % 7 == 0 and holder is not root):
                break
            holder, keys = inner, list(inner) if isinstance(inner, dict) else range(len(inner))
            key = keys[turn % len(keys)]
        if op == "set":
            holder[key] = value
        elif op == "drop" and holder is not root:
            del holder[key]
        elif op == "add" and isinstance(holder, dict) and holder is not root:
            holder[name] = value
        elif op == "add" and isinstance(holder, list):
            holder.append(value)
        elif op == "copy" and isinstance(holder, list):
            holder.extend(holder[:50])
    return root[""]


def json_bytes(seeds: Sequence[Any], most: int = 4) -> SearchStrategy[bytes]:
    """Return files of JSON: a changed tree written as it should be, or a right one damaged as bytes."""
    texts = [json.dumps(tree, indent=1).encode() for tree in seeds]
    words = [
        b"null",
        b"NaN",
        b"Infinity",
        b"1e999",
        b'"',
        b"\\u0000",
        b"\\ud800",
        b"[" * 2000,
        b'{"a":' * 2000,
        b"\xff",
    ]
    trees = damaged_tree(seeds, most).map(lambda tree: json.dumps(tree).encode(errors="surrogatepass"))
    return st.one_of(trees, trees, damaged(texts, words))
