"""Landmark files: ``.trc`` as OpenSim, Sports2D and Pose2Sim write them, played as frames without images.

Marker names are those of HALPE_26 plus ``REar``/``LEar``; ``R``/``L`` are the runner's anatomical sides.
World frame of the file: X running direction, Y up, Z sideways (ignored), m or mm by the header. The side view
becomes a virtual image in px, x = X to the right and y down, that spans the body with a margin; a stray marker may
lie outside of it.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.capture import trc_check
from app.capture.source import CaptureError, one_line, rate_from_times, require_file
from app.coach.types import LANDMARK_COUNT, BodyPose, FloatArray, Frame, Landmark, read_only

PX_PER_M = 1000.0  # 1 px = 1 mm, unless the picture would become larger than MAX_SIDE_PX
MAX_SIDE_PX = 4096
MARGIN_M = 0.1
MAX_FILE_BYTES = 200_000_000  # about one and a half hours of 26 markers at 60 Hz
MAX_MARKERS = 1000

_METRES_PER_UNIT = {"m": 1.0, "mm": 0.001}
_REQUIRED_KEYS = ("DataRate", "NumFrames", "NumMarkers", "Units")

_L = Landmark
#: For each landmark the markers that may stand for it, best first. ``Head`` in HALPE_26 is its top.
_MARKERS_OF: dict[Landmark, tuple[str, ...]] = {
    _L.NOSE: ("Nose",),
    _L.LEFT_EYE: ("LEye",),
    _L.RIGHT_EYE: ("REye",),
    _L.LEFT_EAR: ("LEar",),
    _L.RIGHT_EAR: ("REar",),
    _L.LEFT_SHOULDER: ("LShoulder",),
    _L.RIGHT_SHOULDER: ("RShoulder",),
    _L.LEFT_ELBOW: ("LElbow",),
    _L.RIGHT_ELBOW: ("RElbow",),
    _L.LEFT_WRIST: ("LWrist",),
    _L.RIGHT_WRIST: ("RWrist",),
    _L.LEFT_HIP: ("LHip",),
    _L.RIGHT_HIP: ("RHip",),
    _L.LEFT_KNEE: ("LKnee",),
    _L.RIGHT_KNEE: ("RKnee",),
    _L.LEFT_ANKLE: ("LAnkle",),
    _L.RIGHT_ANKLE: ("RAnkle",),
    _L.LEFT_HEEL: ("LHeel",),
    _L.RIGHT_HEEL: ("RHeel",),
    _L.LEFT_TOE: ("LBigToe", "LSmallToe"),
    _L.RIGHT_TOE: ("RBigToe", "RSmallToe"),
    _L.HEAD_TOP: ("Head",),
}
#: A mid-line marker stands for both sides where the file has neither side.
_MID_MARKER_OF = {"Hip": (_L.LEFT_HIP, _L.RIGHT_HIP), "Neck": (_L.LEFT_SHOULDER, _L.RIGHT_SHOULDER)}


@dataclass(frozen=True, slots=True, eq=False)
class MarkerTable:
    """The contents of a ``.trc`` file.

    Attributes:
        times_s: (n,) s, strictly increasing, as in the Time column.
        positions_m: marker name -> (n, 3) X, Y up, Z in m; NaN where missing.
        rate_hz: DataRate of the header (only a claim; the Time column is the truth).
        declared_frames: NumFrames of the header.
    """

    times_s: FloatArray
    positions_m: dict[str, FloatArray]
    rate_hz: float
    declared_frames: int


def parse_trc(text: str, name: str = "the .trc file") -> MarkerTable:
    """Return the table written in ``text``.

    Args:
        text: the whole file.
        name: what error messages call the file.

    Raises:
        CaptureError: one line that names the place, where the text is not a ``.trc`` file.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[0].lstrip("\ufeff").startswith("PathFileType"):
        raise CaptureError(f"{name} is not a .trc file: its first line must begin with PathFileType.")
    if len(lines) < 5:
        raise CaptureError(f"{name} ends within its header: export it again.")
    header = _header_values(lines[1], lines[2], name)
    units = header["Units"].strip().lower()
    if units not in _METRES_PER_UNIT:
        raise CaptureError(f"{name} has Units '{one_line(header['Units'])}': only m and mm are understood.")
    names = _marker_names(lines[3], name)
    declared_markers = _header_number(header, "NumMarkers", name)
    if declared_markers != len(names):
        raise CaptureError(
            f"{name} says NumMarkers {declared_markers:g} but names {len(names)} markers: export it again."
        )
    times_s, cells = _rows(lines, len(names), name)
    positions_m = cells.reshape(len(times_s), len(names), 3) * _METRES_PER_UNIT[units]
    return MarkerTable(
        times_s=times_s,
        positions_m={marker: positions_m[:, column] for column, marker in enumerate(names)},
        rate_hz=_header_number(header, "DataRate", name),
        declared_frames=int(_header_number(header, "NumFrames", name)),
    )


