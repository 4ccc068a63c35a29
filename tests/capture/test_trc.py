"""Landmark files: known positions come back in px, every kind of bad file says so in one line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.capture import trc as trc_module
from app.capture.source import CaptureError
from app.capture.trc import MarkerTable, TrcSource, parse_trc
from app.coach.types import Landmark

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.coach.types import Frame

    TrcText = Callable[..., str]


def opened(tmp_path: Path, text: str | bytes, name: str = "made.trc") -> TrcSource:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    source = TrcSource(path)
    source.open()
    return source


def all_frames(source: TrcSource) -> list[Frame]:
    return list(iter(source.read, None))


@pytest.mark.parametrize("units", ["m", "mm"])
@pytest.mark.parametrize("blank_line", [True, False])
def test_positions_become_px(tmp_path: Path, trc: TrcText, units: str, blank_line: bool) -> None:
    source = opened(tmp_path, trc(units=units, blank_line=blank_line))
    frames = all_frames(source)
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert [frame.t_s for frame in frames] == pytest.approx([0.0, 1 / 60, 2 / 60, 3 / 60], abs=1e-6)
    # Markers in file order: RHip 0, RKnee 1, ... at X = 0.1 number + frame (m).
    for frame in frames:
        assert frame.image_bgr is None
        pose = frame.landmarks
        assert pose is not None
        known = ((Landmark.RIGHT_HIP, 0, 1.0), (Landmark.LEFT_HEEL, 11, 0.05), (Landmark.LEFT_EAR, 22, 1.6))
        for landmark, number, y_m in known:
            x_m = 0.1 * number + frame.index
            back_m = np.array(source.origin_m) + pose[landmark] / source.px_per_m * [1.0, -1.0]
            np.testing.assert_allclose(back_m, [x_m, y_m], atol=1e-6)
        assert pose.image_size_px == source.size_px
        assert np.isfinite(pose[Landmark.HEAD_TOP]).all()
        assert np.isnan(pose[Landmark.LEFT_EYE]).all()
        assert pose.visibility[Landmark.LEFT_EYE] == 0.0
        assert pose.visibility[Landmark.LEFT_HIP] == 1.0
        assert np.nanmin(pose.xy_px) >= 0.0
        assert (np.nanmax(pose.xy_px, axis=0) <= source.size_px).all()


def test_one_px_is_one_mm_unless_the_picture_grows_too_large(tmp_path: Path, trc: TrcText) -> None:
    near = opened(tmp_path, trc(frames=1), "near.trc")
    assert near.px_per_m == 1000.0
    # X spans 0 .. 2.2 m, Y 0.03 .. 1.75 m, and a margin of 0.1 m around
    assert near.size_px == (2400, 1920)
    far = opened(tmp_path, trc(frames=30), "far.trc")
    assert max(far.size_px) == trc_module.MAX_SIDE_PX


def test_toe_falls_back_to_the_small_toe(tmp_path: Path, trc: TrcText) -> None:
    source = opened(tmp_path, trc(("Hip", "Neck", "RKnee", "RAnkle", "RSmallToe", "REar")))
    pose = all_frames(source)[0].landmarks
    assert pose is not None
    assert pose[Landmark.RIGHT_TOE][0] == pytest.approx((0.4 + 0.1) * 1000.0)


def test_mid_markers_stand_for_both_sides_and_ears_are_never_invented(tmp_path: Path, trc: TrcText) -> None:
    source = opened(tmp_path, trc(("Hip", "Neck", "Nose", "Head", "LEar", "LKnee", "LAnkle")))
    pose = all_frames(source)[0].landmarks
    assert pose is not None
    np.testing.assert_array_equal(pose[Landmark.LEFT_HIP], pose[Landmark.RIGHT_HIP])
    np.testing.assert_array_equal(pose[Landmark.LEFT_SHOULDER], pose[Landmark.RIGHT_SHOULDER])
    for missing in (Landmark.RIGHT_EAR, Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE):
        assert np.isnan(pose[missing]).all()


def test_one_side_alone_is_not_copied_to_the_other(tmp_path: Path, trc: TrcText) -> None:
    source = opened(tmp_path, trc(("Hip", "RHip", "RShoulder", "REar", "RKnee", "RAnkle")))
    pose = all_frames(source)[0].landmarks
    assert pose is not None
    assert np.isfinite(pose[Landmark.RIGHT_HIP]).all()
    for missing in (Landmark.LEFT_HIP, Landmark.LEFT_SHOULDER, Landmark.LEFT_EAR):
        assert np.isnan(pose[missing]).all()


def test_empty_cells_are_missing_and_short_rows_are_fine(tmp_path: Path, trc: TrcText) -> None:
    lines = trc(("Hip", "Neck", "RKnee", "RAnkle", "REar"), blank_line=False).split("\n")
    cells = lines[5].split("\t")
    cells[2 + 3 : 2 + 6] = ["", " ", "nan"]  # Neck
    lines[5] = "\t".join(cells[: 2 + 12])  # writers drop the empty cells at the end: no REar
    frames = all_frames(opened(tmp_path, "\r\n".join(lines)))
    pose = frames[0].landmarks
    assert pose is not None
    assert np.isnan(pose[Landmark.LEFT_SHOULDER]).all()
    assert np.isnan(pose[Landmark.RIGHT_EAR]).all()
    assert np.isfinite(pose[Landmark.RIGHT_ANKLE]).all()
    assert frames[1].landmarks is not None
    assert np.isfinite(frames[1].landmarks[Landmark.RIGHT_EAR]).all()


def test_the_time_column_is_the_truth(tmp_path: Path, trc: TrcText) -> None:
    times_s = [2.0, 2.017, 2.033, 2.05, 2.1, 2.117]  # ms rounding, and one frame lost
    source = opened(tmp_path, trc(times_s=times_s))
    assert [frame.t_s for frame in all_frames(source)] == times_s
    assert source.fps == pytest.approx(60.0, rel=0.01)
    assert opened(tmp_path, trc(times_s=[3.0])).fps == 60.0  # one frame: DataRate is all there is


def test_a_wrong_frame_count_is_only_a_notice(tmp_path: Path, trc: TrcText) -> None:
    source = opened(tmp_path, trc(frames=4).replace("60\t60\t4\t", "60\t60\t9\t"))
    assert source.frame_count == 4
    assert source.notice == "made.trc holds 4 frames, its header says 9."
    assert opened(tmp_path, trc(frames=4)).notice == ""


def test_one_leg_alone_is_taken_with_a_notice(tmp_path: Path, trc: TrcText) -> None:
    source = opened(tmp_path, trc().replace("LKnee", "a").replace("60\t60\t4\t", "60\t60\t9\t"))
    assert source.frame_count == 4
    lacking, frames = source.notice.split(". ")
    assert lacking == "made.trc lacks the markers LKnee: steps, running and the stance need both legs"
    assert frames == "made.trc holds 4 frames, its header says 9."


def test_a_marker_without_a_position_is_no_marker(tmp_path: Path, trc: TrcText) -> None:
    lines = trc(("Hip", "Neck", "RKnee", "RAnkle", "LKnee", "LAnkle", "REar"), blank_line=False).split("\n")
    short = ["\t".join(line.split("\t")[: 2 + 18]) for line in lines[5:]]
    with pytest.raises(CaptureError, match="lacks the markers REar or LEar: export"):
        opened(tmp_path, "\n".join([*lines[:5], *short]))


def in_other_numbers(text: str, factor: float, column: int | None = None) -> str:
    """Return the text with its positions (or one column of them, 2 = the first X) times a factor, by no header's leave.

    Column 1 is the time.
    """
    lines = text.split("\n")
    for row, line in enumerate(lines[6:], start=6):
        cells = line.split("\t")
        which = range(2, len(cells)) if column is None else [column]
        for at in which if len(cells) > 1 else []:
            cells[at] = f"{float(cells[at]) * factor:.6f}"
        lines[row] = "\t".join(cells)
    return "\n".join(lines)


@pytest.mark.parametrize(("factor", "height_m"), [(0.001, "0.00157"), (0.1, "0.157"), (2.54, "3.99"), (10.0, "15.7")])
def test_markers_that_are_no_persons_height_are_refused(
    tmp_path: Path, trc: TrcText, factor: float, height_m: str
) -> None:
    # toe 0.03 m to ear 1.6 m, times the factor
    wanted = rf"^made\.trc: the markers are {height_m} m high: check Units in its header \(m or mm\)\.$"
    with pytest.raises(CaptureError, match=wanted):
        opened(tmp_path, in_other_numbers(trc(frames=3), factor))


@pytest.mark.parametrize("factor", [0.6, 1.0, 1.4])
def test_a_child_a_crouch_and_a_giant_are_fine(tmp_path: Path, trc: TrcText, factor: float) -> None:
    assert opened(tmp_path, in_other_numbers(trc(), factor)).frame_count == 4


def test_one_frame_of_another_height_is_no_wrong_unit(tmp_path: Path, trc: TrcText) -> None:
    lines = trc(frames=5).split("\n")
    lines[8] = in_other_numbers("\n".join([*lines[:6], lines[8]]), 0.1).split("\n")[-1]
    assert opened(tmp_path, "\n".join(lines)).frame_count == 5


@pytest.mark.parametrize("factor", [1000.0, 60.0, 0.1])
def test_a_time_column_that_is_not_in_seconds_is_refused(tmp_path: Path, trc: TrcText, factor: float) -> None:
    wanted = r"^made\.trc: the Time column does not fit DataRate 60: it must be in seconds\.$"
    with pytest.raises(CaptureError, match=wanted):
        opened(tmp_path, in_other_numbers(trc(), factor, column=1))


def test_every_fourth_frame_or_no_rate_at_all_is_fine(tmp_path: Path, trc: TrcText) -> None:
    assert opened(tmp_path, in_other_numbers(trc(), 4.0, column=1)).fps == pytest.approx(15.0, rel=1e-3)
    rateless = in_other_numbers(trc(), 1000.0, column=1).replace("\n60\t60\t4\t", "\n0\t60\t4\t")
    assert opened(tmp_path, rateless).frame_count == 4


def test_a_marker_gone_astray_for_one_frame_leaves_the_image_as_it_was(tmp_path: Path, trc: TrcText) -> None:
    names = marker_order(trc)
    whole = opened(tmp_path, trc(frames=8), "whole.trc")
    for marker, landmark in (("LWrist", Landmark.LEFT_WRIST), ("LEar", Landmark.LEFT_EAR)):
        for astray_m, known in ((20.0, True), (1e7, False)):
            lines = trc(frames=8).split("\n")
            cells = lines[9].split("\t")
            cells[2 + 3 * names.index(marker) + 1] = str(astray_m)
            lines[9] = "\t".join(cells)
            source = opened(tmp_path, "\n".join(lines))
            assert source.size_px == whole.size_px
            assert source.px_per_m == whole.px_per_m
            assert source.origin_m == whole.origin_m
            pose = all_frames(source)[3].landmarks
            assert pose is not None
            assert np.isfinite(pose[landmark]).all() == known  # so far off, no px could be drawn


def marker_order(trc: TrcText) -> list[str]:
    """Return the markers of the made text in their order."""
    return [cell for cell in trc().split("\n")[3].split("\t")[2:] if cell]


BAD: dict[str, tuple[Callable[[str], str], str]] = {
    "no header": (lambda text: text.partition("\n")[2], "must begin with PathFileType"),
    "only the first line": (lambda text: text.partition("\n")[0], "ends within its header"),
    "a key is missing": (lambda text: text.replace("Units\t", "", 1), "line 2 lacks Units"),
    "a value is missing": (lambda text: text.replace("60\t60\t4\t23", "23"), "line 3 has 5 values for 8 keys"),
    "a value is no number": (lambda text: text.replace("\t23\tm", "\tmany\tm"), "NumMarkers is 'many'"),
    "unknown units": (lambda text: text.replace("\t23\tm", "\t23\tfurlongs"), "Units 'furlongs'"),
    "too few markers": (lambda text: text.replace("\t23\tm", "\t24\tm"), "NumMarkers 24 but names 23"),
    "spaces for tabs": (lambda text: text.replace("\t", " "), "line 4"),
    "a marker twice": (lambda text: text.replace("LKnee", "RKnee"), "'RKnee' twice"),
    "no frames": (lambda text: "\n".join(text.split("\n")[:6]), "no frames"),
    "a word in a cell": (lambda text: text.replace("3\t0.033333", "3\t0.033333\toops", 1), "line 9: "),
    "infinite": (lambda text: text.replace("\t-0.50000", "\tinf", 1), "line 7: 'inf' is not a number"),
    "too many columns": (lambda text: text.replace("-0.50000\n", "-0.50000\t7\n", 1), "line 7: 72 columns"),
    "no time": (lambda text: text.replace("3\t0.033333", "3\t"), "line 9: the Time cell is empty"),
    "time stands still": (lambda text: text.replace("0.033333", "0.016667"), "line 9: time does not increase"),
    "knees lost": (lambda text: text.replace("RKnee", "a").replace("LKnee", "b"), "RKnee, LKnee"),
    "ears lost": (
        lambda text: text.replace("REar", "a").replace("LEar", "b"),
        "lacks the markers REar or LEar (Head and Nose do not stand for them)",
    ),
    "hips lost": (lambda text: text.replace("RHip", "a").replace("LHip", "b"), "RHip and LHip (or Hip)"),
    "shoulders lost": (
        lambda text: text.replace("RShoulder", "a").replace("LShoulder", "b").replace("Neck", "c"),
        "RShoulder and LShoulder (or Neck)",
    ),
    "mm written as m": (lambda text: text.replace("1.00000", "1800.000"), "check Units"),
    "nobody": (lambda text: "\n".join([*text.split("\n")[:6], "1\t0.0"]), "no position at all"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, trc: TrcText, case: str) -> None:
    spoil, expected = BAD[case]
    with pytest.raises(CaptureError) as caught:
        opened(tmp_path, spoil(trc()))
    message = str(caught.value)
    assert expected in message
    assert "made.trc" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (bytes(range(256)), "not UTF-8"),
        ("PathFileType\t4\t(X/Y/Z)\tl\xe9onie.trc\n".encode("latin-1"), "not UTF-8"),
        (b"PathFileType\0\0", "binary data"),
        ("PathFileType".encode("utf-16"), "not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    with pytest.raises(CaptureError, match=expected):
        opened(tmp_path, content)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="There is no file"):
        TrcSource(tmp_path / "none.trc").open()
    with pytest.raises(CaptureError, match="is not a file"):
        TrcSource(tmp_path).open()
    with pytest.raises(CaptureError, match=r"cannot be read|There is no file"):
        TrcSource("no\0name").open()


def test_a_huge_file_is_refused_before_it_is_read(
    tmp_path: Path, trc: TrcText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trc_module, "MAX_FILE_BYTES", 100)
    with pytest.raises(CaptureError, match="the limit is"):
        opened(tmp_path, trc())


def check_parses_or_refuses(text: str) -> None:
    """Whatever the text: a sound table, or CaptureError in one line."""
    refusal = ""
    try:
        table = parse_trc(text)
    except CaptureError as error:
        refusal = str(error)
    if refusal:
        assert "\n" not in refusal
        return
    assert isinstance(table, MarkerTable)
    assert (np.diff(table.times_s) > 0.0).all()
    assert np.isfinite(table.times_s).all()
    for positions_m in table.positions_m.values():
        assert positions_m.shape == (len(table.times_s), 3)
        assert not np.isinf(positions_m).any()


@settings(max_examples=150, deadline=None, database=None)
@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    check_parses_or_refuses(text)
    check_parses_or_refuses("PathFileType\t4\n" + text)


@settings(max_examples=250, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_parsed_or_refused(trc: TrcText, data: st.DataObject) -> None:
    text = trc(("Hip", "Neck", "RKnee", "RAnkle"), frames=3)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        patch = st.text(max_size=6) | st.sampled_from(["\t", "\n", "\r", "nan", "1e999", "-", "0", "1_0", "\u0663"])
        text = text[:start] + data.draw(patch) + text[end:]
    check_parses_or_refuses(text)


def test_the_motion_capture_runner_as_it_is(shared: Path) -> None:
    source = TrcSource(shared / "data" / "mocap" / "runner_a_run.trc")
    source.open()
    frames = all_frames(source)
    assert len(frames) == source.frame_count == 600
    assert source.fps == pytest.approx(60.0, rel=1e-3)
    assert source.notice == ""
    first = frames[0].landmarks
    assert first is not None
    # First row: REar X 0.87539 Y 1.60372, RAnkle X 0.21157 Y 0.24060 m; 1 px = 1 mm
    np.testing.assert_allclose(first[Landmark.RIGHT_EAR] - first[Landmark.RIGHT_ANKLE], [663.82, -1363.12], atol=0.01)
