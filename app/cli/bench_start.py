"""How long the app takes to start: a process of its own opens the app's window on one picture, and tells when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import app as package
from app.cli.bench_watch import replaced
from app.store.json_values import number

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from app.coach.types import BodyPose, ImageArray
    from app.validation.bench_clip import Clip

CHILD = "import sys; from app.cli.bench_start import child; child(sys.argv[1:])"
LONGEST_S = 120.0
#: What is known of a start, s.
FIGURES = ("window_s", "first_frame_s", "first_frame_after_window_s", "window_cpu_s")


def start_part(clip: Clip, starts: int, model: str, oracle: bool) -> dict[str, Any]:
    """Return the median times of some starts, s: process begun -> window painted -> first frame coached.

    ``window_cpu_s`` is what all threads worked until the window was painted: on a busy machine it hardly grows. The
    first start, whose files may not be in the system's memory yet, is told apart where there are several.
    """
    if getattr(sys, "frozen", False):  # a bundle has no interpreter that could run the child
        return {"starts": 0, **dict.fromkeys(FIGURES), "first": None}
    with TemporaryDirectory() as name:
        folder = Path(name)
        import numpy as np

        np.save(folder / "picture.npy", clip.pictures[0][0])
        # Python compiles the whole app at every start where it may not keep what it compiled, as in many containers.
        # No installed app is started like that: here, too, it is kept, by a start that does not count.
        bytecode = folder / "bytecode" if starts > 1 and sys.dont_write_bytecode else None
        if bytecode is not None:
            _start(folder, clip.fps, model, oracle, bytecode)
        runs = [_start(folder, clip.fps, model, oracle, bytecode) for _ in range(starts)]
    later = runs[1:] or runs
    figures: dict[str, Any] = {key: number(median(run[key] for run in later), 3) for key in runs[0]}
    return {"starts": starts, **figures, "first": {key: number(value, 3) for key, value in runs[0].items()}}


def _start(folder: Path, fps: float, model: str, oracle: bool, bytecode: Path | None = None) -> dict[str, float]:
    """Start the app once; ``bytecode``: where it is kept, if told. Raises RuntimeError: it does not come up."""
    home = str(Path(package.__file__).parent.parent)
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "HINGECOACH_DATA": str(folder),
        "PYTHONPATH": os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    if bytecode is not None:
        environment["PYTHONPYCACHEPREFIX"] = str(bytecode)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
    asked = {"picture": str(folder / "picture.npy"), "fps": fps, "model": model, "oracle": oracle}
    began_s = time.time()
    try:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, json.dumps(asked)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"the app did not start within {LONGEST_S:.0f} s") from None
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        told = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        raise RuntimeError(f"the app that was started for its start-up time ended with {done.returncode}: {told}")
    told_s = json.loads(lines[-1])
    return {
        "window_s": told_s["window_s"] - began_s,
        "first_frame_s": told_s["coached_s"] - began_s,
        "first_frame_after_window_s": told_s["coached_s"] - told_s["window_s"],
        "window_cpu_s": told_s["window_cpu_s"],
    }


def child(arguments: list[str]) -> None:
    """Open the app's window on one picture, close it when its first coached frame is painted, and print when what was.

    The times are those of the system's clock, which both processes share.
    """
    asked = json.loads(arguments[0])
    from app.cli.window import open_window
    from app.ui.choice import Choice, SourceKind

    package.keep_opencv_out_of_qt()
    at_s: dict[str, float] = {}

    def coached(_analysis: object) -> None:
        at_s.setdefault("coached_s", time.time())

    def make(choice: Choice) -> Any:
        from app.cli import build, recording, runners
        from app.session import Session

        found_by = build.oracle() if asked["oracle"] else build.network_as_it_is(asked["model"])
        return Session(
            _one_picture(asked["picture"], asked["fps"]),
            found_by.make,
            build.coach_for(choice, build.Coaching()),
            (coached,),
            records=recording.records_of(choice, "virtual", "", runners.folder_of(None), lambda: found_by),
        )

    with _watched_painting(at_s):
        code = open_window(make, Choice(SourceKind.VIRTUAL, fps=asked["fps"]), LONGEST_S)
    sys.stdout.write(json.dumps(at_s) + "\n")
    sys.exit(code)


def _one_picture(path: str, fps: float) -> Any:
    """Return a camera that shows one picture of the bench's runner."""
    import numpy as np

    from app.capture.loop import LoopScene, LoopSource
    from app.validation.bench_clip import STANDING_S, scene_for

    image: ImageArray = np.load(path)
    pose: BodyPose = scene_for((image.shape[1], image.shape[0])).landmarks_at(STANDING_S / 2)
    return LoopSource(LoopScene([(image, pose)], fps), fps)


def _watched_painting(at_s: dict[str, float]) -> AbstractContextManager[None]:
    """Note the first painting of the picture's place, and close the window when a coached frame has been painted."""
    from app.ui.video_view import VideoView

    paint = VideoView.paintEvent

    def watched(view: VideoView, event: Any) -> None:
        paint(view, event)
        at_s.setdefault("window_s", time.time())
        at_s.setdefault("window_cpu_s", time.process_time())
        if view.analysis is not None and "painted_s" not in at_s:
            at_s["painted_s"] = time.time()
            from PySide6.QtCore import QTimer

            QTimer.singleShot(0, view.window().close)

    return replaced(VideoView, "paintEvent", watched)