def _header_values(keys_line: str, values_line: str, name: str) -> dict[str, str]:
    """Return header key -> value of lines 2 and 3 (tabs, or any blanks where a tool wrote those)."""
    keys, values = keys_line.strip("\n\t ").split("\t"), values_line.rstrip("\t ").split("\t")
    if len(keys) < len(_REQUIRED_KEYS) or len(values) < len(keys):
        keys, values = keys_line.split(), values_line.split()
    missing = [key for key in _REQUIRED_KEYS if key not in keys]
    if missing:
        raise CaptureError(f"{name} has a bad header: line 2 lacks {', '.join(missing)}.")
    if len(values) < len(keys):
        raise CaptureError(f"{name} has a bad header: line 3 has {len(values)} values for {len(keys)} keys.")
    return dict(zip(keys, values, strict=False))


def _header_number(header: dict[str, str], key: str, name: str) -> float:
    """Return a header value that must be a number of 0 or more."""
    number = _number(header[key])
    if number is None or not 0.0 <= number < 1e9:
        raise CaptureError(f"{name} has a bad header: {key} is '{one_line(header[key])}', not a number.")
    return number


def _marker_names(line: str, name: str) -> list[str]:
    """Return the marker names of line 4: ``Frame#``, ``Time``, then one name at every third column."""
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) < 3 or not cells[0].lower().startswith("frame") or cells[1].lower() != "time":
        raise CaptureError(f"{name} has a bad header: line 4 must read Frame#, Time and marker names, by tabs.")
    while cells and not cells[-1]:
        cells.pop()
    names = cells[2::3]
    if not names or "" in names or any(cells[3::3]) or any(cells[4::3]):
        raise CaptureError(f"{name} has a bad header: line 4 must have one marker name every three columns.")
    if len(names) > MAX_MARKERS:
        raise CaptureError(f"{name} has {len(names)} markers: more than {MAX_MARKERS} is no body.")
    doubles = sorted({marker for marker in names if names.count(marker) > 1})
    if doubles:
        raise CaptureError(f"{name} has the marker '{one_line(doubles[0])}' twice: rename one.")
    return names


def _rows(lines: list[str], markers: int, name: str) -> tuple[FloatArray, FloatArray]:
    """Return (n,) times in s and (n, 3 * markers) coordinates in file units from line 6 on.

    Line 5 (X1 Y1 Z1 ...) has no content of its own. Blank lines are skipped. A row may be shorter than the
    header: writers drop trailing empty cells.
    """
    times_s: list[float] = []
    rows: list[FloatArray] = []
    width = 2 + 3 * markers
    for line_number, line in enumerate(lines[5:], start=6):
        if not line.strip():
            continue
        row = _row_values(line, width, f"{name}, line {line_number}")
        if not np.isfinite(row[1]):
            raise CaptureError(f"{name}, line {line_number}: the Time cell is empty.")
        if times_s and row[1] <= times_s[-1]:
            raise CaptureError(f"{name}, line {line_number}: time does not increase ({row[1]:g} s).")
        times_s.append(float(row[1]))
        rows.append(row[2:])
    if not rows:
        raise CaptureError(f"{name} has no frames: export it again.")
    return np.array(times_s), np.vstack(rows)


