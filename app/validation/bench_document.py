"""The bench as a JSON document, schema ``hingecoach.bench/1``, its targets, and the same as Markdown.

A figure that was not measured is None. ``parts`` holds only what was run, see `bench_parts` and the window's part.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = "hingecoach.bench/1"
#: The parts in the order in which they run.
PARTS = ("analyze", "headless", "window", "overload", "sizes", "start", "stored", "changes", "memory")
#: Those that are only run when they are named: they take long.
LONG_PARTS = ("memory",)

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure of the document must keep to; ``at_least``: the limit is a lower one."""

    path: str
    words: str
    unit: str
    limit: float
    at_least: bool = False


#: The targets of the project for two cores and a camera of 60 fps.
TARGETS = (
    Target("analyze.ratio", "analyze, of the speed of a bare read-and-detect loop", "", 1.0, True),
    Target("headless.ratio", "live without a window, of the bare loop", "", 0.97, True),
    Target("window.ratio", "live in the window, of the bare loop", "", 0.9, True),
    Target("window.stages_ms.overlay.p95", "drawing over the picture, p95", "ms", 4.0),
    Target("window.painted_beyond_pose_ms", "captured to painted, p95, beyond the median inference", "ms", 40.0),
    Target("window.sound_ms.p95", "a cue or roof hit decided to its sound asked for, p95", "ms", 20.0),
    Target("window.stalls.all.over_100_ms", "stalls of the window over 100 ms", "", 0.0),
    Target("window.qt_warnings.count", "warnings of Qt", "", 0.0),
    Target("overload.waits_frames", "network of 100 ms: age of a frame when its turn comes, p95", "frames", 1.0),
    Target("overload.grown_frames", "network of 100 ms: growth of the reports' age in the run", "frames", 1.0),
    Target("start.window_s", "start to the window painted", "s", 2.0),
    Target("start.first_frame_after_window_s", "from there to the first frame coached", "s", 4.0),
    Target("memory.grown_mb", "memory gained from frame 1000 to the last", "MB", 20.0),
)

#: Stages in the order of a frame's life, with words.
STAGES = (
    ("captured_to_read", "captured to read"),
    ("age", "read to analysis (waiting)"),
    ("network", "network"),
    ("refine", "refinement"),
    ("pose", "both: pose"),
    ("coach", "coach"),
    ("total", "read to report"),
    ("captured_to_ready", "captured to report"),
    ("ready_to_taken", "report to taken by the window"),
    ("taken_to_painted", "taken to painted"),
    ("overlay", "drawing over the picture"),
    ("paint", "painting the picture in all"),
    ("captured_to_painted", "captured to painted"),
)
SPAN_WORDS = {"steady": "run screen", "tour": "tour of screens, themes, layouts", "all": "both", "start": "starting"}


def document(asked: Document, app: Document, clip: Document, parts: Document, memory: Document) -> dict[str, Any]:
    """Return the document of the parts that were run."""
    return {
        "schema": SCHEMA,
        "app": dict(app),
        "machine": machine(),
        "options": dict(asked),
        "clip": dict(clip),
        "targets": [row for target in TARGETS if (row := _judged(target, parts)) is not None],
        "parts": {name: parts[name] for name in PARTS if name in parts},
        "memory": dict(memory),
    }


def machine() -> dict[str, Any]:
    """Return what the figures depend on most."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": _processor(),
        "cores": cores,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    """Return the processor's name as far as the system tells it."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.lower().startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def value_at(parts: Document, path: str) -> float | None:
    """Return the figure at a dotted path, None where it was not measured."""
    found: Any = parts
    for key in path.split("."):
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return None if found is None else float(found)


def _judged(target: Target, parts: Document) -> dict[str, Any] | None:
    """Return a target with what was measured; None where its part was not run."""
    if target.path.partition(".")[0] not in parts:
        return None
    value = value_at(parts, target.path)
    met = None if value is None else value >= target.limit if target.at_least else value <= target.limit
    limit = f"{'>=' if target.at_least else '<='} {target.limit:g}"
    return {"quantity": target.words, "value": value, "unit": target.unit, "limit": limit, "met": met}


