"""The lower left of an annotated video: what is going on and how it is judged, and under it a few live numbers."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.coach.report import GOOD as GOOD_VERDICT
from app.coach.report import NOT_JUDGED, Activity
from app.store import drawing
from app.store.drawing import GOOD, MUTED, OFF, TEXT

if TYPE_CHECKING:
    from app.coach.report import CoachReport, FormSample
    from app.coach.types import ImageArray

#: Numbers are means over this time and change at this rhythm: changing each frame nobody could read them.
NUMBERS_EVERY_S = 0.5
#: A body lost for longer than this has no numbers; for less, they would only flicker.
LOST_AFTER_S = 0.2
#: What stands where a number is not known now.
DASH = "–"
#: A caption is broken into so many lines at most, then made smaller.
CAPTION_LINES = 2
#: A cue stands beside the panel only where this share of the picture's width is left for it.
ROOM_SHARE = 0.45

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class _Numbers:
    """What the number panel shows, means since it last changed; NaN unknown."""

    lean_deg: float = NAN
    hip_deg: float = NAN
    knee_deg: float = NAN
    head_cm: float = NAN
    head_bh: float = NAN
    cadence_spm: float = NAN


class Panels:
    """Draws caption and numbers; the frames must come in the order of their times.

    Attributes:
        shown: label -> words of the number rows drawn last.
    """

    def __init__(self) -> None:
        self._samples: deque[FormSample] = deque(maxlen=600)
        self._numbers = _Numbers()
        self._numbers_s = -float("inf")
        self._body_s = self._sample_s = -float("inf")  # when the newest body and number were seen
        self._known: set[str] = set()
        self.shown: dict[str, str] = {}
        self._panel_right = self._panel_top = 0
        self._right = self._top = 0

    def draw(self, canvas: ImageArray, report: CoachReport, seen: bool, unit: float) -> None:
        """Draw both at the lower left. ``seen``: somebody is in this frame. ``unit``: px of text at 720p."""
        if seen:
            self._body_s = report.t_s
        nobody = report.activity is Activity.NOBODY or report.t_s - self._body_s > LOST_AFTER_S
        self._take(report, nobody)
        edge = round(20 * unit)
        self._panel_right, self._panel_top = 0, canvas.shape[0] - edge
        self._draw_numbers(canvas, report, unit, edge)
        self._right, self._top = self._panel_right, self._panel_top
        self._draw_caption(canvas, report, nobody, unit, edge)

    def room_for_cue(self, width: int, height: int, cue_height: int, edge: int) -> tuple[int, int]:
        """Return (left end of the free room, top) in px for a cue at the bottom that meets neither panel."""
        bottom_top = height - edge - cue_height
        for right, top_needed in ((self._panel_right, self._panel_top), (self._right, height)):
            # Beside the numbers it must also stay under the caption, which may be wider than they are.
            under = right == self._right or bottom_top >= top_needed
            if under and width - 2 * edge - right >= ROOM_SHARE * width:
                return right + edge, bottom_top
        return edge, max(0, self._top - edge // 2 - cue_height)

    def _take(self, report: CoachReport, nobody: bool) -> None:
        """Take in the frame's sample; forget all numbers once nobody is there or nothing is measured."""
        sample = report.sample
        if any(value == value for value in (sample.trunk_lean_deg, sample.head_below_standing_bh)):
            self._sample_s = report.t_s
        if nobody or report.t_s - self._sample_s > LOST_AFTER_S:
            self._samples.clear()
            self._numbers, self._numbers_s = _Numbers(), -float("inf")
            return
        self._samples.append(sample)
        if report.t_s - self._numbers_s >= NUMBERS_EVERY_S:
            self._numbers, self._numbers_s = _means(self._samples, report.cadence_spm), report.t_s
            self._samples.clear()

    def _draw_numbers(self, canvas: ImageArray, report: CoachReport, unit: float, edge: int) -> None:
        absolute = report.standing.source in ("none", "height")
        rows = []
        for label, value in _rows(self._numbers, absolute):
            if value != DASH:
                self._known.add(label.partition(" (")[0])
            if label.partition(" (")[0] in self._known:  # what was never known takes no room
                rows.append((label, value))
        self.shown = dict(rows)
        if not rows:
            return
        size, step = round(22 * unit), round(32 * unit)
        label_width = max(drawing.words_width(label, size) for label, _ in rows)
        value_width = max(drawing.words_width(value, size, drawing.BOLD) for _, value in rows)
        pad = round(14 * unit)
        width, height = label_width + value_width + 4 * pad, step * len(rows) + pad
        top = canvas.shape[0] - edge - height
        self._panel_right, self._panel_top = edge + width, top
        drawing.panel(canvas, edge, top, width, height)
        for number, (label, value) in enumerate(rows, start=1):
            bottom = top + round(number * step - 0.2 * size)
            drawing.words(canvas, label, edge + pad, bottom, size, MUTED)
            drawing.words(canvas, value, edge + label_width + 3 * pad, bottom, size, TEXT, drawing.BOLD)

    def _draw_caption(self, canvas: ImageArray, report: CoachReport, nobody: bool, unit: float, edge: int) -> None:
        """Draw the caption above the numbers with its mark: disc good, diamond off, a dash not judged."""
        size, pad = round(22 * unit), round(14 * unit)
        lines, size = _broken(caption(report, nobody), size, canvas.shape[1] - 2 * edge - 4 * pad)
        step = round(1.35 * size)
        width = max(drawing.words_width(line, size) for line in lines) + 4 * pad
        height = step * len(lines) + round(0.6 * size)
        top = self._panel_top - height - (edge // 2 if self._panel_right else 0)
        self._right, self._top = max(self._right, edge + width), top
        drawing.panel(canvas, edge, top, width, height)
        for number, line in enumerate(lines, start=1):
            drawing.words(canvas, line, edge + 3 * pad, top + round(number * step - 0.1 * size), size, TEXT)
        centre = np.array([edge + 1.5 * pad, top + 0.85 * size])
        if report.verdict == NOT_JUDGED or nobody:
            half = np.array([0.3 * size, 0.0])
            drawing.line(canvas, centre - half, centre + half, MUTED, max(2, round(0.16 * size)))
        elif report.verdict == GOOD_VERDICT:
            drawing.disc(canvas, centre, 0.36 * size, GOOD)
        else:
            drawing.diamond(canvas, centre, 0.46 * size, OFF)


def caption(report: CoachReport, nobody: bool = False) -> str:
    """Return what is going on and the verdict on it, e.g. "running - pelvis drift"."""
    if nobody:
        return "nobody in view - not judged"
    doing = "somebody in view" if report.activity is Activity.UNKNOWN else report.activity.words
    if report.verdict != NOT_JUDGED:
        return f"{doing} - {report.verdict.replace('_', ' ')}"
    why = report.not_judged_because.rstrip(".")
    return f"{doing} - not judged: {why}" if why not in ("", Activity.UNKNOWN.words) else f"{doing} - not judged"


def _broken(text: str, size_px: int, most_width_px: int) -> tuple[list[str], int]:
    """Return the text in at most `CAPTION_LINES` lines that fit, and the text size for that."""
    while True:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and drawing.words_width(longer, size_px) > most_width_px:
                lines.append(word)
            else:
                lines[-1] = longer
        if len(lines) <= CAPTION_LINES or size_px <= 10:
            return lines[:CAPTION_LINES], size_px
        size_px -= 1


def _means(samples: deque[FormSample], cadence_spm: float) -> _Numbers:
    """Return the means of the samples, NaN where none was measured."""

    def mean(values: list[float]) -> float:
        finite = [value for value in values if value == value]
        return sum(finite) / len(finite) if finite else NAN

    return _Numbers(
        mean([s.trunk_lean_deg for s in samples]),
        mean([s.hip_flexion_deg for s in samples]),
        mean([s.knee_flexion_deg for s in samples]),
        mean([s.head_below_standing_cm for s in samples]),
        mean([s.head_below_standing_bh for s in samples]),
        cadence_spm,
    )


def _rows(numbers: _Numbers, absolute: bool) -> list[tuple[str, str]]:
    """Return (label, value) of every row, `DASH` where not known. ``absolute``: the lean is not from standing."""
    head = ("Head under standing", f"{numbers.head_cm:.1f} cm", numbers.head_cm)
    if numbers.head_cm != numbers.head_cm:
        head = ("Head under standing", f"{100 * numbers.head_bh:.1f} % height", numbers.head_bh)
    rows = [
        ("Trunk lean (absolute)" if absolute else "Trunk lean", f"{numbers.lean_deg:.0f}°", numbers.lean_deg),
        ("Hip", f"{numbers.hip_deg:.0f}°", numbers.hip_deg),
        ("Knee", f"{numbers.knee_deg:.0f}°", numbers.knee_deg),
        head,
        ("Cadence", f"{numbers.cadence_spm:.0f} /min", numbers.cadence_spm),
    ]
    return [(label, value.replace("-", "−") if number == number else DASH) for label, value, number in rows]
