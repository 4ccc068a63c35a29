"""Which cameras there are and why one refuses, with a made-up system tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.capture import cameras
from app.capture.cameras import CameraInfo, find_camera, list_cameras, named_cameras, why_not_opened
from app.capture.source import CaptureError

CAMERAS = (CameraInfo(0, "Integrated Webcam"), CameraInfo(2, "Logitech BRIO"))


def add_node(sysfs: Path, number: int, name: str | None, index: str | None) -> None:
    node = sysfs / f"video{number}"
    node.mkdir(parents=True)
    if name is not None:
        (node / "name").write_text(name + "\n")
    if index is not None:
        (node / "index").write_text(index + "\n")


def test_names_come_from_the_system_without_metadata_nodes(tmp_path: Path) -> None:
    add_node(tmp_path, 10, "Ten", "0")
    add_node(tmp_path, 0, "Integrated\tWebcam", "0")
    add_node(tmp_path, 1, "Integrated Webcam", "1")
    add_node(tmp_path, 2, None, None)
    (tmp_path / "videoX").mkdir()
    assert named_cameras(tmp_path) == (
        CameraInfo(0, "Integrated?Webcam"),
        CameraInfo(2, ""),
        CameraInfo(10, "Ten"),
    )
    assert named_cameras(tmp_path / "none") == ()


@pytest.mark.parametrize("wanted", [2, "2", " 2 ", "/dev/video2", "brio", "Logitech BRIO"])
def test_a_camera_is_found_by_number_or_name(wanted: int | str) -> None:
    assert find_camera(wanted, CAMERAS) == CAMERAS[1]


def test_an_unlisted_number_is_tried_anyway() -> None:
    assert find_camera(7, CAMERAS) == CameraInfo(7, "")


@pytest.mark.parametrize("wanted", ["nikon", "", "-1", "\u0662"])
def test_an_unknown_name_lists_what_there_is(wanted: str) -> None:
    with pytest.raises(CaptureError, match=r"there are 0 .Integrated Webcam., 2 .Logitech BRIO."):
        find_camera(wanted, CAMERAS)
    with pytest.raises(CaptureError, match="give a number"):
        find_camera(wanted, ())


class Device:
    """A device that opens or not."""

    def __init__(self, opens: bool) -> None:
        self.opens = opens
        self.released = False

    def isOpened(self) -> bool:
        return self.opens

    def release(self) -> None:
        self.released = True


def test_probing_stops_at_the_first_refusal_and_releases_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "_PLATFORM", "darwin")
    devices: list[Device] = []

    def opener(index: int) -> Device:
        devices.append(Device(index < 2))
        return devices[-1]

    assert list_cameras(opener) == (CameraInfo(0, ""), CameraInfo(1, ""))  # type: ignore[arg-type]
    assert len(devices) == 3
    assert all(device.released for device in devices)


def test_why_a_camera_does_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "There is no camera 0" in why_not_opened(0, "linux", tmp_path)
    (tmp_path / "video0").touch()
    assert "close other programs" in why_not_opened(0, "linux", tmp_path)
    monkeypatch.setattr(cameras.os, "access", lambda *_: False)
    assert "group 'video'" in why_not_opened(0, "linux", tmp_path)
    assert "System Settings > Privacy & Security > Camera" in why_not_opened(0, "darwin")
    assert "Privacy & security > Camera" in why_not_opened(1, "win32")
    assert "plug it in" in why_not_opened(1, "freebsd14")
