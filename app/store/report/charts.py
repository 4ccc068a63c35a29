"""The plots of a report: lean, head height under the roof, and what was on when."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from markupsafe import Markup

from app.coach.faults import WINDOW_STEPS
from app.coach.report import GOOD, NOT_JUDGED
from app.coach.reps import GOOD_REP
from app.store.report import words
from app.store.report.svg import Plot, mark, polyline, stretches, tag
from app.store.report.tongue import ENGLISH, Tongue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.store.report.material import Material
    from app.store.sessions.tables import JudgedStep

#: A longer pause between steps breaks the curves.
GAP_S = 2.0
#: Up to so many steps each has its mark; of more, so many stretches of them have their median and their spread.
MOST_MARKS = 220
STRETCHES = {"narrow": 60, "wide": 140}
#: So many rows of faults are drawn.
MOST_ROWS = 6
ROW, FIRST_ROW = 31.0, 8.0
#: Marks of what was said that would lie on one another are left out.
CUES_APART = 7.0


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot: what it is called, what it shows in words, and the drawing in both widths."""

    title: str
    caption: str
    drawing: Markup


def charts(material: Material, tongue: Tongue = ENGLISH) -> tuple[Chart, ...]:
    """Return the plots that the session has anything for."""
    draws = [_lean, _head] if material.kind == "run" else [_depth]
    found = (draw(material, tongue) for draw in (*draws, _timeline))
    return tuple(chart for chart in found if chart is not None)


def _both(draw: Callable[[str], Plot], text: str) -> Markup:
    return Markup("").join(draw(size).drawing(text) for size in ("narrow", "wide"))


# ---------------------------------------------------------------------- curves of steps


def _lean(material: Material, tongue: Tongue) -> Chart | None:
    steps = [step for step in material.steps if math.isfinite(step.step.trunk_lean_deg)]
    if len(steps) < 2:
        return None
    times_s, values = _series(steps, lambda s: s.step.trunk_lean_deg)
    low_deg, high_deg = material.rules.green_lean_deg
    low, high = min(*values, low_deg) - 2.0, max(*values, high_deg) + 2.0
    typical = median(values)

    def draw(size: str) -> Plot:
        plot = Plot(size, material.first_s, _end_s(material), low, high)
        if material.against_standing:
            plot.band(low_deg, high_deg, "band", tongue(f"good form: {low_deg:g} to {high_deg:g}°"))
        plot.value_axis("°")
        _curve(plot, times_s, values, [_kind(step) for step in steps], "curve-a")
        plot.time_axis()
        return plot

    text = f"Trunk lean of {len(steps)} steps over time, median {typical:.1f} degrees."
    marked = _marked("a disc for good form, a diamond for a fault, a ring for not judged", len(steps))
    smooth = (
        "the line is the median of 8 steps" if len(steps) <= MOST_MARKS else "the line is the median of each stretch"
    )
    of_what = "ahead of your own standing" if material.against_standing else "in the picture"
    caption = f"How far the trunk leans {of_what} ({marked}); {smooth}."
    return Chart("Trunk lean", caption, _both(draw, tongue(text)))


def _head(material: Material, tongue: Tongue) -> Chart | None:
    steps = [step for step in material.steps if math.isfinite(step.step.peak_below_standing_bh)]
    if len(steps) < 2:
        return None
    cm = math.isfinite(material.height_cm)
    factor = material.height_cm if cm else 100.0
    times_s, values = _series(steps, lambda s: -factor * s.step.peak_below_standing_bh)
    roofs = [
        (step.step.t_s, factor * (step.step.peak_below_roof_bh - step.step.peak_below_standing_bh))
        for step in steps
        if math.isfinite(step.step.peak_below_roof_bh)
    ]
    ends = [*values, 0.0, *(y for _, y in roofs)]
    room = 0.08 * (max(ends) - min(ends) or 1.0)
    low, high = min(ends) - room, max(ends) + 2.0 * room
    hits = sum(step.step.hit for step in steps)

    def draw(size: str) -> Plot:
        plot = Plot(size, material.first_s, _end_s(material), low, high)
        plot.value_axis(" cm" if cm else " %")
        _roof(plot, roofs, tongue("roof"))
        kinds = ["off" if step.step.hit else "good" if math.isfinite(step.step.peak_below_roof_bh) else "not"
                 for step in steps]  # fmt: skip
        _curve(plot, times_s, values, kinds, "curve-b")
        standing = plot.y(0.0)
        plot.add(tag("line", x1=plot.left, x2=plot.right, y1=standing, y2=standing, class_="standing"))
        plot.text(plot.left + 5.0, standing - 5.0, tongue("as high as you stand"))
        plot.time_axis()
        return plot

    text = f"Highest head of {len(steps)} steps against standing; {words.counted(hits, 'step')} through the roof."
    roof = "Shaded: the tunnel under your own roof." if roofs else "No roof was known yet."
    marked = _marked("a diamond went through the roof, a ring came before there was one", len(steps))
    caption = " ".join((roof, f"The highest point of the head in each step; {marked}."))
    return Chart("Head height", caption, _both(draw, tongue(text)))


