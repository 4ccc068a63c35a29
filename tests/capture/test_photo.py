"""A photo as a source of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture.opencv import MOST_SIDE_PX, cv2
from app.capture.photo import PHOTO_FPS, PHOTO_S, PhotoSource, still_picture
from app.capture.source import CaptureError

if TYPE_CHECKING:
    from pathlib import Path


def written(path: Path, width: int = 64, height: int = 48) -> Path:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2] = (40, 80, 160)
    assert cv2.imwrite(str(path), picture)
    return path


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_the_picture_stands_for_four_seconds_and_says_so(tmp_path, suffix):
    source = PhotoSource(written(tmp_path / f"me.{suffix}"))
    with pytest.raises(RuntimeError):
        source.read()
    source.open()
    frames = list(iter(source.read, None))
    assert len(frames) == source.frame_count == 40
    assert [f.t_s for f in frames[:3]] == pytest.approx([0.0, 0.1, 0.2])
    assert frames[-1].t_s == pytest.approx(PHOTO_S - 1.0 / PHOTO_FPS)
    assert source.size_px == (64, 48)
    assert "photo" in source.notice
    assert frames[0].image_bgr is not frames[1].image_bgr
    assert frames[0].image_bgr[10, 5].astype(int).tolist() == pytest.approx([40, 80, 160], abs=3)
    source.close()
    source.close()
    assert source.read() is None
    source.open()
    assert source.read().index == 0


def test_large_pictures_are_made_smaller(tmp_path):
    source = PhotoSource(written(tmp_path / "large.png", 2400, 1200))
    source.open()
    assert source.size_px == (MOST_SIDE_PX, MOST_SIDE_PX // 2)


def test_how_the_camera_was_held_is_heeded(tmp_path):
    path = written(tmp_path / "plain.jpg")
    plain = path.read_bytes()
    # An EXIF block with nothing but orientation 6: the picture is to be turned by a quarter.
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00" + entry + b"\x00\x00\x00\x00"
    turned = plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + plain[2:]
    (tmp_path / "turned.jpg").write_bytes(turned)
    source = PhotoSource(tmp_path / "turned.jpg")
    source.open()
    assert source.size_px == (48, 64)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\x89PNG\r\n\x1a\nno more", "cannot be read as a picture"), (None, "There is no file")],
)
def test_bad_files_are_one_line_that_says_what_to_do(tmp_path, content, words):
    path = tmp_path / "bad.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CaptureError, match=words) as caught:
        PhotoSource(path).open()
    assert "\n" not in str(caught.value)


def test_pictures_are_known_by_what_is_in_them(tmp_path):
    assert still_picture(written(tmp_path / "a.png"))
    (tmp_path / "phone.heic").write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00")
    assert still_picture(tmp_path / "phone.heic")
    (tmp_path / "clip.mp4").write_bytes(b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00")
    assert not still_picture(tmp_path / "clip.mp4")
    assert not still_picture(tmp_path / "none")
