"""Facts about the model, the folders and the history; nothing is changed but a small file that is taken away again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from app.coach.errors import WorldError
from app.pose.model import cache_folder, model_status
from app.store.atomic import require_folder
from app.store.paths import log_folder
from app.store.sessions import pose_file, recording, schema, tables
from app.validation.checkup.asking import output_of, text_of
from app.validation.checkup.facts import FolderFacts, HistoryFacts, ModelFacts

#: File systems whose files are on another machine, or behind one.
REMOTE: Final = (
    "nfs", "cifs", "smb", "afs", "ncpfs", "9p", "ceph", "glusterfs", "lustre", "webdav", "davfs", "fuse.sshfs",
    "fuse.rclone", "fuse.davfs", "fuse.s3fs", "afpfs",
)  # fmt: skip
#: Folders of services that copy what is in them elsewhere: a part of the path, in lower case, and the name.
SYNCED: Final = (
    ("onedrive", "OneDrive"), ("dropbox", "Dropbox"), ("mobile documents", "iCloud Drive"), ("icloud", "iCloud Drive"),
    ("google drive", "Google Drive"), ("googledrive", "Google Drive"), ("library/cloudstorage", "a cloud service"),
    ("nextcloud", "Nextcloud"), ("owncloud", "ownCloud"), ("pclouddrive", "pCloud"), ("megasync", "MEGA"),
    ("creative cloud files", "Creative Cloud"), ("box sync", "Box"),
)  # fmt: skip
#: How long the database is looked through, s.
CHECK_S: Final = 3.0
#: What says that a database could not be read now (no time, room or right, a disk that fails), not that it is broken.
NOT_DAMAGED: Final = frozenset(
    {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
     sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM}
)  # fmt: skip
DRIVE_REMOTE: Final = 4  # of GetDriveTypeW (fileapi.h)


def model_facts(model: str) -> ModelFacts:
    """Return the state of a pose model; nothing is fetched."""
    found = model_status(model)
    writable = True
    try:
        require_folder(cache_folder())
    except WorldError:
        writable = False
    variant = found.variant or model
    return ModelFacts(
        variant, str(found.path), found.present, found.valid, found.sha256, found.origin, found.problem, found.notice,
        writable,
    )  # fmt: skip


def folder_facts(data_folder: Path) -> tuple[FolderFacts, ...]:
    """Return what is known of the app's folders."""
    places = {"data": data_folder, "cache": cache_folder(), "logs": log_folder()}
    return tuple(_folder(name, path) for name, path in places.items())


def _folder(name: str, path: Path) -> FolderFacts:
    error = ""
    try:
        require_folder(path)
    except WorldError as problem:
        error = _reason(str(problem))
    there = existing(path)
    kind, remote = file_system(there)
    free: int | None = None
    with suppress(OSError):
        free = shutil.disk_usage(there).free
    wal, wal_error = (None, "") if error or name != "data" else try_database(there)
    return FolderFacts(
        name, str(path), path.is_dir(), error, path.is_dir() and _readable_by_others(path), free, kind, remote,
        synced_by(path), wal, wal_error,
    )  # fmt: skip


def _reason(line: str) -> str:
    """Return what stands in brackets in the line of an error, else the line."""
    return line[line.index("(") + 1 : line.rindex(")")] if "(" in line and ")" in line else line


def existing(path: Path) -> Path:
    """Return the folder, or the nearest above it that there is."""
    for folder in (path, *path.absolute().parents):
        with suppress(OSError):
            if folder.is_dir():
                return folder
    return Path.cwd()