def _roof(plot: Plot, roofs: Sequence[tuple[float, float]], name: str) -> None:
    """Draw the roof as it stood at each step, its name, and the tunnel under it."""
    if not roofs:
        return
    corners: list[tuple[float, float]] = []
    for t_s, height in roofs:
        x, y = plot.x(t_s), plot.y(height)
        if corners and abs(corners[-1][1] - y) < 0.05:
            continue
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    corners.append((plot.x(roofs[-1][0]), corners[-1][1]))
    floor = f"L{corners[-1][0]:.1f} {plot.bottom:.1f}L{corners[0][0]:.1f} {plot.bottom:.1f}z"
    plot.add(tag("path", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + floor, class_="tunnel"))
    plot.add(polyline(corners, "roof"))
    plot.text(corners[-1][0] - 5.0, corners[-1][1] - 5.0, name, "t-roof", "end")


def _series(steps: Sequence[JudgedStep], value: Callable[[JudgedStep], float]) -> tuple[list[float], list[float]]:
    return [step.step.t_s for step in steps], [value(step) for step in steps]


def _kind(step: JudgedStep) -> str:
    return {GOOD: "good", NOT_JUDGED: "not"}.get(step.verdict, "off")


def _marked(shapes: str, steps: int) -> str:
    return shapes if steps <= MOST_MARKS else "bars hold 8 of 10 steps"


def _curve(plot: Plot, times_s: list[float], values: list[float], kinds: list[str], class_: str) -> None:
    """Draw steps: each with its mark and the running median, or where there are too many, medians with their spread."""
    parts = stretches(times_s, GAP_S)
    if len(times_s) > MOST_MARKS:
        for stretch in parts:
            _binned(plot, times_s[stretch], values[stretch], math.ceil(len(times_s) / STRETCHES[plot.size]), class_)
        return
    for stretch in parts:
        own_s, own = times_s[stretch], values[stretch]
        smooth = [median(own[max(k - WINDOW_STEPS + 1, 0) : k + 1]) for k in range(len(own))]
        plot.add(polyline(((plot.x(t_s), plot.y(v)) for t_s, v in zip(own_s, smooth, strict=True)), f"curve {class_}"))
    radius = 3.2 if len(times_s) < 60 else 2.4 if plot.wide else 1.8
    for t_s, value, kind in zip(times_s, values, kinds, strict=True):
        plot.add(mark(plot.x(t_s), plot.y(value), kind, radius))


