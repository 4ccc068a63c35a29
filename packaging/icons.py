"""The drawn icons in the two containers that Windows and macOS want: ``.ico`` and ``.icns``, from the PNGs in assets.

Both hold the PNGs as they are, under a small table; written by hand, since it takes no more than this.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent.parent / "assets" / "icons"
NAME: Final = "hingecoach"

#: Sizes in an .ico, px (a byte each, 0 stands for 256).
ICO_SIZES_PX: Final = (16, 24, 32, 48, 64, 128, 256)
#: Entries of an .icns: type, size in px. ic11 to ic14 are the same pictures for screens of double density.
ICNS_ENTRIES: Final = (
    (b"icp4", 16), (b"icp5", 32), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512), (b"ic10", 1024),
    (b"ic11", 32), (b"ic12", 64), (b"ic13", 256), (b"ic14", 512),
)  # fmt: skip


def pictures(folder: Path = FOLDER) -> dict[int, bytes]:
    """Return the PNG file of each size in px. Raises FileNotFoundError where there is none."""
    found = {int(path.stem.rsplit("_", 1)[1]): path.read_bytes() for path in sorted(folder.glob(f"{NAME}_*.png"))}
    if not found:
        raise FileNotFoundError(f"No icons in {folder}: run python -m assets.make_icon.")
    return found


def ico(png: Mapping[int, bytes]) -> bytes:
    """Return an .ico file: a header of 6 bytes, 16 bytes for each picture, then the pictures."""
    head, table, body = struct.pack("<HHH", 0, 1, len(ICO_SIZES_PX)), b"", b""
    for size_px in ICO_SIZES_PX:
        offset = len(head) + 16 * len(ICO_SIZES_PX) + len(body)
        side = size_px % 256
        table += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(png[size_px]), offset)
        body += png[size_px]
    return head + table + body


def icns(png: Mapping[int, bytes]) -> bytes:
    """Return an .icns file: type and length (big-endian, the eight bytes of the two counted in) before each picture."""
    body = b"".join(kind + struct.pack(">I", 8 + len(png[size])) + png[size] for kind, size in ICNS_ENTRIES)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body
