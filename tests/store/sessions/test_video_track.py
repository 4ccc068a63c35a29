"""Every frame of a kept video has its own time, wherever the process was killed."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess

import cv2
import numpy as np
import pytest

from app.store.sessions import video_boxes, video_encoder, video_track
from app.store.sessions.errors import DamagedError, HistoryError
from app.store.sessions.video_track import FRAGMENT_S, VideoWriter, finish, kept_video

WIDTH, HEIGHT = 96, 64
START_S = 5000.25
TICK_S = 1.0 / video_boxes.TICKS_PER_S
#: Of a camera that gives what it can, is away for 4 s and comes back twice as fast.
GAPS_S = (*([0.031, 0.035, 0.09] * 20), 4.0, *([0.0167, 0.0163] * 30))
TIMES_S = START_S + np.cumsum((0.0, *GAPS_S))
posix = pytest.mark.skipif(os.name == "nt", reason="owners as POSIX has them")


def picture(k, width=WIDTH, height=HEIGHT):
    return np.full((height, width, 3), level(k), np.uint8)


def level(k):
    """Grey of the k-th picture: neighbours are far apart."""
    return 20 + 53 * k % 210


def write(writer, frames):
    """Write frames, ten a second."""
    for k in frames:
        writer.add(k * 0.1, picture(k))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A video that is finished, and the same one as it is while it is written."""
    folder, running = tmp_path_factory.mktemp("video"), tmp_path_factory.mktemp("running")
    writer = VideoWriter(folder)
    for k, t_s in enumerate(TIMES_S):
        writer.add(t_s, picture(k))
    writer._flush(round((TIMES_S[-1] - START_S) / TICK_S) + 1000)
    shutil.copy(folder / video_track.NAME, running / video_track.NAME)
    writer.close()
    return folder, running


def shown(path):
    """What any player shows: (time, mean grey) of every frame."""
    film, frames = cv2.VideoCapture(str(path)), []
    while (got := film.read())[0]:
        frames.append((film.get(cv2.CAP_PROP_POS_MSEC) / 1000.0, float(got[1].mean())))
    film.release()
    return frames


@pytest.mark.parametrize("which", [0, 1])
def test_every_frame_is_shown_at_its_own_time(written, which):
    frames = shown(written[which] / video_track.NAME)
    assert len(frames) == len(TIMES_S)
    assert np.array([t_s for t_s, _ in frames]) == pytest.approx(TIMES_S - START_S, abs=0.0005)
    assert [grey for _, grey in frames] == pytest.approx([level(k) for k in range(len(TIMES_S))], abs=6.0)


