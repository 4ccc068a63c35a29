"""Every pose of a set and what was said of it, in 0.2 kB a frame: an hour at 60 fps takes 43 MB.

Places are kept in 1/32767 of the picture's width and height (0.04 px of 1280), other numbers in half precision (0.1 %).
What must not be rounded (steps, cues, holds) is kept elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from app.coach.report import (
    NOT_JUDGED,
    ActiveFault,
    Activity,
    CoachReport,
    FormSample,
    Hold,
    StandingStatus,
    TrunkLine,
    Tunnel,
)
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Frame, ViewKind, read_only
from app.session.status import Analysis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.coach.types import FloatArray

#: Frames of one block. Blocks that are full are never written again, so that readers share them.
BLOCK_FRAMES = 4096
#: With more blocks than this every other frame of all of them is dropped: 80 min at 60 fps, 57 MB.
MOST_BLOCKS = 70
#: So many different values of faults are kept: of an hour's steps each has its own.
MOST_FAULTS = 20_000
NAN = float("nan")
NOWHERE = 0
_SAMPLE = ("trunk_lean_deg", "hip_flexion_deg", "knee_flexion_deg", "head_below_standing_bh", "head_below_standing_cm")
_ROWS = ("standing_y_px", "goal_y_px", "roof_y_px", "head_y_px", "floor_y_px")
_HEIGHTS = ("roof_below_standing_bh", "clearance_bh", "floor_below_standing_bh", "share_inside")
_COUNTS = ("steps", "hits", "clean_run", "longest_clean_run", "below_floor_steps", "hits_of_last_8")
_ACTIVITIES, _FACINGS, _VIEWS = tuple(Activity), tuple(Facing), tuple(ViewKind)
_SEEN, _LINE, _JUDGED, _GOOD, _TUNNEL, _PERSONAL, _RISEN, _BELOW, _MARKERS, _SIDES, _HIT = (1 << k for k in range(11))
ROW = np.dtype(
    [
        ("t_s", "f8"),
        ("index", "u4"),
        ("flags", "u2"),
        ("size", "u2"),
        ("xy", "u2", (LANDMARK_COUNT, 2)),
        ("visibility", "u1", (LANDMARK_COUNT,)),
        ("activity", "u1"),
        ("facing", "u1"),
        ("view", "u1"),
        ("yaw_deg", "f2"),
        ("sample", "f2", (5,)),
        ("line", "u2", (3, 2)),
        ("offsets", "f2", (3,)),
        ("rows", "u2", (5,)),
        ("heights", "f2", (4,)),
        ("counts", "u2", (6,)),
        ("cadence_spm", "f2"),
        ("verdict", "u2"),
        ("why_not", "u2"),
        ("faults", "u4"),
    ]
)
T = TypeVar("T")


class Table(Generic[T]):
    """Things that repeat, by number; it only grows, up to ``most``: then what is new counts as the ``first``."""

    def __init__(self, first: T, most: int) -> None:
        self.items = [first]
        self._numbers: dict[T, int] = {first: 0}
        self._most = most

    def number(self, item: T) -> int:
        """Return the number of ``item``."""
        known = self._numbers.get(item)
        if known is None:
            if len(self.items) >= self._most:
                return 0
            known = self._numbers[item] = len(self.items)
            self.items.append(item)
        return known


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """A reader's view of a `FrameLog`: what was there when it was made.

    Attributes:
        blocks: structured arrays of `ROW`. times_s: of all frames, ascending.
        sizes, words, faults: what the numbers in the rows mean.

    """

    blocks: tuple[NDArray[np.void], ...]
    times_s: FloatArray
    sizes: tuple[tuple[int, int], ...]
    words: tuple[str, ...]
    faults: tuple[tuple[ActiveFault, ...], ...]

    def __len__(self) -> int:
        return len(self.times_s)

    def at(self, t_s: float, hold: Hold | None = None) -> Analysis | None:
        """Return the frame nearest to an instant, without a picture; None without frames.

        Args:
            t_s: the instant.
            hold: the still stance of that time, if any.

        """
        if not len(self):
            return None
        after = int(np.searchsorted(self.times_s, t_s))
        near = [k for k in (after - 1, after) if 0 <= k < len(self)]
        return self._analysis(min(near, key=lambda k: abs(float(self.times_s[k]) - t_s)), hold)

    def column(self, name: str) -> NDArray[np.generic]:
        """Return one field of all frames."""
        return np.concatenate([block[name] for block in self.blocks]) if self.blocks else np.empty(0)

    def _analysis(self, k: int, hold: Hold | None) -> Analysis:
        for block in self.blocks:
            if k < len(block):
                return self._unpacked(block[k], hold)
            k -= len(block)
        raise IndexError(k)

    def _unpacked(self, row: np.void, hold: Hold | None) -> Analysis:
        flags, size_px = int(row["flags"]), self.sizes[int(row["size"])]
        t_s = float(row["t_s"])
        xy_px = _places(row["xy"], size_px) if flags & _SEEN else np.full((LANDMARK_COUNT, 2), NAN)
        visibility = row["visibility"] / 255.0
        pose = BodyPose(t_s, xy_px, visibility, size_px, bool(flags & _MARKERS), bool(flags & _SIDES))
        report = CoachReport(
            t_s=t_s,
            activity=_ACTIVITIES[int(row["activity"])],
            facing=_FACINGS[int(row["facing"])],
            view=_VIEWS[int(row["view"])],
            yaw_deg=float(row["yaw_deg"]),
            sample=FormSample(t_s, *row["sample"].astype(np.float64).tolist()),
            line=_line(row, flags, size_px),
            tunnel=_tunnel(row, flags, size_px),
            standing=StandingStatus("", False, 1.0, ""),
            step=None,
            hold=hold,
            faults=self.faults[int(row["faults"])],
            cue=None,
            verdict=self.words[int(row["verdict"])],
            not_judged_because=self.words[int(row["why_not"])],
            cadence_spm=float(row["cadence_spm"]),
            roof_hit=bool(flags & _HIT),
        )
        return Analysis(Frame(int(row["index"]), t_s), pose, report, {})


class FrameLog:
    """Takes every analysed frame, in order of time."""

    def __init__(self) -> None:
        self._full: list[NDArray[np.void]] = []
        self._block = np.zeros(BLOCK_FRAMES, ROW)
        self._used = 0
        self._every, self._passed = 1, 0
        self._sizes: Table[tuple[int, int]] = Table((0, 0), 256)
        self._words: Table[str] = Table("", 4096)
        self._words.number(NOT_JUDGED)
        self._faults: Table[tuple[ActiveFault, ...]] = Table((), MOST_FAULTS)

    def __len__(self) -> int:
        return sum(map(len, self._full)) + self._used

    @property
    def bytes(self) -> int:
        """What the rows take."""
        return sum(block.nbytes for block in self._full) + self._block.nbytes

    def add(self, analysis: Analysis) -> None:
        """Keep one frame (0.05 ms)."""
        self._passed += 1
        if self._passed % self._every:
            return
        self._write(self._block[self._used], analysis)
        self._used += 1
        if self._used == BLOCK_FRAMES:
            self._full.append(read_only(self._block))
            self._block, self._used = np.zeros(BLOCK_FRAMES, ROW), 0
            if len(self._full) >= MOST_BLOCKS:
                self._thin()

    def frames(self) -> Frames:
        """Return what is kept now; full blocks are shared, the one under way is copied."""
        blocks = (*self._full, read_only(self._block[: self._used].copy())) if self._used else tuple(self._full)
        times_s = np.concatenate([block["t_s"] for block in blocks]) if blocks else np.empty(0)
        return Frames(
            blocks, read_only(times_s), tuple(self._sizes.items), tuple(self._words.items), tuple(self._faults.items)
        )

    def _thin(self) -> None:
        """Drop every other frame kept so far, and keep every other one from now on."""
        pairs = zip(self._full[::2], self._full[1::2], strict=True)
        self._full = [read_only(np.concatenate([one[::2], other[::2]])) for one, other in pairs]
        self._every *= 2

    def _write(self, row: np.void, analysis: Analysis) -> None:
        pose, report = analysis.pose, analysis.report
        size_px = pose.image_size_px
        seen = pose.seen
        flags = seen * _SEEN | pose.markers * _MARKERS | pose.sides * _SIDES | report.roof_hit * _HIT
        row["t_s"], row["index"] = analysis.frame.t_s, analysis.frame.index
        row["size"] = self._sizes.number(size_px)
        if seen:
            row["xy"] = _packed(pose.xy_px, size_px)
            row["visibility"] = np.nan_to_num(np.clip(pose.visibility, 0.0, 1.0) * 255.0 + 0.5)
        row["activity"] = _ACTIVITIES.index(report.activity)
        row["facing"], row["view"] = _FACINGS.index(report.facing), _VIEWS.index(report.view)
        row["yaw_deg"] = report.yaw_deg
        row["sample"] = [getattr(report.sample, name) for name in _SAMPLE]
        line, tunnel = report.line, report.tunnel
        if line is not None:
            flags |= _LINE | line.judged * _JUDGED | line.good * _GOOD
            row["line"] = _packed(np.array((line.ear_px, line.foot_px, line.hip_px)), size_px)
            row["offsets"] = (line.hip_offset_bh, line.shoulder_offset_bh, line.angle_deg)
        if tunnel is not None:
            flags |= _TUNNEL | tunnel.personal * _PERSONAL | tunnel.risen * _RISEN | tunnel.below_floor * _BELOW
            rows_px = np.array([getattr(tunnel, name) for name in _ROWS])
            row["rows"] = _packed(rows_px, size_px[1])
            row["heights"] = [getattr(tunnel, name) for name in _HEIGHTS]
            row["counts"] = [min(getattr(tunnel, name), 65535) for name in _COUNTS]
        row["cadence_spm"] = report.cadence_spm
        row["verdict"] = self._words.number(report.verdict)
        row["why_not"] = self._words.number(report.not_judged_because)
        row["faults"] = self._faults.number(
            tuple(replace(fault, value=round(fault.value, 1)) for fault in report.faults)
        )
        row["flags"] = flags


def _packed(px: FloatArray, size_px: tuple[int, int] | int) -> NDArray[np.uint16]:
    """Return places as whole numbers, 1..65535 over twice the picture; NaN is `NOWHERE`."""
    share = px / np.maximum(size_px, 1)
    whole = np.clip(np.rint((share + 0.5) * 32767.0) + 1.0, 1.0, 65535.0)
    return np.where(np.isfinite(share), whole, NOWHERE).astype(np.uint16)


def _places(whole: NDArray[np.uint16], size_px: tuple[int, int] | int) -> FloatArray:
    """Undo `_packed`."""
    px = ((whole.astype(np.float64) - 1.0) / 32767.0 - 0.5) * np.maximum(size_px, 1)
    return np.where(whole == NOWHERE, NAN, px)


def _line(row: np.void, flags: int, size_px: tuple[int, int]) -> TrunkLine | None:
    if not flags & _LINE:
        return None
    ear_px, foot_px, hip_px = _places(row["line"], size_px)
    hip_bh, shoulder_bh, angle_deg = row["offsets"].astype(np.float64).tolist()
    judged, good = bool(flags & _JUDGED), bool(flags & _GOOD)
    return TrunkLine(ear_px, foot_px, hip_px, hip_bh, shoulder_bh, angle_deg, judged, good)


def _tunnel(row: np.void, flags: int, size_px: tuple[int, int]) -> Tunnel | None:
    if not flags & _TUNNEL:
        return None
    rows_px = dict(zip(_ROWS, _places(row["rows"], size_px[1]).tolist(), strict=True))
    heights = dict(zip(_HEIGHTS, row["heights"].astype(np.float64).tolist(), strict=True))
    counts = dict(zip(_COUNTS, row["counts"].tolist(), strict=True))
    below_bh, below_cm = row["sample"].astype(np.float64).tolist()[3:]
    return Tunnel(
        **rows_px,
        **heights,
        **counts,
        roof_below_standing_cm=heights["roof_below_standing_bh"] * (below_cm / below_bh if below_bh else NAN),
        personal=bool(flags & _PERSONAL),
        risen=bool(flags & _RISEN),
        below_floor=bool(flags & _BELOW),
    )
