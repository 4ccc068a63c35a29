"""The pose file: whatever is cut off or turned over, what was whole before is read, and nothing else."""

import os
import stat
import struct
import zlib

import pytest

from app.coach.types import BodyPose
from app.store.sessions import pose_file
from app.store.sessions.chunks import Chunk
from app.store.sessions.errors import DamagedError, HistoryError, NewerError
from app.store.sessions.pose_file import PoseWriter, is_written, read_chunks, read_head


def chunk(first, count=3):
    return Chunk([BodyPose.nobody(float(first + k), (64, 48)) for k in range(count)])


def times(folder):
    return [pose.t_s for chunk in read_chunks(folder) for pose in chunk.poses]


@pytest.fixture
def folder(tmp_path):
    writer = PoseWriter.create(tmp_path / "one", {"id": "one"})
    writer.append(chunk(0))
    writer.append(chunk(3))
    writer.close()
    return tmp_path / "one"


def test_it_is_the_owners_alone(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / pose_file.NAME).stat().st_mode) == 0o600


def test_it_is_our_own_as_long_as_we_write_it_and_no_longer(tmp_path):
    writer = PoseWriter.create(tmp_path / "one", {"id": "one"})
    assert pose_file.is_own(tmp_path / "one")
    writer.close()
    assert not pose_file.is_own(tmp_path / "one")  # the system may give its number to another one


def test_who_cannot_take_over_holds_no_file_open(folder):
    def lowest_free():
        file = os.open(os.devnull, os.O_RDONLY)
        os.close(file)
        return file

    writer = PoseWriter.reopen(folder)
    before = lowest_free()
    assert PoseWriter.reopen(folder) is None
    assert lowest_free() == before
    writer.close()


def test_head_and_poses(folder):
    assert read_head(folder)["id"] == "one"
    assert times(folder) == [0, 1, 2, 3, 4, 5]


def test_any_torn_end_leaves_whole_chunks(folder):
    path = folder / pose_file.NAME
    whole = path.read_bytes()
    second = whole.rindex(b"HCP1")
    for length in range(second, len(whole)):
        path.write_bytes(whole[:length])
        assert times(folder) == [0, 1, 2]
    for place in range(second, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        assert times(folder) == [0, 1, 2]


def test_who_takes_over_cuts_off_the_torn_end_and_goes_on(folder):
    path = folder / pose_file.NAME
    path.write_bytes(path.read_bytes()[:-4])
    writer = PoseWriter.reopen(folder)
    writer.append(chunk(9))
    writer.close()
    assert times(folder) == [0, 1, 2, 9, 10, 11]


@pytest.mark.parametrize("place", ["head", "first chunk", "last chunk", "a length", "a mark"])
def test_who_takes_over_what_was_damaged_keeps_it_as_it_was(folder, place):
    """Not torn by a kill: bytes that were whole have turned over, and behind them there is more."""
    path = folder / pose_file.NAME
    whole = path.read_bytes()
    first, last = whole.index(b"HCP1", 4), whole.rindex(b"HCP1")
    at, left = {
        "head": (30, []), "first chunk": (first + 40, []), "a length": (first + 11, []), "a mark": (last, [0, 1, 2]),
        "last chunk": (last + 40, [0, 1, 2]),
    }[place]  # fmt: skip
    damaged = whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :]
    for name in ("poses-damaged.hcp", "poses-damaged-2.hcp"):
        path.write_bytes(damaged)
        writer = PoseWriter.reopen(folder)
        writer.close()
        assert times(folder) == left
        assert writer.aside == folder / name
        assert writer.aside.read_bytes() == damaged
        assert stat.S_IMODE(writer.aside.stat().st_mode) == 0o600


def test_a_torn_end_is_kept_nowhere(folder):
    path = folder / pose_file.NAME
    whole = path.read_bytes()
    for length in range(whole.rindex(b"HCP1"), len(whole) + 1):
        path.write_bytes(whole[:length])
        writer = PoseWriter.reopen(folder)
        writer.close()
        assert writer.aside is None
    assert [path.name for path in folder.iterdir()] == [pose_file.NAME]


def test_only_one_may_write(folder):
    assert not is_written(folder)
    writer = PoseWriter.reopen(folder)
    assert is_written(folder)
    assert PoseWriter.reopen(folder) is None
    writer.close()
    assert not is_written(folder)


def test_a_full_disk_leaves_the_file_as_it_was(folder, monkeypatch):
    def half(file, data):
        os.write(file, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    before = (folder / pose_file.NAME).read_bytes()
    writer = PoseWriter.reopen(folder)
    with monkeypatch.context() as patch:
        patch.setattr(pose_file, "write_all", half)
        with pytest.raises(HistoryError, match=r"No space left on device.*check space"):
            writer.append(chunk(6))
    assert (folder / pose_file.NAME).read_bytes() == before
    writer.append(chunk(6))
    writer.close()
    assert times(folder) == [0, 1, 2, 3, 4, 5, 6, 7, 8]


def test_a_newer_apps_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pose_file, "VERSION", 2)
    PoseWriter.create(tmp_path / "new", {}).close()
    monkeypatch.setattr(pose_file, "VERSION", 1)
    with pytest.raises(NewerError, match="newer Hinge Coach: update the app"):
        read_head(tmp_path / "new")


@pytest.mark.parametrize("data", [b"", b"HCP1", b"\0" * 400])
def test_what_is_no_pose_file_is_told_of(folder, data):
    (folder / pose_file.NAME).write_bytes(data)
    assert times(folder) == []
    with pytest.raises(DamagedError, match="no head"):
        read_head(folder)


def test_a_file_that_is_gone_is_told_of(folder):
    (folder / pose_file.NAME).unlink()
    with pytest.raises(HistoryError, match="moved or deleted"):
        times(folder)


def test_a_head_that_would_unpack_to_far_too_much_is_refused(tmp_path, monkeypatch):
    """Ten MB of blanks are 10 kB in the file; neither they nor a head without an end are read."""
    monkeypatch.setattr(pose_file, "MOST_HEAD_BYTES", 100_000)
    whole = zlib.compress(b'{"version": 1}' + b" " * 10_000_000)
    for payload in (whole, whole[: len(whole) // 2], zlib.compress(b'{"version": 1}')[:-5]):
        record = struct.pack("<4scIII", b"HCP1", b"H", 0, len(payload), zlib.crc32(payload)) + payload
        (tmp_path / pose_file.NAME).write_bytes(record)
        with pytest.raises(DamagedError, match=r"head of .* is far too long, or cut off"):
            read_head(tmp_path)