@pytest.mark.parametrize("which", [0, 1])
def test_the_file_knows_the_times_on_the_sessions_clock(written, which):
    video = kept_video(written[which])
    assert np.array(video.times_s) == pytest.approx(TIMES_S, abs=TICK_S)
    assert (video.width_px, video.height_px, video.finished) == (WIDTH, HEIGHT, which == 0)
    assert video.size == (written[which] / video_track.NAME).stat().st_size


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="no ffprobe here")
def test_ffprobe_finds_a_whole_mp4_of_the_true_times(written):
    told = subprocess.run(
        ["ffprobe", "-v", "warning", "-show_entries", "frame=pts_time:stream=nb_frames,duration", "-of", "json",
         str(written[0] / video_track.NAME)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stderr == ""
    found = json.loads(told.stdout)
    (stream,) = found["streams"]
    assert int(stream["nb_frames"]) == len(TIMES_S)
    assert [float(frame["pts_time"]) for frame in found["frames"]] == pytest.approx(TIMES_S - START_S, abs=1e-4)


def test_a_file_that_is_cut_anywhere_is_whole_up_to_its_last_second(written, tmp_path):
    data = (written[1] / video_track.NAME).read_bytes()
    every = video_track._found(written[1] / video_track.NAME).fragments
    ends = [one.offset + sum(sample.size for sample in one.samples) for one in every]
    assert ends[-1] == len(data)
    rng = np.random.default_rng(3)
    cuts = [0, 1, 7, *rng.integers(8, len(data), 25).tolist(), *ends, *(end - 1 for end in ends)]
    for cut in cuts:
        (tmp_path / video_track.NAME).write_bytes(data[:cut])
        finish(tmp_path)
        whole = sum(end <= cut for end in ends)
        frames = sum(len(one.samples) for one in every[:whole])
        video = kept_video(tmp_path)
        if not frames:
            assert video is None
            continue
        assert (video.finished, len(video.times_s)) == (True, frames)
        assert len(shown(video.path)) == frames
        video.path.unlink()


def test_finishing_can_be_cut_off_and_done_twice(written, tmp_path):
    video = tmp_path / video_track.NAME
    finished = (written[0] / video_track.NAME).read_bytes()
    running = (written[1] / video_track.NAME).read_bytes()
    for index_bytes in (1, 500, len(finished) - len(running)):  # the index there, in part, not yet counting
        video.write_bytes(running + finished[len(running) :][:index_bytes])
        finish(tmp_path)
        assert video.read_bytes() == finished
    finish(tmp_path)
    assert video.read_bytes() == finished


@posix
def test_it_is_for_its_owner_alone_and_nothing_else_is_left(written):
    assert stat.S_IMODE((written[0] / video_track.NAME).stat().st_mode) == 0o600
    assert [path.name for path in written[0].iterdir()] == [video_track.NAME]


def test_odd_pictures_lose_a_row_and_a_picture_of_no_later_time_is_left_out(tmp_path):
    writer = VideoWriter(tmp_path)
    for k, t_s in enumerate((1.0, 1.1, 1.1, 1.05, 1.2)):
        writer.add(t_s, picture(k, WIDTH + 1, HEIGHT + 1))
    writer.close()
    video = kept_video(tmp_path)
    assert video.times_s == pytest.approx((1.0, 1.1, 1.2), abs=TICK_S)
    assert [grey for _, grey in shown(video.path)] == pytest.approx([level(0), level(1), level(4)], abs=6.0)
    assert (video.width_px, video.height_px) == (WIDTH, HEIGHT)


def test_no_fragment_has_too_many_frames_however_little_their_times_differ(tmp_path, monkeypatch):
    monkeypatch.setattr(video_track, "FRAGMENT_FRAMES", 5)
    writer = VideoWriter(tmp_path)
    for k in range(12):
        writer.add(k * 0.001, picture(k))
    writer.close()
    fragments = video_track._found(tmp_path / video_track.NAME).fragments
    assert [len(one.samples) for one in fragments] == [5, 5, 2]


def test_a_video_whose_times_go_back_is_damaged(tmp_path):
    writer = VideoWriter(tmp_path)
    write(writer, range(10))
    writer._flush(round(1.0 / TICK_S))
    writer._append(video_boxes.fragment(2, 0, [video_boxes.Sample(100, 4, True)], b"data"))
    writer.abandon()
    with pytest.raises(DamagedError, match="go back"):
        kept_video(tmp_path)


def test_a_full_disk_leaves_the_file_as_it_was_and_no_encoder_at_work(tmp_path, monkeypatch):
    def half(file, data):
        os.write(file, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    writer = VideoWriter(tmp_path)
    write(writer, range(10))
    writer._flush(round(1.0 / TICK_S))
    before = writer.path.read_bytes()
    monkeypatch.setattr(video_track, "write_all", half)
    write(writer, range(10, 15))
    with pytest.raises(HistoryError, match="No space left"):
        writer._flush(round(1.5 / TICK_S))
    assert writer.path.read_bytes() == before
    write(writer, range(20, 23))
    assert (tmp_path / video_encoder.PART).exists()
    writer.abandon()
    assert not (tmp_path / video_encoder.PART).exists()


def test_another_size_in_the_middle_is_told_and_the_rest_is_kept(tmp_path):
    writer = VideoWriter(tmp_path)
    write(writer, range(40))
    with pytest.raises(HistoryError, match="size to 32x32"):
        writer.add(5.0, picture(0, 32, 32))
    writer.close()
    assert len(kept_video(tmp_path).times_s) == 40


def test_a_full_disk_leaves_what_was_written_whole(tmp_path, monkeypatch):
    writer = VideoWriter(tmp_path)
    write(writer, range(25))
    before = writer.frames

    def full(file, data):
        os.write(file, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(video_track, "write_all", full)
    with pytest.raises(HistoryError, match="No space left on device"):
        write(writer, range(25, 40))
    monkeypatch.undo()
    writer.close(rest=False)
    video = kept_video(tmp_path)
    assert before == len(video.times_s) == len(shown(video.path)) == 24


def test_an_encoder_that_writes_less_than_it_was_given_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(video_encoder, "_chunks", lambda _: iter(()))
    writer = VideoWriter(tmp_path)
    with pytest.raises(HistoryError, match="0 of 8 pictures: is the disk full"):
        write(writer, range(12))
    writer.close(rest=False)
    assert list(tmp_path.iterdir()) == []


def test_what_is_none_of_ours_is_left_alone(tmp_path, written):
    path = tmp_path / video_track.NAME
    assert kept_video(tmp_path) is None
    finish(tmp_path)
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(5000))
    finish(tmp_path)
    assert path.stat().st_size == 5012
    with pytest.raises(DamagedError, match="no video of Hinge Coach"):
        kept_video(tmp_path)
    with pytest.raises(DamagedError, match="far too many pictures"):
        kept_video(written[0], most_frames=len(TIMES_S) - 1)


@pytest.mark.parametrize("change", ["index cut off", "half cut off", "more behind it", "a fragment", "its length"])
def test_what_was_damaged_after_it_was_finished_is_known_and_its_first_pictures_with_it(written, tmp_path, change):
    whole, index_at = (written[0] / video_track.NAME).read_bytes(), (written[1] / video_track.NAME).stat().st_size
    second = video_track._found(written[0] / video_track.NAME).fragments[1]
    broken = bytearray(whole)
    broken[whole.rindex(b"moof", 0, second.offset)] ^= 0xFF
    place = video_track._found(written[0] / video_track.NAME).place
    data = {
        "index cut off": whole[: index_at + 100], "half cut off": whole[: len(whole) // 2],
        "more behind it": whole + b"x", "a fragment": broken,
        "its length": whole[: place + 8] + bytes(8) + whole[place + 16 :],
    }[change]  # fmt: skip
    (tmp_path / video_track.NAME).write_bytes(data)
    video = kept_video(tmp_path)
    assert (video.finished, video.damaged) == (True, True)
    assert video.times_s == kept_video(written[0]).times_s[: len(video.times_s)]
    assert 0 < len(video.times_s) <= len(TIMES_S)
    finish(tmp_path)
    assert (tmp_path / video_track.NAME).read_bytes() == data
    assert not kept_video(written[0]).damaged
    assert not kept_video(written[1]).damaged


def test_no_fragment_is_longer_than_what_may_be_lost(written):
    for one in video_track._found(written[0] / video_track.NAME).fragments:
        assert sum(sample.ticks for sample in one.samples[:-1]) * TICK_S < FRAGMENT_S
        assert one.samples[0].key