def _row_values(line: str, width: int, place: str) -> FloatArray:
    """Return the (width,) numbers of one row, NaN where a cell is empty or lacks; ``place`` is for errors."""
    cells = line.rstrip().split("\t")
    if len(cells) > width:
        raise CaptureError(f"{place}: {len(cells)} columns, the header has {width}.")
    row = np.full(width, np.nan)
    if line.isascii() and "_" not in line:  # the usual row, all at once; what is odd goes cell by cell
        with contextlib.suppress(ValueError):
            row[: len(cells)] = [float(cell) if cell else math.nan for cell in cells]
            if not np.isinf(row).any():
                return row
    for column, cell in enumerate(cells):
        number = _number(cell) if cell and not cell.isspace() else math.nan
        if number is None or math.isinf(number):
            raise CaptureError(f"{place}: '{one_line(cell)}' is not a number.")
        row[column] = number
    return row


def _number(cell: str) -> float | None:
    """Return the plain decimal number in a cell (NaN allowed), None where it is none."""
    if not cell.isascii() or "_" in cell:  # Python would read other alphabets' digits and 1_000
        return None
    try:
        return float(cell)
    except ValueError:
        return None


class TrcSource:
    """A ``.trc`` file as a source of frames that carry landmarks and no image.

    ``t_s`` is the file's Time column, unchanged. ``px_per_m`` (valid once open) is 1000, less only where the
    longer side of the image would pass MAX_SIDE_PX; ``origin_m`` is the world (X, Y) of the image's top-left
    corner: ``x_px = (X - origin_m[0]) * px_per_m``, ``y_px = (origin_m[1] - Y) * px_per_m``.

    A landmark without a marker stays NaN; only ``Hip`` and ``Neck`` stand in, for both sides, where the file
    has neither side. Visibility is 1 where there is a position, else 0.

    Args:
        path: the file.
    """

    kind = "trc"
    live = False

    def __init__(self, path: str | Path) -> None:
        self.size_px: tuple[int, int] = (0, 0)
        self.fps = float("nan")
        self.frame_count: int | None = None
        self.notice = ""
        self.px_per_m = float("nan")
        self.origin_m = (float("nan"), float("nan"))
        self._path = Path(path)
        self._poses: list[BodyPose] | None = None
        self._next = 0
        self._closed = False

    def open(self) -> None:
        """Read the whole file and lay out the virtual image. Raises CaptureError."""
        if self._poses is not None:
            return
        name = one_line(self._path.name)
        table = parse_trc(_file_text(self._path, name), name)
        xy_m = _landmarks_m(table, name)
        span_m = trc_check.span_of(xy_m, name)
        trc_check.require_body_height(xy_m, name)
        trc_check.require_seconds(table.times_s, table.rate_hz, name)
        self._lay_out(*span_m)
        xy_m = trc_check.without_far_strays(xy_m, *span_m)
        scale = np.array([self.px_per_m, -self.px_per_m])
        xy_px = read_only((xy_m - np.array(self.origin_m)) * scale)
        seen = read_only(np.isfinite(xy_px).all(axis=2).astype(np.float64))
        self._poses = [
            BodyPose(float(t_s), xy_px[row], seen[row], self.size_px, markers=True)
            for row, t_s in enumerate(table.times_s)
        ]
        self.frame_count = len(self._poses)
        self.fps = rate_from_times(table.times_s) if self.frame_count > 1 else table.rate_hz
        notices = [_one_leg_notice(table, name)]
        if self.frame_count != table.declared_frames:
            notices.append(f"{name} holds {self.frame_count} frames, its header says {table.declared_frames}.")
        self.notice = " ".join(filter(None, notices))
        self._next = 0
        self._closed = False

    def _lay_out(self, low_m: FloatArray, high_m: FloatArray) -> None:
        """Choose the image that spans the lowest to the highest (X, Y) in m, with a margin."""
        self.px_per_m = min(PX_PER_M, MAX_SIDE_PX / (float(np.max(high_m - low_m)) + 2.0 * MARGIN_M))
        self.origin_m = (float(low_m[0]) - MARGIN_M, float(high_m[1]) + MARGIN_M)
        width_px, height_px = np.ceil((high_m - low_m + 2.0 * MARGIN_M) * self.px_per_m - 1e-6).astype(int)
        self.size_px = (int(width_px), int(height_px))

    def read(self) -> Frame | None:
        """Return the next frame, None at the end or once closed."""
        poses = self._poses
        if poses is None:
            if self._closed:
                return None
            raise RuntimeError("TrcSource.read() before open()")
        if self._next >= len(poses):
            return None
        index = self._next
        self._next += 1
        return Frame(index=index, t_s=poses[index].t_s, landmarks=poses[index])

    def close(self) -> None:
        """Forget the frames."""
        self._poses = None
        self._closed = True


