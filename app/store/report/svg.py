"""Inline SVG by hand: a plot over time with its axes, in two widths, coloured by the page's style sheet only.

Each plot is drawn twice, for a telephone and for wide pages and print, so that its words have one size for the eye; the
style sheet shows one of both. Every text is escaped.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Point = tuple[float, float]

#: Widths of the two drawings, and heights of a plot in them, user units = CSS px at their usual size.
WIDTHS = {"narrow": 340.0, "wide": 720.0}
HEIGHTS = {"narrow": 190.0, "wide": 230.0}
LEFT, RIGHT, TOP, BOTTOM = 34.0, 8.0, 14.0, 24.0
#: Distances between marks on the time axis, s.
TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
#: Least room for a mark on the time axis.
TIME_ROOM = {"narrow": 46.0, "wide": 64.0}


def number(value: float) -> str:
    """Return a coordinate, as short as it can be."""
    return f"{value:.1f}".removesuffix(".0")


def tag(name: str, text: object = None, /, **attributes: object) -> Markup:
    """Return an element; ``class_`` is class, ``_`` in names is ``-``. All but a `Markup` is escaped."""
    values = Markup("").join(
        Markup(' {}="{}"').format(
            key.rstrip("_").replace("_", "-"), number(value) if isinstance(value, float) else value
        )
        for key, value in attributes.items()
    )
    if text is None:
        return Markup("<{}{}/>").format(Markup(name), values)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), values, text)


def polyline(points: Iterable[Point], class_: str) -> Markup:
    """Return an open line; nothing for fewer than two points."""
    known = list(points)
    if len(known) < 2:
        return Markup("")
    way = "L".join(f"{number(x)} {number(y)}" for x, y in known)
    return tag("path", d=f"M{way}", class_=class_)


def mark(x: float, y: float, kind: str, radius: float = 3.0) -> Markup:
    """Return a mark: "good" a disc, "off" a diamond, "not" a ring, "cue" a triangle that points down, "flag" a flag."""
    if kind == "flag":
        r = 1.5 * radius
        cloth = f"l{number(2 * r)} {number(0.8 * r)}l{number(-2 * r)} {number(0.8 * r)}"
        d = f"M{number(x - r / 2)} {number(y + 1.6 * r)}v{number(-3.2 * r)}{cloth}"
        return tag("path", d=d, class_="m-flag")
    if kind == "off":
        r = 1.35 * radius
        d = f"M{number(x)} {number(y - r)}l{number(r)} {number(r)}l{number(-r)} {number(r)}l{number(-r)} {number(-r)}z"
        return tag("path", d=d, class_="m-off")
    if kind == "cue":
        r = 1.5 * radius
        d = f"M{number(x - r)} {number(y - r)}h{number(2 * r)}l{number(-r)} {number(1.7 * r)}z"
        return tag("path", d=d, class_="m-cue")
    return tag("circle", cx=x, cy=y, r=radius, class_=f"m-{kind}")


@dataclass(slots=True)
class Plot:
    """One drawing of a plot over time: scales, and what was drawn so far.

    Attributes:
        size: "narrow" or "wide". start_s, end_s: of the time axis. low, high: of the other; high is up.
        height: of the whole drawing.
    """

    size: str
    start_s: float
    end_s: float
    low: float = 0.0
    high: float = 1.0
    height: float = 0.0
    left: float = LEFT
    parts: list[Markup] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.height = self.height or HEIGHTS[self.size]
        self.end_s = max(self.end_s, self.start_s + 1.0)

    @property
    def width(self) -> float:
        """Of the whole drawing."""
        return WIDTHS[self.size]

    @property
    def wide(self) -> bool:
        """Whether there is room for more."""
        return self.size == "wide"

    @property
    def bottom(self) -> float:
        """Where the time axis is."""
        return self.height - BOTTOM

    @property
    def right(self) -> float:
        """Where the plot ends."""
        return self.width - RIGHT

    def x(self, t_s: float) -> float:
        """Return where a time is."""
        share = (t_s - self.start_s) / (self.end_s - self.start_s)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Return where a value is; beyond the scale its end."""
        share = (value - self.low) / (self.high - self.low)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - TOP)

    def add(self, *parts: Markup) -> None:
        """Draw on top of what is there."""
        self.parts.extend(parts)

    def text(self, x: float, y: float, words: str, class_: str = "", anchor: str = "start") -> None:
        """Write words; ``y`` is their baseline."""
        self.add(tag("text", words, x=x, y=y, class_=f"t {class_}".strip(), text_anchor=anchor))

    def time_axis(self) -> None:
        """Draw the line at the bottom with its times."""
        self.add(tag("line", x1=self.left, x2=self.right, y1=self.bottom, y2=self.bottom, class_="axis"))
        step_s = time_step_s(self.end_s - self.start_s, (self.right - self.left) / TIME_ROOM[self.size])
        for k in range(math.floor((self.end_s - self.start_s) / step_s + 1e-6) + 1):
            x = self.x(self.start_s + k * step_s)
            self.add(tag("line", x1=x, x2=x, y1=self.bottom, y2=self.bottom + 4.0, class_="axis"))
            anchor = "start" if k == 0 else "end" if x > self.right - 12.0 else "middle"
            self.text(x, self.bottom + 16.0, f"{k * step_s // 60}:{k * step_s % 60:02d}", anchor=anchor)

    def value_axis(self, unit: str = "") -> None:
        """Draw fine lines with their values; the unit stands at the uppermost."""
        values = nice(self.low, self.high, 5 if self.wide else 4)
        digits = 0 if all(float(value).is_integer() for value in values) else 1
        for value in values:
            y = self.y(value)
            self.add(tag("line", x1=self.left, x2=self.right, y1=y, y2=y, class_="grid"))
            words = f"{value:.{digits}f}".replace("-", "−") + (unit if value == values[-1] else "")
            self.text(self.left - 5.0, y + 4.0, words, anchor="end")

    def band(self, low: float, high: float, class_: str, words: str = "") -> None:
        """Draw a band between two values across the plot, and its name in it."""
        top, bottom = self.y(high), self.y(low)
        if bottom - top < 0.5:
            return
        self.add(tag("rect", x=self.left, y=top, width=self.right - self.left, height=bottom - top, class_=class_))
        if words and bottom - top > 14.0:
            self.text(self.right - 5.0, top + 12.0, words, "t-band", "end")

    def drawing(self, words: str) -> Markup:
        """Return the whole drawing; ``words``: what it shows, for who cannot see it."""
        return tag(
            "svg",
            Markup("").join(self.parts),
            viewBox=f"0 0 {number(self.width)} {number(self.height)}",
            class_=f"plot {self.size}",
            role="img",
            aria_label=words,
        )


def time_step_s(length_s: float, most: float) -> int:
    """Return the distance of marks on a time axis that has room for so many."""
    return next((step_s for step_s in TIME_STEPS_S if length_s / step_s <= most), TIME_STEPS_S[-1])


def nice(low: float, high: float, most: int) -> list[float]:
    """Return at most so many round values within a range, ascending."""
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0.0 else 1.0
    for step in (power, 2.0 * power, 5.0 * power, 10.0 * power):
        values = [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
        if len(values) <= most:
            return values
    return []


def stretches(times_s: Sequence[float], gap_s: float) -> list[slice]:
    """Return the stretches without a gap longer than this."""
    cuts = [0, *(k for k in range(1, len(times_s)) if times_s[k] - times_s[k - 1] > gap_s), len(times_s)]
    return [slice(a, b) for a, b in itertools.pairwise(cuts) if b > a]
