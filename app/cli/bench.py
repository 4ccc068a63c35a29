"""``hingecoach bench``: speed, latency, stalls and memory of the whole chain, beside a bare MediaPipe loop."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.cli.build import Estimation
    from app.pose.others import OthersCounter
    from app.session.recordings import Recordings
    from app.ui.choice import Choice
    from app.validation.bench_clip import Clip
    from app.validation.bench_parts import Bench, Lengths

LIVE_S, QUICK_S = 20.0, 2.0
FRAMES, QUICK_FRAMES = 50_000, 1500
_FILE_WIDTH = 110


def bench(
    json: options.JsonFile = None,
    markdown: Annotated[
        str | None,
        typer.Option("--markdown", help="Write the tables as Markdown.", metavar="FILE", show_default=False),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="Length of each live run (default: 20).", show_default=False)
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this part: analyze, headless, window, overload, sizes, start, stored, changes or "
            "memory (long); again for more.",
            metavar="P",
        ),
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option("--frames", min=1, help="Frames of the part memory (default: 50000).", show_default=False),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A try in half a minute: the figures mean little.")] = False,
    size: options.Size = "1280x720",
    fps: options.Fps = 60.0,
    oracle: Annotated[bool, typer.Option("--oracle", help="No network: tries the bench itself.")] = False,
    model: options.Model = "full",
) -> None:
    """Measure speed, latency, stalls and memory of the whole chain. Takes about eight minutes; best on a quiet machine.

    Everything runs on pictures of the virtual runner drawn beforehand; the window runs without a screen.
    """
    from app.cli import build, parsing, places
    from app.cli.outcome import STDOUT, check_json_place, write_json
    from app.store.atomic import require_writable, write_text
    from app.validation.bench_document import markdown as as_markdown

    own_model = model if model.endswith(".task") else None
    places.check_places((own_model,), {"--json": json, "--markdown": markdown})
    parts = _parts(only)
    lengths = _lengths(parsing.seconds(seconds), frames, quick)
    size_px, camera_fps = parsing.size_px(size), parsing.frames_per_s(fps)
    check_json_place(json)
    if markdown is not None:
        require_writable(Path(markdown))
    found_by = build.oracle() if oracle else build.network(model)
    asked = {"quick": quick, "oracle": oracle, "parts": list(parts), "live_s": lengths.live_s}
    content = _run(asked, lengths, _draw(size_px, camera_fps, quick), found_by, model)
    if json is not None:
        write_json(json, content)
    if markdown is not None:
        write_text(Path(markdown), as_markdown(content))
    if json != STDOUT:
        print_bench(content)


def _parts(names: list[str] | None) -> tuple[str, ...]:
    """Return the parts that were asked for, in their order. Raises WorldError for a name that no part has."""
    from app.coach.errors import WorldError
    from app.validation.bench_document import LONG_PARTS, PARTS

    for name in names or ():
        if name not in PARTS:
            raise WorldError(f"--only: no part is called {name!r}; there are {', '.join(PARTS)}.")
    return tuple(part for part in PARTS if (part in names if names else part not in LONG_PARTS))


def _lengths(seconds: float | None, frames: int | None, quick: bool) -> "Lengths":
    from app.validation.bench_parts import Lengths

    live_s = seconds or (QUICK_S if quick else LIVE_S)
    if quick:
        few = frames or QUICK_FRAMES
        return Lengths(live_s, bare_s=0.5, clip_s=1.0, rounds=1, starts=1, stored=(1, 10), frames=few)
    return Lengths(live_s, bare_s=min(5.0, live_s), frames=frames or FRAMES)


def _draw(size_px: tuple[int, int], fps: float, quick: bool) -> "Clip":
    """Return the pictures, with a bar where stderr is a terminal. Raises WorldError where they would be too many."""
    from app.cli.terminal import counting, notice, shows_progress
    from app.validation.bench_clip import MOST_STRIDES, draw_clip

    if not shows_progress():
        notice("Drawing the pictures of the virtual runner ...")
    with counting("Drawing", None) as tick:
        return draw_clip(size_px, fps, 1 if quick else MOST_STRIDES, tick)


def _run(
    asked: "Mapping[str, Any]", lengths: "Lengths", clip: "Clip", found_by: "Estimation", model: str
) -> dict[str, Any]:
    """Return the document of the parts that were asked for."""
    import app as package
    from app.cli import build
    from app.cli.bench_watch import watched_network
    from app.cli.terminal import notice
    from app.validation.bench_bare import BareMediaPipe, NoNetwork
    from app.validation.bench_document import document
    from app.validation.bench_memory import MemoryLog
    from app.validation.bench_parts import Bench

    path, memory = found_by.model_path, MemoryLog()
    beside = build.network(model, live=True).make if path is not None else found_by.make
    make_bare = NoNetwork if path is None else lambda: BareMediaPipe(path)
    made_of = Bench(clip, lengths, found_by.make, beside, make_bare, memory)
    work = _works(made_of, found_by, model)
    parts = {}
    with watched_network(_kind_of(found_by), made_of.network):
        for name in asked["parts"]:
            notice(f"Measuring: {name} ...")
            parts[name] = work[name]()
    app = {
        "version": package.__version__,
        "model": found_by.model,
        "model_sha256": found_by.model_sha256,
        "engine": found_by.engine,
    }
    shown = {"size_px": list(clip.size_px), "fps": clip.fps, "pictures": len(clip.pictures), "strides": clip.strides}
    return document(asked, app, shown, parts, memory.figures(clip.bytes))


def _kind_of(found_by: "Estimation") -> type:
    """Return the class of the networks that are measured."""
    if found_by.engine == "litert":
        from app.pose.litert_estimator import LiteRtEstimator

        return LiteRtEstimator
    if found_by.engine == "mediapipe":
        from app.pose.mediapipe_estimator import MediaPipeEstimator

        return MediaPipeEstimator
    from app.pose.estimator import OracleEstimator

    return OracleEstimator


def _works(bench: "Bench", found_by: "Estimation", model: str) -> "dict[str, Callable[[], dict[str, Any]]]":
    """Return what measures each part."""
    from app.cli.bench_start import start_part
    from app.validation.bench_changes import changes_part
    from app.validation.bench_long import memory_part
    from app.validation.bench_parts import analyze_part, headless_part, overload_part
    from app.validation.bench_sizes import sizes_part
    from app.validation.bench_stored import stored_part

    oracle = found_by.model_path is None

    def window(of: "Bench" = bench) -> dict[str, Any]:
        _use_no_screen()
        from app.cli.bench_window import window_part

        return window_part(of, _Extras(found_by))

    def changes() -> dict[str, Any]:
        return changes_part(bench, found_by.model_path, window)

    return {
        "analyze": lambda: analyze_part(bench),
        "headless": lambda: headless_part(bench),
        "window": window,
        "overload": lambda: overload_part(bench),
        "sizes": lambda: sizes_part(bench),
        "start": lambda: start_part(bench.clip, bench.lengths.starts, model, oracle),
        "stored": lambda: stored_part(bench.lengths.stored),
        "changes": changes,
        "memory": lambda: memory_part(bench),
    }


class _Extras:
    """What the app's own sessions have besides source, estimator and coach."""

    def __init__(self, found_by: "Estimation") -> None:
        self._found_by = found_by

    def others(self) -> "OthersCounter | None":
        """Return what counts other people, None without a network."""
        from app.pose.others import OthersCounter

        path = self._found_by.model_path
        return None if path is None else OthersCounter(lambda: path)

    def records(self, choice: "Choice", data_folder: Path) -> "Recordings":
        """Return what records the session."""
        from app.cli.recording import records_of

        return records_of(choice, "virtual", "", data_folder, lambda: self._found_by)


def _use_no_screen() -> None:
    """Have Qt draw into memory; before it is imported. Raises WorldError where Qt does not work here."""
    import app as package
    from app.coach.errors import WorldError

    package.keep_opencv_out_of_qt()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from app.ui.window import binding_problem
    except ImportError as error:
        raise WorldError(f"Qt does not import here ({error}): leave the window out with --only.") from error
    if problem := binding_problem():
        raise WorldError(problem)


def print_bench(content: "Mapping[str, Any]") -> None:
    """Print the tables of a bench's document on stdout."""
    from rich.console import Console

    from app.cli.tables import figures_table, print_table
    from app.validation.bench_document import tables

    # A file or a pipe has no width of its own.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
    for title, headings, rows in tables(content):
        table = figures_table(*headings)
        for row in rows:
            table.add_row(*row)
        print_table(console, title, table)
    window = content["parts"].get("window")
    if window is not None and window["qt_warnings"]["texts"]:
        console.print("\nQt warned", soft_wrap=True)
        for text in window["qt_warnings"]["texts"]:
            console.print(f"  {text}", markup=False, soft_wrap=True)
