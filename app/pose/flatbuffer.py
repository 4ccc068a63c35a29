"""A FlatBuffer written front to back, so that new tables can be put *before* an existing buffer.

The FlatBuffers library builds from the back and would have to rewrite a whole network to add one field,
losing the 16-byte alignment of its weights on the way (its Python builder ignores ``force_align``). All
references in the format are relative and, but for a table's own layout record, point forward. So a new root
in front of the untouched old bytes is a valid buffer, and the bytes it yields depend on nothing but this
module: a file made from it has a fixed SHA-256. Format: the FlatBuffers "Internals" page.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class U8:
    """An unsigned byte stored inside a table."""

    value: int


@dataclass(frozen=True, slots=True)
class U32:
    """An unsigned 32-bit integer stored inside a table."""

    value: int


@dataclass(frozen=True, slots=True)
class Old:
    """A reference to what lies at byte ``position`` of the buffer that is put behind the new tables."""

    position: int


@dataclass(frozen=True, slots=True)
class Blob:
    """A vector of ``count`` scalars given as raw little-endian bytes; a string when ``terminated``.

    ``align`` is the alignment of its first byte, which the count (4 bytes) stands in front of.
    """

    raw: bytes
    count: int
    align: int = 4
    terminated: bool = False


@dataclass(frozen=True, slots=True)
class Vector:
    """A vector of references."""

    items: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its fields by their slot number (0 = the schema's first field)."""

    fields: Mapping[int, U8 | U32 | Node]


Node = Old | Blob | Vector | Table


def text(value: str) -> Blob:
    """Return the node of an ASCII string."""
    raw = value.encode("ascii")
    return Blob(raw, len(raw), terminated=True)


def floats(*values: float) -> Blob:
    """Return the node of a vector of 32-bit floats."""
    return Blob(struct.pack(f"<{len(values)}f", *values), len(values))


def write(root: Table, identifier: bytes, behind: bytes = b"") -> bytes:
    """Return the buffer with ``root`` in front and ``behind`` unchanged at the end, where `Old` points into.

    Args:
        root: the new root table.
        identifier: the format's four-byte file identifier.
        behind: an existing buffer; it lands on a multiple of 64 bytes, so every alignment in it survives.
    """
    out = bytearray(4) + identifier
    to_old: list[tuple[int, int]] = []
    start = _put(out, root, to_old)
    struct.pack_into("<I", out, 0, start)
    if behind:
        _pad(out, 64)
    for at, position in to_old:
        struct.pack_into("<I", out, at, len(out) + position - at)
    return bytes(out) + behind


def _pad(out: bytearray, align: int, ahead: int = 0) -> None:
    """Fill ``out`` with zeros until the byte ``ahead`` bytes further on is aligned."""
    out.extend(bytes(-(len(out) + ahead) % align))


def _put(out: bytearray, node: Blob | Vector | Table, to_old: list[tuple[int, int]]) -> int:
    """Append ``node`` and everything under it; return its position."""
    if isinstance(node, Blob):
        _pad(out, node.align, ahead=4)
        at = len(out)
        out += struct.pack("<I", node.count) + node.raw + (b"\0" if node.terminated else b"")
        return at
    slots: list[tuple[int, Node]] = []
    _pad(out, 4)
    if isinstance(node, Vector):
        at = len(out)
        out += struct.pack("<I", len(node.items)) + bytes(4 * len(node.items))
        slots = [(at + 4 + 4 * i, item) for i, item in enumerate(node.items)]
    else:
        at = _put_table(out, node, slots)
    for slot, child in slots:
        if isinstance(child, Old):
            to_old.append((slot, child.position))
        else:
            struct.pack_into("<I", out, slot, _put(out, child, to_old) - slot)
    return at


def _put_table(out: bytearray, table: Table, slots: list[tuple[int, Node]]) -> int:
    """Append a table's layout record and inline part (four bytes a field); note where references belong."""
    count = max(table.fields, default=-1) + 1
    layout = [4 + 4 * i for i in range(len(table.fields))]
    offsets = dict(zip(sorted(table.fields), layout, strict=True))
    record_at = len(out)
    out += struct.pack("<HH", 4 + 2 * count, 4 + 4 * len(offsets))
    out += b"".join(struct.pack("<H", offsets.get(i, 0)) for i in range(count))
    _pad(out, 4)
    at = len(out)
    out += struct.pack("<i", at - record_at) + bytes(4 * len(offsets))
    for field, offset in offsets.items():
        value = table.fields[field]
        if isinstance(value, U8):
            out[at + offset] = value.value
        elif isinstance(value, U32):
            struct.pack_into("<I", out, at + offset, value.value)
        else:
            slots.append((at + offset, value))
    return at


class Reader:
    """Reads one table of an existing buffer.

    Args:
        buffer: the whole buffer.
        position: of the table; None for the root.
    """

    def __init__(self, buffer: bytes, position: int | None = None) -> None:
        self._buffer = buffer
        self._at: int = self.u32(0) if position is None else position
        (back,) = struct.unpack_from("<i", buffer, self._at)
        self._record = self._at - back
        (self._record_bytes,) = struct.unpack_from("<H", buffer, self._record)

    def u32(self, position: int) -> int:
        """Return the unsigned 32-bit integer at a byte position."""
        (value,) = struct.unpack_from("<I", self._buffer, position)
        return int(value)

    def field(self, slot: int) -> int | None:
        """Return the position of a field's inline value, None where the table lacks it."""
        if 4 + 2 * slot >= self._record_bytes:
            return None
        (offset,) = struct.unpack_from("<H", self._buffer, self._record + 4 + 2 * slot)
        return self._at + int(offset) if offset else None

    def target(self, slot: int) -> int | None:
        """Return the position that a reference field points to."""
        at = self.field(slot)
        return None if at is None else at + self.u32(at)

    def items(self, slot: int) -> list[int]:
        """Return the positions of the elements of a vector of references (empty where it is missing)."""
        start = self.target(slot)
        if start is None:
            return []
        return [at + self.u32(at) for at in range(start + 4, start + 4 + 4 * self.u32(start), 4)]

    def string(self, slot: int) -> str:
        """Return a string field ("" where it is missing)."""
        start = self.target(slot)
        if start is None:
            return ""
        return self._buffer[start + 4 : start + 4 + self.u32(start)].decode("utf-8", "replace")