def _binned(plot: Plot, times_s: list[float], values: list[float], each: int, class_: str) -> None:
    """Draw the median of every so many steps, and how far 8 of 10 of them spread."""
    middles, bars = [], []
    for k in range(0, len(values), each):
        some = sorted(values[k : k + each])
        x = plot.x(median(times_s[k : k + each]))
        middles.append((x, plot.y(median(some))))
        least, most = some[len(some) // 10], some[-1 - len(some) // 10]
        bars.append(f"M{x:.1f} {plot.y(least):.1f}V{plot.y(most):.1f}")
    plot.add(tag("path", d="".join(bars), class_=f"spread {class_}"), polyline(middles, f"curve {class_}"))


# ---------------------------------------------------------------------- what was on when


def _depth(material: Material, tongue: Tongue) -> Chart | None:
    """Return how far each repetition went; None where that is no number."""
    reps = [rep for rep in material.reps if rep["depth"] is not None]
    if len(reps) < 2:
        return None
    unit = {"deg": "°", "s": " s", "bh_pct": " %"}.get(reps[0]["unit"], "")
    values = [float(rep["depth"]) for rep in reps]
    held = reps[0]["unit"] == "s"

    def draw(size: str) -> Plot:
        plot = Plot(size, material.first_s, _end_s(material), min(0.0, *values), max(*values, 1.0) * 1.12)
        plot.value_axis(unit)
        for rep, value in zip(reps, values, strict=True):
            x = plot.x((rep["start_s"] + rep["end_s"]) / 2.0)
            plot.add(tag("line", x1=x, x2=x, y1=plot.y(0.0), y2=plot.y(value), class_="stem"))
            kind = "not" if not rep["counted"] else "good" if rep["verdict"] == GOOD_REP else "off"
            plot.add(mark(x, plot.y(value), kind, 4.0))
        plot.time_axis()
        return plot

    title = "How long each was held" if held else "How far each repetition went"
    text = f"{title}: {', '.join(f'{value:.1f}' for value in values[:40])}{unit}."
    caption = "A disc was good, a diamond has something to change, a ring did not count."
    return Chart(title, caption, _both(draw, tongue(text)))


def _timeline(material: Material, tongue: Tongue) -> Chart | None:
    """Return when which form was seen, in rows; None where nothing was."""
    spans = _spans(material)
    if not spans:
        return None
    first = {GOOD: 0, NOT_JUDGED: 2}
    time_s: Counter[str] = Counter()
    for about, start_s, end_s in spans:
        time_s[about] += end_s - start_s  # type: ignore[assignment]  # typeshed counts whole numbers only
    order = sorted(time_s, key=lambda about: (first.get(about, 1), -time_s[about]))
    shown = order[:MOST_ROWS]
    drill = (material.document.get("drill") or {}).get("name", "")
    cues_s = [cue.t_s for cue in material.cues if cue.evidence is not None or cue.id == "praise"]
    marks_s = [moment.t_s for moment in material.marked]
    rows = len(shown) + bool(cues_s) + bool(marks_s)

    def draw(size: str) -> Plot:
        plot = Plot(size, material.first_s, _end_s(material), height=FIRST_ROW + rows * ROW + 26.0, left=8.0)
        for k, about in enumerate(shown):
            y = FIRST_ROW + k * ROW
            kind = {GOOD: "good", NOT_JUDGED: "not"}.get(about, "off")
            plot.text(plot.left, y + 10.0, tongue(words.title_of(about, drill)))
            across = plot.right - plot.left
            plot.add(tag("rect", x=plot.left, y=y + 15.0, width=across, height=9.0, rx=2, class_="rail"))
            plot.add(*(_bar(plot, start_s, end_s, y + 15.0, kind) for other, start_s, end_s in spans if other == about))
        happened = [("Said", "cue", cues_s), ("Marked", "flag", marks_s)]
        for k, (name, kind, times_s) in enumerate((row for row in happened if row[2]), start=len(shown)):
            plot.text(plot.left, FIRST_ROW + k * ROW + 10.0, tongue(name))
            last = -math.inf
            for t_s in times_s:
                if plot.x(t_s) - last >= CUES_APART:
                    last = plot.x(t_s)
                    plot.add(mark(last, FIRST_ROW + k * ROW + 20.0, kind, 3.2))
        plot.time_axis()
        return plot

    parts = [f"{tongue(words.title_of(about, drill))} {words.length(time_s[about])}" for about in shown]
    thing = {"run": "step", "stance": "stance", "drill": "repetition"}[material.kind]
    told = [f"What each {thing} came to.", "Triangles: something was said." if cues_s else ""]
    caption = " ".join(part for part in (*told, "Flags: marked." if marks_s else "") if part)
    return Chart("When", caption, _both(draw, f"{tongue('Over time')}: {', '.join(parts)}."))


def _bar(plot: Plot, start_s: float, end_s: float, y: float, kind: str) -> Markup:
    x = plot.x(start_s)
    return tag("rect", x=x, y=y, width=max(plot.x(end_s) - x, 1.0), height=9.0, class_=f"bar b-{kind}")


def _spans(material: Material) -> list[tuple[str, float, float]]:
    """Return (verdict, start, end); of steps, neighbours of one verdict together."""
    if material.kind == "drill":
        return [(rep["verdict"], rep["start_s"], rep["end_s"]) for rep in material.reps if rep["start_s"] is not None]
    if material.kind == "stance":
        return [(hold["verdict"], hold["start_s"], hold["end_s"]) for hold in material.meant]
    spans: list[tuple[str, float, float]] = []
    for judged in material.steps:
        start_s, end_s = judged.step.t_s, judged.step.t_s + judged.step.duration_s
        if spans and spans[-1][0] == judged.verdict and start_s - spans[-1][2] < GAP_S:
            spans[-1] = (judged.verdict, spans[-1][1], end_s)
        else:
            spans.append((judged.verdict, start_s, end_s))
    return spans


def _end_s(material: Material) -> float:
    duration_s = material.document["source"]["duration_s"] or 0.0
    ends = (judged.step.t_s + judged.step.duration_s for judged in material.steps[-1:])
    return max(material.first_s + duration_s, *ends, material.first_s + 1.0)
