"""Files that are either complete or not there: written beside their place, then moved over it in one step."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class OutputError(WorldError):
    """A file the user asked for cannot be written; the message is one line that says what to do."""


#: What the system says when there is no room, or no device, for what we write.
NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC))
#: Who may read what is kept of a person: its owner alone.
OWNER_ONLY, OWNER_FOLDER = 0o600, 0o700
_AS_USUAL = 0o666
#: A temporary file has so many random bytes in its name, as hexadecimal digits.
_TOKEN_BYTES, _HEX = 4, frozenset("0123456789abcdef")
#: A file system keeps times to 2 s (FAT), and a server's clock may differ a little.
CLOCKS_DIFFER_S = 5.0


@contextmanager
def replacing(path: Path, private: bool = False) -> Iterator[Path]:
    """Give the path of a temporary file with the same suffix; on leaving it becomes ``path``.

    However the block ends, no half-written file stays; what was at ``path`` is untouched unless it succeeds.
    Errors of the block itself pass through. ``private``: for the owner alone from the first byte on.

    Raises:
        OutputError: the folder is missing or cannot be written.

    """
    path = path.expanduser()
    _require_place(path)
    # Same folder, so that the move stays on one file system; same suffix, because OpenCV goes by it.
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(_TOKEN_BYTES)}{path.suffix}")
    with _telling(path):
        temporary.touch(OWNER_ONLY if private else _AS_USUAL, exist_ok=False)
    try:
        yield temporary
        with _telling(path):
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(path: Path, since_s: float) -> None:
    """Remove temporary files of `replacing` for ``path`` that a killed process left.

    Args:
        path: the file that it did not come to write.
        since_s: when that process began, s since 1970; older ones are another's.
    """
    path = path.expanduser()
    begin, end = f".{path.stem}-", path.suffix
    with suppress(OSError):
        for other in list(path.parent.iterdir()):
            token = other.name[len(begin) : len(other.name) - len(end)]
            is_ours = other.name == f"{begin}{token}{end}" and len(token) == 2 * _TOKEN_BYTES
            if is_ours and set(token) <= _HEX and other.stat().st_mtime >= since_s - CLOCKS_DIFFER_S:
                other.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes, private: bool = False) -> None:
    """Write a whole file atomically, a device such as ``/dev/null`` straight. Raises OutputError.

    ``private``: nobody but its owner may read it (see `replacing`).
    """
    path = path.expanduser()
    with _telling(path):
        if _is_device(path):
            path.write_bytes(data)
            return
        with replacing(path, private) as temporary, temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def write_text(path: Path, text: str, private: bool = False) -> None:
    """Write a whole UTF-8 text file atomically, line ends as they are. Raises OutputError; ``private``: as above."""
    write_bytes(path, text.encode(), private)


def require_writable(path: Path) -> None:
    """Raise OutputError unless a file can be written at ``path``; leaves nothing behind."""
    path = path.expanduser()
    if _is_device(path):
        return
    _require_place(path)
    probe = path.with_name(f".{path.stem}-{secrets.token_hex(_TOKEN_BYTES)}{path.suffix}")
    with _telling(path):
        probe.touch(exist_ok=False)
        probe.unlink()


def require_folder(path: Path) -> None:
    """Raise OutputError unless ``path`` is a writable folder or can be made one; makes nothing."""
    path = path.expanduser()
    with _telling(path):
        there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
        if not there.is_dir():
            raise OutputError(f"The folder {path} cannot be made: {there} is a file.")
    require_writable(there / "probe")


def make_folder(path: Path) -> Path:
    """Make a folder and its parents where missing, check that it can be written, and return it.

    Raises:
        OutputError: it cannot be made or written.

    """
    path = path.expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {path} cannot be made ({_why(error)}): choose another one.") from error
    require_writable(path / "probe")
    return path


def make_private_folder(path: Path) -> Path:
    """Make a folder for the owner alone, parents that are missing too; check that it can be written, and return it.

    Folders that are there keep who may read them.

    Raises:
        OutputError: it cannot be made or written.

    """
    path = path.expanduser().absolute()
    try:
        for folder in (*reversed(path.parents), path):  # mkdir's own parents would be for everybody
            if not folder.exists():
                folder.mkdir(OWNER_FOLDER, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {path} cannot be made ({_why(error)}): choose another one.") from error
    return make_folder(path)


def keep_private(path: Path) -> None:
    """Have a file that another library writes readable by its owner alone; it is made, empty, where there is none.

    Where that cannot be (a folder that may not be written, a file system without owners) everything stays as it is:
    whoever writes the file tells what is wrong with it.
    """
    with suppress(OSError, OutputError):
        make_private_folder(path.parent)
        path.touch(OWNER_ONLY)
        path.chmod(OWNER_ONLY)


def _is_device(path: Path) -> bool:
    """Return whether the path is there but neither file nor folder; replacing a device would destroy it."""
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except OSError:
        return False


def _require_place(path: Path) -> None:
    """Raise OutputError where the path can hold no new file."""
    folder = path.parent
    with _telling(path):
        if path.is_dir():
            raise OutputError(f"{path} is a folder: give the path of a file.")
        if _is_device(path):
            raise OutputError(f"{path} is a device: give the path of a file.")
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{path} cannot be written: {folder} is a file, not a folder.")
        if not folder.is_dir():
            raise OutputError(f"{path} cannot be written: there is no folder {folder}; make it first.")


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Turn what the system says about writing ``path`` into one line (ValueError: a NUL character in it)."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} cannot be written ({_why(error)}): choose another place.") from error


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