# ---- tables ---------------------------------------------------------------------------------------------------------


def tables(content: Document) -> list[tuple[str, list[str], list[list[str]]]]:
    """Return (title, headings, rows) of every table of a document; the first column is words."""
    made = [_targets(content), _rates(content), _stages(content), _stalls(content), _longest(content)]
    costs = [_changes(content), _sizes(content), _stored(content), _starting(content), _long(content), _memory(content)]
    return [table for table in (*made, *costs) if table[2]]


def markdown(content: Document) -> str:
    """Return a document as Markdown: on what it was measured, and its tables."""
    lines = [*_facts(content), ""]
    for title, headings, rows in tables(content):
        lines += [f"## {title}", "", _row(headings), _row(["---", *["--:"] * (len(headings) - 1)])]
        lines += [*(_row(cells) for cells in rows), ""]
    warnings = content["parts"].get("window", {}).get("qt_warnings", {}).get("texts", [])
    lines += [f"Qt warned: `{text}`" for text in warnings]
    return "\n".join(lines).rstrip() + "\n"


def _facts(content: Document) -> list[str]:
    computer, clip, asked, app = (content[key] for key in ("machine", "clip", "options", "app"))
    size = "x".join(str(side) for side in clip["size_px"])
    return [
        f"Hinge Coach {app['version']}, model {app['model']}, engine {app['engine']}; {computer['processor']}, "
        f"{computer['cores']} cores, {computer['system']}, Python {computer['python']}.",
        f"{clip['pictures']} pictures of {size} (the virtual runner, strides: {clip['strides']}) as a camera of "
        f"{clip['fps']:g} fps; every live run lasts {asked['live_s']:g} s.",
        *(["A quick try: the figures mean little."] if asked["quick"] or asked["oracle"] else []),
    ]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _shown(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


Table = tuple[str, list[str], list[list[str]]]


def _targets(content: Document) -> Table:
    words = {True: "yes", False: "NO", None: "-"}
    rows = []
    for row in content["targets"]:
        unit = f", {row['unit']}" if row["unit"] else ""
        rows.append([row["quantity"] + unit, _shown(row["value"], 2), row["limit"], words[row["met"]]])
    return "Targets", ["", "measured", "target", "met"], rows


def _rates(content: Document) -> Table:
    words = {"analyze": "a clip analyzed", "headless": "live, no window", "window": "live, in the window"}
    rows = [
        [told, _shown(part["fps"]), _shown(part["bare_fps"]), _shown(part["ratio"], 3)]
        for name, told in words.items()
        if (part := content["parts"].get(name)) is not None
    ]
    if "window" in content["parts"]:
        rows.append(["of these painted", _shown(content["parts"]["window"]["painted_fps"]), "", ""])
    return "Frames per second", ["", "ours", "bare MediaPipe", "ratio"], rows


def _stages(content: Document) -> Table:
    names = [name for name in ("headless", "window", "overload") if name in content["parts"]]
    rows = []
    for key, told in STAGES:
        found = [content["parts"][name]["stages_ms"].get(key) for name in names]
        if any(found):
            rows.append([told, *(c for f in found for c in (_percentile(f, "p50"), _percentile(f, "p95")))])
    if "window" in names:
        sound = content["parts"]["window"]["sound_ms"]
        cells = [(_percentile(sound, "p50"), _percentile(sound, "p95")) if n == "window" else ("", "") for n in names]
        told = f"decided to sound asked for ({sound['n']} sounds, max {_shown(sound['max'])})"
        rows.append([told, *(cell for pair in cells for cell in pair)])
    words = {"headless": "no window", "window": "window", "overload": "slow net"}
    return "Latency, ms", ["", *(f"{words[name]} {p}" for name in names for p in ("p50", "p95"))], rows


def _percentile(found: Mapping[str, float | None] | None, key: str) -> str:
    return "" if found is None else _shown(found[key])


def _stalls(content: Document) -> Table:
    spans = content["parts"].get("window", {}).get("stalls", {})
    rows = [
        [
            told,
            _shown(spans[name]["seconds"], 0),
            _shown(spans[name]["late_ms"]["p99"]),
            _shown(spans[name]["late_ms"]["max"]),
            str(spans[name]["over_50_ms"]),
            str(spans[name]["over_100_ms"]),
        ]
        for name, told in SPAN_WORDS.items()
        if name in spans
    ]
    return "How late the window's event loop is", ["", "s", "p99, ms", "longest, ms", "> 50 ms", "> 100 ms"], rows


def _longest(content: Document) -> Table:
    kinds = content["parts"].get("window", {}).get("stalls", {}).get("all", {}).get("by_doing", [])
    rows = [
        [kind["doing"] or "no change", _shown(kind["longest_ms"]), str(kind["over_50_ms"]), str(kind["over_100_ms"])]
        for kind in kinds
    ]
    return "Stalls by what they came with", ["", "longest, ms", "> 50 ms", "> 100 ms"], rows


def _sizes(content: Document) -> Table:
    rows = [
        ["x".join(str(side) for side in row["size_px"]), _shown(row["pose_ms"]), _shown(row["bare_ms"])]
        for row in content["parts"].get("sizes", {}).get("sizes", [])
    ]
    return "A frame by its size, ms", ["", "pose (network and refinement)", "bare MediaPipe"], rows


def _changes(content: Document) -> Table:
    rows = [
        [f"{row['what']}, {row['unit']}", _shown(row["before"], 2), _shown(row["after"], 2)]
        for row in content["parts"].get("changes", {}).get("changes", [])
    ]
    return "What made it faster, undone and measured again", ["", "before", "after"], rows


def _stored(content: Document) -> Table:
    kinds = {
        "open_ms": "open",
        "list_ms": "list",
        "one_ms": "one session",
        "trend_point_ms": "a point of a trend",
        "begin_ms": "begin and give up a recording",
    }
    rows = [
        [str(row["sessions"]), *(_shown(row[key]) for key in kinds), _shown(row["database_mb"])]
        for row in content["parts"].get("stored", {}).get("stored", [])
    ]
    return "The history by the number of sessions in it, ms", ["sessions", *kinds.values(), "database, MB"], rows


def _long(content: Document) -> Table:
    held = content["parts"].get("memory", {}).get("by_frames_mb", {})
    rows = [[frames, _shown(mb, 0)] for frames, mb in held.items()]
    return "Resident memory by frames, no window, MB", ["frames", "MB"], rows


def _starting(content: Document) -> Table:
    part = content["parts"].get("start")
    if part is None or not part["starts"]:
        return "Starting, s", [], []
    words = {
        "window_s": "process begun to window painted",
        "first_frame_after_window_s": "window painted to first frame coached",
        "first_frame_s": "process begun to first frame coached",
        "window_cpu_s": "processor time until the window is painted",  # not in documents of before
    }
    rows = [[t, _shown(part[key], 2), _shown(part["first"][key], 2)] for key, t in words.items() if key in part]
    return "Starting, s", ["", f"median of {max(1, part['starts'] - 1)}", "the very first"], rows


def _told(frames: str) -> bool:
    """Return whether the memory after so many frames has a row of its own."""
    return int(frames) == 1000 or int(frames) % 5000 == 0


def _memory(content: Document) -> Table:
    memory = content["memory"]
    rows = [
        ["pictures of the bench", _shown(memory["clip_mb"], 0)],
        ["before the first part, pictures included", _shown(memory["at_start_mb"], 0)],
        *([f"after {frames} frames", _shown(mb, 0)] for frames, mb in memory["by_frames_mb"].items() if _told(frames)),
        [f"at the end ({memory['frames']} frames), all closed", _shown(memory["at_end_mb"], 0)],
    ]
    return "Resident memory, MB", ["", "MB"], rows
