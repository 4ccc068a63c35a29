"""Videos that play at the speed of life."""

import cv2
import numpy as np
import pytest

from app.coach.errors import WorldError
from app.coach.types import Frame
from app.store.video_file import video_file

SIZE = (96, 64)


def picture(level):
    return np.full((SIZE[1], SIZE[0], 3), level, np.uint8)


def levels_of(path):
    """Return (fps, mean grey level of every frame)."""
    film, levels = cv2.VideoCapture(str(path)), []
    fps = film.get(cv2.CAP_PROP_FPS)
    while (got := film.read())[0]:
        levels.append(float(got[1].mean()))
    film.release()
    return fps, levels


def test_frames_of_even_rate_go_in_one_by_one(tmp_path):
    with video_file(tmp_path / "a.mp4", lambda: 60.0) as film:
        for k in range(30):
            film.add(100.0 + k / 60.0, picture(8 * k))
    fps, levels = levels_of(tmp_path / "a.mp4")
    assert fps == pytest.approx(60.0)
    assert levels == pytest.approx([8 * k for k in range(30)], abs=3.9)


def test_playback_runs_at_the_speed_of_life_whatever_the_times(tmp_path):
    times_s = [0.0, 0.1, 0.3, 0.31, 0.32, 0.6]
    with video_file(tmp_path / "a.mp4", lambda: 10.0) as film:
        for k, t_s in enumerate(times_s):
            film.add(t_s, picture(40 * k))
    _, levels = levels_of(tmp_path / "a.mp4")
    assert levels == pytest.approx([0, 40, 80, 80, 200, 200, 200], abs=4)


def test_a_long_gap_is_cut_out(tmp_path):
    with video_file(tmp_path / "a.mp4", lambda: 10.0) as film:
        for t_s in (0.0, 0.1, 3600.0, 3600.1):
            film.add(t_s, picture(90))
    assert len(levels_of(tmp_path / "a.mp4")[1]) == 4


def test_an_unknown_rate_is_30(tmp_path):
    with video_file(tmp_path / "a.mp4", lambda: float("nan")) as film:
        film.add_frame(Frame(0, 0.0, picture(1)))
    assert levels_of(tmp_path / "a.mp4")[0] == 30.0


def test_nothing_half_written_stays(tmp_path):
    with pytest.raises(KeyError), video_file(tmp_path / "a.mp4", lambda: 30.0) as film:  # noqa: PT012 - it fails inside
        film.add(0.0, picture(1))
        raise KeyError("bug")
    with pytest.raises(WorldError, match="no frame"), video_file(tmp_path / "b.mp4", lambda: 30.0):
        pass
    with pytest.raises(WorldError, match=r"\.mp4"), video_file(tmp_path / "c.avi", lambda: 30.0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_without_an_encoder_it_is_the_machines_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(cv2.VideoWriter, "isOpened", lambda _: False)
    with pytest.raises(WorldError, match="encoder"), video_file(tmp_path / "a.mp4", lambda: 30.0) as film:
        film.add(0.0, picture(1))
    assert list(tmp_path.iterdir()) == []


def test_pictures_of_another_size_are_our_bug(tmp_path):
    with pytest.raises(ValueError, match="expected pictures"), video_file(tmp_path / "a.mp4", lambda: 30.0) as film:  # noqa: PT012
        film.add(0.0, picture(1))
        film.add(0.1, np.zeros((10, 10, 3), np.uint8))


@pytest.mark.parametrize("room_bytes", [0, 20_000])
def test_a_disk_that_fills_up_is_told_with_the_name(tmp_path, room_bytes):
    resource = pytest.importorskip("resource", reason="no limit on a file's size here")
    noise, usual = np.random.default_rng(0), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, usual[1]))
    try:
        with pytest.raises(WorldError, match=r"a\.mp4"), video_file(tmp_path / "a.mp4", lambda: 30.0) as film:  # noqa: PT012
            for k in range(4):
                film.add(k / 30.0, noise.integers(0, 255, (240, 320, 3), np.uint8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert list(tmp_path.iterdir()) == []
