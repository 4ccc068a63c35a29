"""The history database: its tables, how an older one becomes a newer one, and how it is opened."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from app.store.atomic import CLOCKS_DIFFER_S, OWNER_FOLDER, OWNER_ONLY
from app.store.sessions.errors import DamagedError, HistoryError, NewerError

#: Another instance's write takes some ms; longer than this it hangs.
BUSY_MS = 5000
#: Larger databases are looked through in full only where the last user of them did not close them.
ALWAYS_CHECKED_BYTES = 64_000_000
#: By device and inode: size and times of the databases that this process has looked through and found sound.
_sound: dict[tuple[int, int], tuple[int, ...]] = {}

#: With less room than this a disk is full: SQLite's shared memory takes 32 kB, some pages as much again.
FULL_BYTES = 200_000

#: One script for each version; a database of version n has had the first n. Never change one that was released.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE sessions (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        started_at TEXT NOT NULL,
        person TEXT NOT NULL, person_key TEXT NOT NULL,
        mode TEXT NOT NULL, drill TEXT NOT NULL,
        source_kind TEXT NOT NULL, source TEXT NOT NULL, camera TEXT NOT NULL,
        app_version TEXT NOT NULL,
        model TEXT NOT NULL, model_sha256 TEXT NOT NULL, engine TEXT NOT NULL,
        rules_name TEXT NOT NULL, rules_hash TEXT NOT NULL,
        settings TEXT NOT NULL, profile TEXT NOT NULL,
        standing TEXT,
        state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'recovered')),
        frames INTEGER NOT NULL DEFAULT 0,
        duration_s REAL NOT NULL DEFAULT 0,
        running_s REAL NOT NULL DEFAULT 0,
        steps INTEGER NOT NULL DEFAULT 0,
        cues INTEGER NOT NULL DEFAULT 0,
        verdict TEXT NOT NULL DEFAULT 'not_judged',
        notice TEXT NOT NULL DEFAULT '',
        facts TEXT,
        summary BLOB
    );
    CREATE INDEX sessions_of_person ON sessions (person_key);
    CREATE TABLE steps (
        session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        verdict TEXT NOT NULL,
        t_s REAL, push_off_s REAL, initial_contact_s REAL, toe_off_s REAL, side TEXT,
        peak_below_standing_bh REAL, trough_below_standing_bh REAL, trunk_lean_deg REAL, hip_flexion_deg REAL,
        knee_flexion_deg REAL, shank_deg REAL, line_offset_bh REAL, line_angle_deg REAL, reach_ll REAL,
        vertical_oscillation_bh REAL, duration_s REAL, hit INTEGER, reach_of_travel REAL, head_turned INTEGER,
        lean_from_hip_deg REAL, lean_from_ankle_deg REAL, hip_share REAL, weight_shift REAL,
        peak_below_roof_bh REAL, frames_per_s REAL,
        PRIMARY KEY (session, number)
    ) WITHOUT ROWID;
    CREATE TABLE cues (
        session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        frame INTEGER NOT NULL, t_s REAL NOT NULL,
        teller TEXT NOT NULL, id TEXT NOT NULL, spoken TEXT NOT NULL, shown TEXT NOT NULL,
        evidence TEXT,
        PRIMARY KEY (session, number)
    ) WITHOUT ROWID;
    CREATE TABLE faults (
        session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        fault TEXT NOT NULL, start_s REAL NOT NULL, end_s REAL NOT NULL,
        value REAL, threshold REAL, unit TEXT NOT NULL,
        PRIMARY KEY (session, number)
    ) WITHOUT ROWID;
    CREATE TABLE marks (
        session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        frame INTEGER NOT NULL, t_s REAL,
        kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (session, number)
    ) WITHOUT ROWID;
    """,
    # The summary without steps and contacts; NULL in sessions of before.
    "ALTER TABLE sessions ADD COLUMN brief BLOB",
    # A copy of the note in the session's folder, to be searched.
    "ALTER TABLE sessions ADD COLUMN note TEXT NOT NULL DEFAULT ''",
)
#: Beside a database, while it is in use.
COMPANIONS = ("", "-wal", "-shm", "-journal")


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection to the database, made for the owner alone where it is not there, and brought up to date.

    It is for one thread at a time, whichever.

    Raises:
        DamagedError: it is no database, or cannot be read in parts.
        NewerError: it belongs to a newer app; nothing is changed.
        HistoryError: it cannot be read or written.
    """
    with telling(path):
        path.parent.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
        unclean = path.with_name(f"{path.name}-wal").exists()
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
        connection = sqlite3.connect(path, timeout=BUSY_MS / 1000.0, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path, unclean)
        except BaseException as error:
            connection.close()
            if _unfit(error):
                raise DamagedError(f"{path} is damaged (its tables are not those of its version).") from error
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, unclean: bool) -> None:
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise NewerError(f"{path} was written by a newer Hinge Coach: update the app, or move the file away.")
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    if unclean or path.stat().st_size <= ALWAYS_CHECKED_BYTES:
        _look_through(connection, path)
    if version < len(MIGRATIONS):
        _migrate(connection)


def _look_through(connection: sqlite3.Connection, path: Path) -> None:
    """Raise DamagedError for a damaged database; once in a process, unless somebody has written to it since."""
    file = path.stat()
    # What is in the -wal file beside it has checksums of its own.
    key, stamp = (file.st_dev, file.st_ino), (file.st_size, file.st_mtime_ns, file.st_ctime_ns)
    if _sound.get(key) == stamp:
        return
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise DamagedError(f"{path} is damaged ({str(found).splitlines()[-1]}).")
    # A file that was written just now may be written again within the time that its stamp is precise to.
    if time.time() - file.st_mtime > CLOCKS_DIFFER_S:
        _sound[key] = stamp


def _migrate(connection: sqlite3.Connection) -> None:
    """Run the scripts that are still to be run, all or none; another instance may be doing the same."""
    with transaction(connection):
        for number, script in enumerate(MIGRATIONS, start=1):
            if number > _version(connection):
                for statement in script.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


_SAYS = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_READONLY: "it may not be written: check its permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check the folder and its permissions",
    sqlite3.SQLITE_BUSY: "another Hinge Coach is writing to it: close it or try again",
    sqlite3.SQLITE_LOCKED: "another Hinge Coach is writing to it: close it or try again",
    sqlite3.SQLITE_IOERR: "the disk does not answer: check it",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
#: What SQLite says where tables or columns are there already, or are missing, or of a number in the file's head.
_OTHER_TABLES = (
    *("already exists", "duplicate column", "no such table", "no such column", "has no column named"),
    *("unsupported file format", "malformed"),
)
#: How Python tells of a text in a cell that is none.
_NO_TEXT = "Could not decode to UTF-8"


#: What a damaged database is called from then on.
ASIDE = "history-damaged-*.db"


def set_aside(path: Path, now: datetime) -> Path:
    """Move a damaged database out of the way, with its companions; return where it is now. Raises HistoryError."""
    aside = path.with_name(f"{path.stem}-damaged-{now:%Y%m%d-%H%M%S-%f}{path.suffix}")
    with telling(path):
        for companion in COMPANIONS:
            with suppress(FileNotFoundError):  # another instance may have met the same damage
                path.with_name(path.name + companion).rename(aside.with_name(aside.name + companion))
    return aside


#: What a value that makes no sense shows as, wherever it is first used.
_NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, zlib.error)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """As `telling`, around rows that are made into records: a value that makes no sense is a damaged database, too."""
    with telling(path):
        try:
            yield
        except (*_NONSENSE, sqlite3.OperationalError) as error:
            if isinstance(error, sqlite3.Error) and not _unfit(error):
                raise
            raise DamagedError(
                f"{path} holds what makes no sense: close the app and move that file away; at the next start the "
                "sessions are read in again from their own files."
            ) from error


def _unfit(error: BaseException) -> bool:
    """Return whether the tables are others than those of the version that the file says it has."""
    if not isinstance(error, sqlite3.OperationalError) or error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
        return False
    return any(words in str(error) for words in _OTHER_TABLES)  # anything else is a mistake in our own statement


def _is_full(folder: Path) -> bool:
    """Return whether there is hardly room for anything."""
    try:
        return shutil.disk_usage(folder).free < FULL_BYTES
    except OSError:
        return False


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say about the database at ``path`` into one line."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGED or _NO_TEXT in str(error):
            raise DamagedError(f"{path} is damaged ({error}).") from error
        if code not in _SAYS:
            raise
        if code == sqlite3.SQLITE_IOERR and _is_full(path.parent):
            code = sqlite3.SQLITE_FULL  # so SQLite tells of no room for the file by which several share a database
        raise HistoryError(f"{path}: {_SAYS[code]}.") from error
    except UnicodeDecodeError as error:  # of SQLite's own message about it
        raise DamagedError(f"{path} is damaged (its words are no text).") from error
    except OSError as error:
        raise HistoryError(f"{path} cannot be opened ({error.strerror}): choose another data folder.") from error
