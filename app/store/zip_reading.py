"""Reading a zip that may come from anybody: names, kinds and sizes are checked before anything is unpacked."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from app.store.atomic import OWNER_FOLDER, OWNER_ONLY
from app.store.sessions import pose_file, tables
from app.store.sessions.errors import DamagedError, HistoryError, NewerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SCHEMA, VERSION = "hingecoach.session", 1
MANIFEST, ANALYSIS, FILES = "session.json", "analysis.json", "files/"
#: An hour of poses is 20 MB; the rest is room for a video. Below what needs a zip64, which then is no session.
MOST_BYTES = 2_000_000_000
MOST_FILES = 1000
MOST_MANIFEST_BYTES, MOST_DIRECTORY_BYTES = 1_000_000, 1_000_000
#: Text shrinks to a tenth; beyond this it is a bomb. Small files may do as they like.
MOST_RATIO, SMALL_BYTES = 100, 1_000_000
#: Room that must be left on the disk.
SPARE_BYTES = 50_000_000
MOST_WORDS = 1000
#: What makes no sense shows as one of these, wherever it is first used.
NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
PIECE_BYTES = 1 << 20
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}(?<!\.)"
_NAME = re.compile(rf"files/({_PART}/)?{_PART}")
#: Devices that Windows finds under these names in every folder.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


@contextmanager
def reading(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give the zip to read; what is wrong with it becomes one line."""
    try:
        with path.expanduser().open("rb") as file:
            _require_modest_directory(file)
            with zipfile.ZipFile(file) as archive:
                yield archive
    except FileNotFoundError:
        raise HistoryError(f"There is no file {path}: check the path.") from None
    except OSError as error:
        raise HistoryError(
            f"{path} cannot be read ({error.strerror or error}): check space and permissions."
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error) as error:
        raise DamagedError(f"{path} is no whole zip of a session ({error}): export it again.") from error
    except HistoryError as error:
        raise type(error)(f"{path}: {error}") from error


def _require_modest_directory(file: IO[bytes]) -> None:
    """Raise DamagedError where the list of what is inside is too long to be read, before anybody reads it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 22 - 0xFFFF))
    tail = file.read()
    for end in re.finditer(rb"PK\x05\x06", tail):
        rest, at = tail[end.start() :], end.start()
        is_zip64 = tail[max(0, at - 20) : at].startswith(b"PK\x06\x07")
        if is_zip64 or (len(rest) >= 22 and struct.unpack_from("<I", rest, 12)[0] > MOST_DIRECTORY_BYTES):
            raise DamagedError("there is far too much in it for a session.")
    file.seek(0)


def manifest_of(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    """Return what the zip says of itself, checked. Raises DamagedError, NewerError."""
    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) != len(archive.infolist()) or len(entries) > MOST_FILES:
        raise DamagedError("it holds a name twice, or far too many files.")
    if MANIFEST not in entries:
        raise DamagedError("it is no session of Hinge Coach.")
    _require_honest(entries[MANIFEST], MOST_MANIFEST_BYTES)
    try:
        tree = json.loads(archive.read(MANIFEST))
        kind, _, version = str(tree["schema"]).rpartition("/")
        if kind != SCHEMA or not version.isdecimal() or len(version) > 5:
            raise DamagedError("it is no session of Hinge Coach.")
        if int(version) > VERSION:
            raise NewerError("it was written by a newer Hinge Coach: update the app.")
        sizes = {str(name): (int(one["bytes"]), str(one["sha256"])) for name, one in tree["files"].items()}
        known = {"id": str(tree["id"]), "notice": str(tree["notice"])[:MOST_WORDS], "frames": int(tree["frames"])}
    except (*NONSENSE, zlib.error) as error:
        raise DamagedError(f"its {MANIFEST} cannot be read: it is not what it should be.") from error
    state = tables.CLOSED if tree.get("state") == tables.CLOSED else tables.RECOVERED
    _require_files(entries, sizes)
    packed = sum(entry.compress_size for entry in entries.values())
    if packed > path.expanduser().stat().st_size:
        raise DamagedError("its files lie over one another.")
    return known | {"state": state, "facts": tree.get("facts"), "files": sizes}


def _require_files(entries: Mapping[str, zipfile.ZipInfo], sizes: Mapping[str, tuple[int, str]]) -> None:
    """Raise DamagedError unless the files are those that are named, have plain names and are no bombs."""
    inside = [name for name in entries if name.startswith(FILES) and not name.endswith("/")]
    odd = next((name for name in (*inside, *sizes) if not is_name(name)), None)
    if odd is not None:
        raise DamagedError(f"it holds a file that belongs to no session: {odd[:60]!r}.")
    if len({name.lower() for name in inside}) != len(inside) or set(inside) != set(sizes):
        raise DamagedError("it does not hold the files that it names.")
    if FILES + pose_file.NAME not in sizes:
        raise DamagedError("it holds no landmarks.")
    for name, (size, _) in sizes.items():
        _require_honest(entries[name], MOST_BYTES)
        if entries[name].file_size != size:
            raise DamagedError(f"{name} is not as long as it should be.")
    if sum(size for size, _ in sizes.values()) > MOST_BYTES:
        raise DamagedError("it is far too long for a session.")


def _require_honest(entry: zipfile.ZipInfo, most: int) -> None:
    """Raise DamagedError for an entry that is no plain file, is encrypted, or unpacks to far too much."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        raise DamagedError(f"{entry.filename[:60]} is no plain file.")
    if not 0 <= entry.file_size <= most or (
        entry.file_size > SMALL_BYTES and entry.file_size > MOST_RATIO * entry.compress_size
    ):
        raise DamagedError(f"{entry.filename[:60]} is far too long for what it is.")


def is_name(name: str) -> bool:
    """Return whether a name may lie in a session's folder, on every system."""
    parts = name.removeprefix(FILES).split("/")
    return _NAME.fullmatch(name) is not None and not any(_DEVICE.fullmatch(part) for part in parts)


def unpack(archive: zipfile.ZipFile, sizes: Mapping[str, tuple[int, str]], staging: Path) -> None:
    """Write the files into a new folder, for the owner alone. Raises DamagedError, HistoryError, OSError."""
    wanted = sum(size for size, _ in sizes.values())
    if shutil.disk_usage(staging.parent).free < wanted + SPARE_BYTES:
        raise HistoryError(f"{wanted / 1e6:.0f} MB of free space are needed: make room for it.")
    staging.mkdir(OWNER_FOLDER)
    for name, (size, expected) in sizes.items():
        *above, own = name.removeprefix(FILES).split("/")
        target = staging.joinpath(*above)
        if above:
            target.mkdir(OWNER_FOLDER, exist_ok=True)
        digest, left = hashlib.sha256(), size
        file = os.open(target / own, os.O_WRONLY | os.O_CREAT | os.O_EXCL | pose_file.BINARY, OWNER_ONLY)
        try:
            with archive.open(name) as source:
                while piece := source.read(PIECE_BYTES):
                    left -= len(piece)
                    if left < 0:
                        break
                    digest.update(piece)
                    pose_file.write_all(file, piece)
        finally:
            os.close(file)
        if left or digest.hexdigest() != expected:
            raise DamagedError(f"{name} is not what was exported.")