def _readable_by_others(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


def synced_by(path: Path) -> str:
    """Return the service that copies a folder elsewhere, by its path; "" for none that is known."""
    words = path.as_posix().casefold()
    return next((name for part, name in SYNCED if f"/{part}" in words), "")


def try_database(folder: Path) -> tuple[bool, str]:
    """Return whether SQLite can write with its log in a folder, and what it says; everything is taken away again."""
    try:
        with TemporaryDirectory(prefix=".checkup-", dir=folder) as name:
            with closing(sqlite3.connect(Path(name) / "try.db", timeout=1.0, isolation_level=None)) as database:
                mode = database.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                database.execute("CREATE TABLE t (x)")
                database.execute("INSERT INTO t VALUES (1)")
            return mode == "wal", "" if mode == "wal" else f"journal_mode={mode}"
    except (OSError, sqlite3.Error) as error:
        return False, str(error)


def file_system(folder: Path) -> tuple[str, bool]:
    """Return the kind of file system of a folder, and whether it is on another machine."""
    kind = ""
    if sys.platform == "win32":
        kind = "network drive" if _is_remote_drive(folder) else ""
        return kind, bool(kind)
    if sys.platform.startswith("linux"):
        kind = kind_in(text_of(Path("/proc/self/mountinfo")), os.path.realpath(folder))
    elif sys.platform == "darwin":
        kind = kind_of_mac(output_of("mount"), os.path.realpath(folder))
    return kind, kind.startswith(REMOTE)


def kind_in(mounts: str, path: str) -> str:
    """Return the file system of a path by /proc/self/mountinfo: the deepest, and of those the last, mount above it."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, dash, after = line.partition(" - ")
        fields, kinds = before.split(), after.split()
        if not dash or len(fields) < 5 or not kinds:
            continue
        point = fields[4].replace("\\040", " ").rstrip("/") + "/"
        if (path.rstrip("/") + "/").startswith(point) and len(point) >= best:
            best, kind = len(point), kinds[0]
    return kind


def kind_of_mac(mounts: str, path: str) -> str:
    """Return the file system of a path by macOS' `mount`: "//server on /Volumes/x (smbfs, nodev)"."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, on, rest = line.partition(" on ")
        point, bracket, kinds = rest.rpartition(" (")
        place = point.rstrip("/") + "/"
        if on and bracket and (path.rstrip("/") + "/").startswith(place) and len(place) >= best:
            best, kind = len(place), kinds.split(",")[0].strip(")")
    return kind


def _is_remote_drive(folder: Path) -> bool:
    if str(folder).startswith("\\\\"):
        return True
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.GetDriveTypeW(f"{folder.drive}\\") == DRIVE_REMOTE)
    return False


# ---- history --------------------------------------------------------------------------------------------------------


def history_facts(data_folder: Path) -> HistoryFacts:
    """Return the state of the history; it is only read, and not longer than `CHECK_S`."""
    path = data_folder / recording.DATABASE
    others, live = other_coaches(Path("/proc")), recordings_now(data_folder)
    if not path.is_file():
        return HistoryFacts(recording=live, others=others)
    deadline_s = time.monotonic() + CHECK_S
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as database:
            database.set_progress_handler(lambda: int(time.monotonic() > deadline_s), 10_000)
            version = int(database.execute("PRAGMA user_version").fetchone()[0])
            if version > len(schema.MIGRATIONS):
                return HistoryFacts(True, newer=True, recording=live, others=others)
            total, opened = database.execute(
                "SELECT count(*), count(CASE WHEN state = ? THEN 1 END) FROM sessions", (tables.OPEN,)
            ).fetchone()
            found = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode & 0xFF  # the rest of it says more exactly where
        why = "it is too large for a few seconds" if code == sqlite3.SQLITE_INTERRUPT else str(error)
        if code in NOT_DAMAGED:
            return HistoryFacts(True, recording=live, others=others, unread=why)
        return HistoryFacts(True, problem=str(error), recording=live, others=others)
    except sqlite3.DatabaseError as error:
        return HistoryFacts(True, problem=str(error), recording=live, others=others)
    problem = "" if found == "ok" else found.splitlines()[-1]
    return HistoryFacts(True, problem, False, int(total), max(0, int(opened) - live), live, others)


def recordings_now(data_folder: Path) -> int:
    """Return how many recordings somebody is writing."""
    count = 0
    for folder in (data_folder / recording.FOLDER).glob("[!.]*"):
        with suppress(WorldError):
            count += (folder / pose_file.NAME).is_file() and pose_file.is_written(folder)
    return count


def other_coaches(proc: Path) -> tuple[tuple[int, str], ...]:
    """Return (pid, command) of this user's other Hinge Coaches with a window or a camera, as far as Linux tells."""
    found = []
    mine = {os.getpid(), os.getppid()}
    for folder in proc.glob("[0-9]*"):
        if int(folder.name) in mine:
            continue
        try:
            words = [part for part in (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0") if part]
        except OSError:
            continue
        if (command := coach_command(words)) and command.split()[0] in ("live", "demo"):
            found.append((int(folder.name), f"hingecoach {command}"))
    return tuple(sorted(found))


def coach_command(words: list[str]) -> str:
    """Return what follows ``hingecoach`` (or ``python -m app``) in a command line, "" where it is none of ours."""
    for place, word in enumerate(words[:4]):
        ours = Path(word).name in ("hingecoach", "hingecoach.exe") or (word == "app" and words[place - 1] == "-m")
        if ours:
            rest = words[place + 1 :]
            if rest and rest[0] in ("-c", "-h", "--help", "--version"):
                return ""
            return " ".join(rest) if rest and not rest[0].startswith("-") else " ".join(["live", *rest])
    return ""