def _file_text(path: Path, name: str) -> str:
    """Return the file's text. Raises CaptureError where it is missing, huge or not UTF-8 text."""
    require_file(path, ".trc")
    size_bytes = path.stat().st_size
    if size_bytes > MAX_FILE_BYTES:
        raise CaptureError(f"{name} has {size_bytes / 1e6:.0f} MB, the limit is {MAX_FILE_BYTES / 1e6:.0f}: cut it.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaptureError(f"{name} is not a .trc file: byte {error.start} is not UTF-8 text.") from error
    except OSError as error:
        raise CaptureError(f"{name} cannot be read: {one_line(str(error), 120)}") from error
    if "\0" in text:
        raise CaptureError(f"{name} is not a .trc file: it holds binary data.")
    return text


def _with_positions(table: MarkerTable) -> dict[str, FloatArray]:
    """Return the markers that have a position in at least one frame; a column of empty cells is no marker."""
    return {
        marker: positions_m
        for marker, positions_m in table.positions_m.items()
        if np.isfinite(positions_m[:, :2]).all(axis=1).any()
    }


def _absent_of_leg(have: dict[str, FloatArray], side: str) -> list[str]:
    """Return the markers that a leg ("R" or "L") cannot do without and that are missing."""
    return [side + joint for joint in ("Knee", "Ankle") if side + joint not in have]


def _one_leg_notice(table: MarkerTable, name: str) -> str:
    """Return a line where the file has one leg only, of which little can be judged; "" where it has both."""
    absent = [marker for side in ("R", "L") for marker in _absent_of_leg(_with_positions(table), side)]
    if not absent:
        return ""
    return f"{name} lacks the markers {', '.join(absent)}: steps, running and the stance need both legs."


def _require_markers(have: dict[str, FloatArray], name: str) -> None:
    """Raise CaptureError, naming what is missing, where nothing could be judged with these markers."""
    if not have:
        raise CaptureError(f"{name} has no position at all for any marker: export it again.")
    missing = []
    if not {"REar", "LEar"} & have.keys():
        # Sports2D's HALPE_26 has no ears. Its Head is the crown, which turns and nods about them: no stand-in.
        instead = " (Head and Nose do not stand for them)" if {"Head", "Nose"} & have.keys() else ""
        missing.append(f"REar or LEar{instead}")
    if not {"RHip", "LHip", "Hip"} & have.keys():
        missing.append("RHip and LHip (or Hip)")
    if not {"RShoulder", "LShoulder", "Neck"} & have.keys():
        missing.append("RShoulder and LShoulder (or Neck)")
    absent_of = {side: _absent_of_leg(have, side) for side in ("R", "L")}
    if absent_of["R"] and absent_of["L"]:
        missing.extend(absent_of["R"] + absent_of["L"])
    if missing:
        raise CaptureError(f"{name} lacks the markers {', '.join(missing)}: export HALPE_26 marker names plus ears.")


def _landmarks_m(table: MarkerTable, name: str) -> FloatArray:
    """Return (n, LANDMARK_COUNT, 2) X, Y in m. Raises CaptureError where needed markers are missing."""
    have = _with_positions(table)
    _require_markers(have, name)
    xy_m = np.full((len(table.times_s), LANDMARK_COUNT, 2), np.nan)
    for landmark, markers in _MARKERS_OF.items():
        best = next((marker for marker in markers if marker in have), None)
        if best is not None:
            xy_m[:, int(landmark)] = have[best][:, :2]
    for mid_marker, sides in _MID_MARKER_OF.items():
        neither = not any(_MARKERS_OF[side][0] in have for side in sides)
        if mid_marker in have and neither:
            for side in sides:
                xy_m[:, int(side)] = have[mid_marker][:, :2]
    xy_m[~np.isfinite(xy_m).all(axis=2)] = np.nan
    return xy_m
