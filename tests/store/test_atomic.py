"""A file is there as a whole or not at all."""

import os
from pathlib import Path

import pytest

from app.coach.errors import WorldError
from app.store.atomic import make_folder, replacing, require_writable, write_bytes, write_text


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    write_text(path, "new µ\n")
    assert path.read_bytes() == "new µ\n".encode()
    assert names_in(tmp_path) == ["a.json"]


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), replacing(path) as temporary:  # noqa: PT012 - the failure belongs inside
        assert temporary.suffix == ".mp4"
        assert temporary.parent == tmp_path
        temporary.write_bytes(b"half")
        raise KeyError("bug")
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.mp4"]


def test_a_new_file_has_the_usual_permissions(tmp_path):
    write_bytes(tmp_path / "new", b"")
    (tmp_path / "plain").touch()
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("place", ["missing/a.json", "file/a.json", "file/deeper/a.json", "."])
def test_a_place_that_cannot_hold_the_file_is_told_in_one_line(tmp_path, place):
    (tmp_path / "file").write_text("a file, no folder")
    for act in (require_writable, lambda path: write_text(path, "x")):
        with pytest.raises(WorldError) as caught:
            act(tmp_path / place)
        assert str(tmp_path) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert names_in(tmp_path) == ["file"]


def test_asking_whether_a_file_can_be_written_leaves_nothing(tmp_path):
    require_writable(tmp_path / "a.json")
    assert names_in(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no /dev/null on this system")
def test_a_device_is_written_to_and_not_replaced():
    before = os.stat("/dev/null").st_mode  # noqa: PTH116 - compared with the same call below
    write_text(Path("/dev/null"), "gone")
    assert os.stat("/dev/null").st_mode == before  # noqa: PTH116
    with pytest.raises(WorldError, match="device"), replacing(Path("/dev/null")):
        pass


def test_folders_are_made_with_their_parents_or_refused(tmp_path):
    assert make_folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(WorldError, match="cannot be made"):
        make_folder(tmp_path / "file" / "b")
    with pytest.raises(WorldError, match="cannot be made"):
        make_folder(tmp_path / "file")
