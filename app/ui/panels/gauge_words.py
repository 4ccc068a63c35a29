"""What the gauges say, as values and words, before anything is painted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.coach.faults import LEAST_STEPS
from app.coach.live_values import Live, Place
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.coach.live_values import Limits, LiveValue


@dataclass(frozen=True, slots=True)
class GaugeSpec:
    """How a value is shown.

    Attributes:
        live: the value. name, help: its words. unit: "deg", "bh" (shown in cm where the stature is known), "share",
            "travel" (shares, shown in %) or "spm".
        low, high: ends of the scale, in the field's own unit. decimals: of the number.
    """

    live: Live
    name: str
    help: str
    unit: str
    low: float
    high: float
    decimals: int = 0


#: The most important first: where there is little height the last ones are reached by scrolling.
GAUGES: Final = (
    GaugeSpec(
        Live.TRUNK_LEAN,
        mark("Trunk lean"),
        mark("Trunk ahead of how you stand, mean of the step"),
        "deg",
        -2.0,
        30.0,
        1,
    ),
    GaugeSpec(
        Live.HIP_FLEXION,
        mark("Hip flexion, midstance"),
        mark("Hip bend at the lowest point of the step"),
        "deg",
        0.0,
        60.0,
    ),
    GaugeSpec(
        Live.LINE_OFFSET,
        mark("Line offset, push-off"),
        mark("Hip ahead of the line from ear to rear toe (+), behind it (−)"),
        "bh",
        -0.08,
        0.10,
        1,
    ),
    GaugeSpec(
        Live.CLEARANCE,
        mark("Tunnel clearance"),
        mark("Highest head of the step under the roof; below zero it went through"),
        "bh",
        -0.03,
        0.05,
        1,
    ),
    GaugeSpec(
        Live.HIP_SHARE,
        mark("Lean from the hip"),
        mark("Share of the lean that comes from the hip; the rest comes from the ankle"),
        "share",
        0.0,
        1.0,
    ),
    GaugeSpec(
        Live.DROP,
        mark("Midstance drop"),
        mark("Hips lower at midstance than when you stand tall"),
        "bh",
        0.0,
        0.08,
        1,
    ),
    GaugeSpec(
        Live.REACH,
        mark("Reach"),
        mark("Front ankle ahead of the hip, as a share of the way the foot then goes back"),
        "travel",
        0.15,
        0.50,
    ),
    GaugeSpec(
        Live.OSCILLATION,
        mark("Vertical oscillation"),
        mark("Head's highest point above its lowest ones, each step"),
        "bh",
        0.0,
        0.10,
        1,
    ),
    GaugeSpec(Live.CADENCE, mark("Cadence"), mark("Steps per minute, both feet"), "spm", 140.0, 210.0),
)

PLACE_WORDS: Final = {
    Place.INSIDE: mark("inside the target band"),
    Place.OUTSIDE: mark("outside the target band"),
    Place.UNSURE: mark("not certain: the interval reaches over the threshold"),
    Place.EARLY: mark("not judged yet"),
    Place.PLAIN: mark("for information"),
    Place.UNKNOWN: mark("not measured"),
}
#: The markers in the legend, the most important first.
LEGEND: Final = {
    Place.INSIDE: mark("on target"),
    Place.OUTSIDE: mark("off"),
    Place.UNSURE: mark("not certain"),
    Place.EARLY: mark("not yet"),
    Place.PLAIN: mark("no target"),
}
#: What has no rule that says what is good.
_NO_TARGET: Final = frozenset({Live.HIP_SHARE, Live.OSCILLATION, Live.CADENCE})


def help_words(spec: GaugeSpec) -> str:
    """Return what a gauge shows and how it is read, for its tooltip."""
    lines = [f"{tr(spec.name)}: {tr(spec.help)}"]
    if spec.live is Live.HIP_SHARE:
        lines.append(tr("Violet: the part from the hip."))
    if spec.live in _NO_TARGET:
        lines.append(tr("No target: for information."))
    else:
        lines.append(tr("Green: the target. Disc: inside it; triangle: outside, it points back; diamond: not certain."))
    return "\n".join([*lines, tr("Thin line: the 95 % interval.")])


@dataclass(frozen=True, slots=True)
class Shown:
    """What a gauge shows, in the shown unit.

    Attributes:
        place: which marker. value, half: the value and half the width of its interval; NaN where not measured.
        low, high: ends of the scale. band: target band, infinite where open; None without one.
        number, interval: the words of both. note: the reason where there is no number, "3 of 6 steps" where there are
            too few. decides: whether the fault that is on was decided by it. old: of a run that has ended.
    """

    place: Place = Place.UNKNOWN
    value: float = math.nan
    half: float = math.nan
    low: float = 0.0
    high: float = 1.0
    band: tuple[float, float] | None = None
    number: str = ""
    interval: str = ""
    note: str = ""
    decides: bool = False
    old: bool = False


def shown_of(spec: GaugeSpec, live: LiveValue | None, height_cm: float, why_not: str = "", old: bool = False) -> Shown:
    """Return what a gauge shows.

    Args:
        spec: the gauge.
        live: the value, None for none.
        height_cm: stature, NaN where not told: lengths are then in % of body height.
        why_not: what to say where it is not measured.
        old: whether the run has ended that it is of.
    """
    scale, unit = _unit(spec, height_cm)
    ends = spec.low * scale, spec.high * scale
    if live is None or live.measure is None:
        band = None if live is None else _band(live.limits, scale)
        return Shown(low=ends[0], high=ends[1], band=band, note=why_not or tr("not measured"))
    measure = live.measure
    half = (measure.ci95[1] - measure.ci95[0]) / 2.0 * scale
    value = measure.value * scale
    few = measure.n < LEAST_STEPS
    return Shown(
        place=Place.EARLY if old and live.place is not Place.PLAIN else live.place,
        value=value,
        # Of one step there is no scatter: no interval rather than one of no width.
        half=half if measure.n > 1 else math.nan,
        low=ends[0],
        high=ends[1],
        band=_band(live.limits, scale),
        number=f"{_number(value, spec.decimals)}{unit}",
        interval="" if few else f"± {_number(half, spec.decimals)}",
        note=tr("{n} of {least} steps").format(n=measure.n, least=LEAST_STEPS) if few else "",
        decides=live.decides and not old,
        old=old,
    )


def _unit(spec: GaugeSpec, height_cm: float) -> tuple[float, str]:
    """Return what to multiply by for showing, and the unit's words."""
    if spec.unit == "bh":
        return (height_cm, f" {tr('cm')}") if math.isfinite(height_cm) else (100.0, f" {tr('% BH')}")
    return {"deg": (1.0, "°"), "share": (100.0, " %"), "travel": (100.0, " %"), "spm": (1.0, f" {tr('/min')}")}[
        spec.unit
    ]


def _band(limits: Limits, scale: float) -> tuple[float, float] | None:
    if not limits.known:
        return None
    low = -math.inf if limits.low is None else limits.low.inside * scale
    return low, math.inf if limits.high is None else limits.high.inside * scale


def _number(value: float, decimals: int) -> str:
    words = f"{value:.{decimals}f}"
    return words.lstrip("-") if float(words) == 0.0 else words.replace("-", "−")
