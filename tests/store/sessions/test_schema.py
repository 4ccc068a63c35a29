"""A database is looked through once in a process, and again as soon as anybody may have changed it."""

import os
import sqlite3
from datetime import datetime

import pytest

from app.store.sessions import schema
from app.store.sessions.errors import DamagedError

#: Long before now: s since 1970.
LONG_AGO_S = 1_600_000_000


@pytest.fixture
def looked(monkeypatch):
    """What SQLite is asked to look through, one entry for each time."""
    asked = []

    def connect(*args, **kwargs):
        connection = real(*args, **kwargs)
        connection.set_trace_callback(lambda said: asked.append(said) if "quick_check" in said else None)
        return connection

    real = sqlite3.connect
    monkeypatch.setattr(schema.sqlite3, "connect", connect)
    monkeypatch.setattr(schema, "_sound", {})
    return asked


@pytest.fixture
def database(tmp_path):
    """A sound database that nobody has written to for long."""
    path = tmp_path / "history.db"
    schema.connect(path).close()
    os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    return path


def test_it_is_looked_through_once(database, looked):
    for _ in range(3):
        schema.connect(database).close()
    assert len(looked) == 1


def test_it_is_looked_through_again_where_another_file_took_its_place(database, looked):
    schema.connect(database).close()
    other = database.with_name("other.db")
    other.write_bytes(database.read_bytes())
    os.utime(other, (LONG_AGO_S, LONG_AGO_S))
    other.replace(database)
    schema.connect(database).close()
    assert len(looked) == 2


def test_damage_done_after_it_was_found_sound_is_found(database, looked):
    schema.connect(database).close()
    whole = database.read_bytes()
    database.write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])  # in place: same file, same length
    os.utime(database, (LONG_AGO_S, LONG_AGO_S))
    with pytest.raises(DamagedError):
        schema.connect(database)
    assert len(looked) == 2


def test_what_was_written_just_now_is_looked_through_again(tmp_path, looked):
    for _ in range(4):  # the first two may still change it
        schema.connect(tmp_path / "history.db").close()
    assert len(looked) == 4


def test_what_fails_in_a_transaction_leaves_nothing_and_the_next_one_works(database):
    connection = schema.connect(database)

    def fails():
        with schema.transaction(connection):
            connection.execute("PRAGMA user_version = 99")
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        fails()
    assert not connection.in_transaction
    assert schema._version(connection) == len(schema.MIGRATIONS)
    with schema.transaction(connection):
        connection.execute("PRAGMA user_version = 99")
    assert schema._version(connection) == 99
    connection.close()


def test_a_damaged_database_takes_its_log_along(tmp_path):
    path = tmp_path / "history.db"
    for companion in schema.COMPANIONS:
        (tmp_path / f"history.db{companion}").write_text(companion, encoding="utf-8")
    aside = schema.set_aside(path, datetime(2026, 11, 23, 4, 5, 6))
    assert aside.name == "history-damaged-20261123-040506-000000.db"
    names = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert names == {f"{aside.name}{companion}": companion for companion in ("", "-wal", "-shm", "-journal")}
