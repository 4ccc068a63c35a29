"""The file of one session's poses: a head, then chunks, each whole or not there.

A record is ``HCP1``, its kind (``H`` head, ``C`` chunk), its number from 0, the length of what follows and its CRC-32,
then so many bytes. Records are only ever appended, each with one write: whoever is killed leaves whole records and at
most a torn one, which is not read. Whoever writes holds a lock on the file, so others know that he lives. A file that
was damaged in another way is read up to there; before anybody writes on it, a copy of it is kept beside.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from app.store.atomic import OWNER_FOLDER, OWNER_ONLY, replacing
from app.store.sessions import chunks
from app.store.sessions.chunks import Chunk
from app.store.sessions.errors import DamagedError, HistoryError, NewerError
from app.store.sessions.locks import try_lock

NAME = "poses.hcp"
#: What a damaged file is kept as; a second one is numbered.
DAMAGED = "poses-damaged{}.hcp"
VERSION = 1
_MARK, _HEAD, _CHUNK = b"HCP1", b"H", b"C"
_RECORD = struct.Struct("<4scIII")
#: No record is longer (ten minutes of frames are 4 MB).
MOST_BYTES = 64_000_000
#: No head is longer once unpacked: it is some kB of rules and a standing.
MOST_HEAD_BYTES = 16_000_000
#: How often, and how long apart, a lock is tried for that nobody can hold for long.
LOOKS, LOOK_S = 50, 0.01
#: 0 but on Windows, which would change line ends otherwise.
BINARY = getattr(os, "O_BINARY", 0)
#: Device and inode of the files that this process is writing.
_own: set[tuple[int, int]] = set()


class PoseWriter:
    """Appends to a pose file; of one thread at a time. Made by `create` or, for a file that is there, `reopen`."""

    def __init__(self, path: Path, file: int, size: int, records: int, aside: Path | None = None) -> None:
        self.path = path
        #: Where the file was kept as it was found damaged, None where it was not.
        self.aside = aside
        self._file = file
        self.size, self._records = size, records
        self._key = _key_of(os.fstat(file))
        _own.add(self._key)

    @classmethod
    def create(cls, folder: Path, head: dict[str, Any]) -> PoseWriter:
        """Begin a file in a new folder, both for the owner alone. Raises HistoryError."""
        path = folder / NAME
        with telling(folder):
            folder.mkdir(mode=OWNER_FOLDER, parents=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | BINARY, OWNER_ONLY)
        writer = cls(path, file, 0, 0)
        try:
            _hold(file)
            text = json.dumps({"version": VERSION, **head}, ensure_ascii=False, allow_nan=False)
            writer._append(_HEAD, zlib.compress(text.encode(), chunks.LEVEL))
            writer.sync()
        except BaseException:
            writer.close()
            path.unlink(missing_ok=True)
            with suppress(OSError):
                folder.rmdir()
            raise
        return writer

    @classmethod
    def reopen(cls, folder: Path) -> PoseWriter | None:
        """Take over the file of somebody who no longer lives; None where he does.

        A torn end is cut off; where more than that would be lost, the file is kept `aside` as it was.

        Raises HistoryError: it is not there, or cannot be written. OutputError: it cannot be kept aside.
        """
        path = folder / NAME
        with telling(path):
            file = os.open(path, os.O_RDWR | os.O_APPEND | BINARY)
        if not try_lock(file):
            os.close(file)
            return None
        try:
            records, size = 0, 0
            for _, payload in _records(path):
                records, size = records + 1, size + _RECORD.size + len(payload)
            with telling(path):
                aside = None if _is_torn(path, size) else _kept_aside(path)
                os.ftruncate(file, size)
        except BaseException:
            os.close(file)
            raise
        return cls(path, file, size, records, aside)

    def append(self, chunk: Chunk) -> None:
        """Write a chunk. Raises HistoryError, and then leaves the file as it was before."""
        self._append(_CHUNK, chunks.pack(chunk))

    def sync(self) -> None:
        """Have the system write to the disk what it was given. Raises HistoryError, also where the file was removed."""
        with telling(self.path):
            self.path.stat()  # the system goes on writing to a file that has no name any more
            getattr(os, "fdatasync", os.fsync)(self._file)

    def close(self) -> None:
        """Close the file and give up the lock; idempotent."""
        file, self._file = self._file, -1
        if file >= 0:
            _own.discard(self._key)
            os.close(file)

    def _append(self, kind: bytes, payload: bytes) -> None:
        record = _RECORD.pack(_MARK, kind, self._records, len(payload), zlib.crc32(payload)) + payload
        try:
            with telling(self.path):
                write_all(self._file, record)
        except HistoryError:
            with suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise
        self.size += len(record)
        self._records += 1


def _is_torn(path: Path, at: int) -> bool:
    """Return whether a file ends at ``at``, or with the beginning of a record. Raises OSError.

    Anything else was whole once: a record of its full length that is not what was written, or whole ones after it.
    """
    with path.open("rb") as file:
        file.seek(at)
        rest = file.read()
    if rest and not _MARK.startswith(rest[: len(_MARK)]):
        return False
    if len(rest) >= _RECORD.size and _RECORD.size + _RECORD.unpack_from(rest)[3] <= len(rest):
        return False
    return not any(_is_whole(rest, found.start()) for found in re.finditer(re.escape(_MARK), rest))


def _is_whole(data: bytes, at: int) -> bool:
    """Return whether a whole record begins at ``at``."""
    if len(data) - at < _RECORD.size:
        return False
    _, _, _, length, crc = _RECORD.unpack_from(data, at)
    payload = data[at + _RECORD.size : at + _RECORD.size + length]
    return bool(len(payload) == length and zlib.crc32(payload) == crc)


def _kept_aside(path: Path) -> Path:
    """Copy a damaged file to a new name beside it, for the owner alone; return that. Raises OSError, OutputError."""
    numbers = itertools.chain([""], (f"-{k}" for k in itertools.count(2)))
    aside = next(place for number in numbers if not (place := path.with_name(DAMAGED.format(number))).exists())
    with replacing(aside, private=True) as temporary:
        shutil.copyfile(path, temporary)
    return aside


def _hold(file: int) -> None:
    """Lock a new file; who only looks whether it is locked has it for a moment."""
    for _ in range(LOOKS):
        if try_lock(file):
            return
        time.sleep(LOOK_S)


def write_all(file: int, data: bytes) -> None:
    """Write all of ``data``. Raises OSError."""
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def read_head(folder: Path) -> dict[str, Any]:
    """Return the head of a session's pose file. Raises DamagedError, NewerError, HistoryError."""
    path = folder / NAME
    for kind, payload in _records(path):
        try:
            head = json.loads(_unpacked_head(payload, path))
            version = head["version"]
        except (zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DamagedError(f"{path} has no readable head ({error}).") from error
        if kind != _HEAD or not isinstance(version, int):
            raise DamagedError(f"{path} has no head.")
        if version > VERSION:
            raise NewerError(f"{path} was written by a newer Hinge Coach: update the app.")
        return dict(head)
    raise DamagedError(f"{path} has no head.")


def _unpacked_head(payload: bytes, path: Path) -> bytes:
    """Return the text of a head; a few kB can hold a thousand times as much. Raises DamagedError, zlib.error."""
    inflate = zlib.decompressobj()
    text = inflate.decompress(payload, MOST_HEAD_BYTES)
    if not inflate.eof:
        raise DamagedError(f"The head of {path} is far too long, or cut off.")
    return text


def read_chunks(folder: Path) -> Iterator[Chunk]:
    """Yield the chunks that are whole, oldest first. Raises DamagedError, HistoryError."""
    for kind, payload in _records(folder / NAME):
        if kind == _CHUNK:
            yield chunks.unpack(payload)


def is_written(folder: Path) -> bool:
    """Whether somebody who lives holds the lock of the session's pose file. Raises HistoryError."""
    path = folder / NAME
    with telling(path):
        file = os.open(path, os.O_RDONLY | BINARY)
    try:
        return not try_lock(file)
    finally:
        os.close(file)


def is_own(folder: Path) -> bool:
    """Whether it is this very process that writes the session's pose file. Raises HistoryError."""
    with telling(folder / NAME):
        return _key_of((folder / NAME).stat()) in _own


def _key_of(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _records(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, payload) of the records up to the first that is not whole."""
    with telling(path), path.open("rb") as file:
        number = 0
        while len(frame := file.read(_RECORD.size)) == _RECORD.size:
            mark, kind, own_number, length, crc = _RECORD.unpack(frame)
            if mark != _MARK or own_number != number or length > MOST_BYTES:
                return
            payload = file.read(length)
            if len(payload) < length or zlib.crc32(payload) != crc:
                return
            yield kind, payload
            number += 1


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn what the system says about ``path`` into one line."""
    try:
        yield
    except FileNotFoundError as error:
        raise HistoryError(f"{path} is not there: the session's landmarks were moved or deleted.") from error
    except OSError as error:
        why = error.strerror or str(error)
        raise HistoryError(f"{path} cannot be read or written ({why}): check space and permissions.") from error
