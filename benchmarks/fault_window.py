"""The window is closed in the middle of a fault: how soon it has gone, how soon the process has ended, what is lost.

Every case is a process of its own that runs ``hingecoach live`` with the faulty camera in the place of a real one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.fault_runs import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

#: What is closed in: (name, what happens, how long the process may outlive the window where data goes first, s).
CASES = (
    ("running", "a run", 2.0),
    ("opening", "the camera is being opened, its driver hangs", 2.0),
    ("away", "the camera is unplugged", 2.0),
    ("stalled", "read() blocks for ever", 2.0),
    ("loading", "the network is being loaded, for 30 s", 2.0),
    ("hanging", "the network hangs for 30 s", 2.0),
    ("faulted", "the coach has raised", 2.0),
    ("stopping", "Stop was pressed a moment ago, the network hangs", 2.0),
    ("report", "a report is being made, for 30 s", 2.0),
    ("full", "the disk is full", 2.0),
    ("removed", "the data folder was removed", 2.0),
    ("slow", "every write to the disk takes 2 s", 10.0),
)
#: Nothing that was judged earlier than this before the end is lost, s.
LOST_S = 1.0
LONG_S = 30.0
MOST_S = 90.0


def outcomes(only: str = "") -> list[Outcome]:
    """Close the window in every case, or in one."""
    return [_closed(*case) for case in CASES if only in ("", case[0])]


def _closed(name: str, words: str, limit_s: float) -> Outcome:
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HINGECOACH_DATA": folder}
        environment |= {"XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder, "HOME": folder}
        command = [sys.executable, "-m", "benchmarks.fault_window", name, folder]
        child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, err = child.communicate(timeout=MOST_S)
        except subprocess.TimeoutExpired:
            child.kill()
            return Outcome(f"window closed: {words}", "", "", wrong=f"still there after {MOST_S:.0f} s")
        ended_s = time.monotonic()
        lines = [line for line in out.splitlines() if line.startswith("{")]
        if not lines:
            return Outcome(f"window closed: {words}", "", "", wrong=f"code {child.returncode}: {err.strip()[-300:]}")
        told = json.loads(lines[0])
        gone_s = json.loads(lines[1])["gone_s"] - told["closing_s"] if len(lines) > 1 else float("nan")
        lost_s = _lost_s(Path(folder), told) if name != "removed" else 0.0
        codes = (0, 2) if name in ("faulted", "removed", "full") else (0,)
        wrong = [
            f"code {child.returncode}: {err.strip()[-300:]}" if child.returncode not in codes else "",
            f"{lost_s:.1f} s lost" if lost_s > LOST_S and name != "full" else "",
            f"the window was there for {gone_s:.1f} s" if not gone_s <= 2.0 else "",
            "a traceback" if "Traceback" in err else "",
        ]
    total_s = ended_s - told["closing_s"]
    lost = "what was removed" if name == "removed" else f"{lost_s:.2f} s" if told["newest_s"] else "nothing yet to lose"
    lost += ", all since the disk was full" if name == "full" else ""
    return Outcome(
        f"window closed: {words}",
        f"window gone and closed after {gone_s:.2f} s, process ended after {total_s:.2f} s",
        ([line for line in err.splitlines() if line.startswith("hingecoach")] or ["nothing"])[-1].replace(folder, "…"),
        lost, total_s, "until the process has ended", limit_s, "; ".join(filter(None, wrong)),
    )  # fmt: skip


def _lost_s(folder: Path, told: dict[str, Any]) -> float:
    """Return how much of what was judged is neither recorded nor recovered, s."""
    from app.store.history import History
    from app.store.sessions.recovery import SETTLED_S

    if not told["newest_s"]:
        return 0.0
    time.sleep(SETTLED_S + 0.2)
    with History(folder) as history:
        history.recover()
        kept_s = [pose.t_s for row in history.sessions() for pose in history.frames(row.id)]
    return max(0.0, float(told["newest_s"] - max(kept_s, default=told["first_s"])))


# ---------------------------------------------------------------------- in the process of its own


class _Plan:
    """What happens in one case, and when the window is to be closed."""

    def __init__(self, name: str, folder: Path) -> None:
        from benchmarks.faulty import UsbCamera

        self.name, self.folder = name, folder
        self.camera = UsbCamera(30.0)
        self.times_s: list[float] = []
        self.began_s = 0.0
        self.turns = 0

    def seen(self, analysis: Any) -> None:
        """Observe the session."""
        self.times_s.append(analysis.report.t_s)

    def before(self, turn: int) -> None:
        """Run before every picture of the network."""
        self.turns = turn
        if turn == 330 and self.name in ("hanging", "stopping"):
            time.sleep(LONG_S)

    def load(self) -> None:
        """Load the network."""
        if self.name == "loading":
            time.sleep(LONG_S)

    def due(self, window: Any) -> bool:
        """Bring the fault about once there is something to lose; whether it is time to close."""
        now_s = time.monotonic()
        if self.name in ("opening", "loading"):
            self.began_s = self.began_s or now_s
        elif not self.began_s and self.turns >= 330:
            self.began_s = now_s
            self._begin(window)
        return bool(self.began_s) and now_s - self.began_s > 2.5

    def _begin(self, window: Any) -> None:
        from app.store.sessions import pose_file
        from benchmarks.faulty import Trouble

        write_all = pose_file.write_all

        def slow(file: int, data: bytes) -> None:
            time.sleep(2.0)
            write_all(file, data)

        def full(_file: int, _data: bytes) -> None:
            raise OSError(28, "No space left on device")

        does: dict[str, Callable[[], object]] = {
            "away": lambda: self.camera.plug(False),
            "stalled": lambda: self.camera.have(Trouble.HANG),
            "faulted": lambda: window.ask(lambda session: session.ask(_raise)),
            "stopping": window.stop,
            "report": lambda: hang_handing_out(window),
            "full": lambda: setattr(pose_file, "write_all", full),
            "slow": lambda: setattr(pose_file, "write_all", slow),
            "removed": self._remove,
        }
        does.get(self.name, lambda: None)()

    def _remove(self) -> None:
        import shutil

        shutil.rmtree(self.folder / "sessions", ignore_errors=True)


def hang_handing_out(window: Any) -> None:
    """Have a report take very long."""
    out = window.outfit._out  # noqa: SLF001 - there is no button for it
    out._work.submit(time.sleep, LONG_S)  # noqa: SLF001


def _raise(_coach: object) -> None:
    raise RuntimeError("on purpose")


def child(name: str, folder: Path) -> None:
    """Run the app with the fault, close its window in the middle of it, and tell when."""
    from app.capture.webcam import Webcam
    from app.cli import build, recording
    from app.cli.main import main
    from app.session import Session
    from app.ui.main_window import MainWindow
    from benchmarks.faulty import SIZE_PX, PictureOracle, scene_of

    plan = _Plan(name, folder)

    def make() -> PictureOracle:
        plan.load()
        return PictureOracle(scene_of(standing_s=1.5), plan.camera.began_s, plan.before)

    def session(choice: Any, _model: str, _seconds: Any, coaching: Any, data_folder: Path) -> Session:
        port = plan.camera.port()
        if name == "opening":
            port = type(port)(opener=_hangs, lister=port.lister)
        coach = build.coach_for(choice, coaching)
        records = recording.records_of(choice, "camera", "faulty", data_folder, build.oracle)
        return Session(Webcam(0, SIZE_PX, 30.0, port=port), make, coach, (plan.seen,), records=records)

    start = MainWindow.start

    def started(window: MainWindow) -> None:
        from PySide6.QtCore import QTimer

        start(window)
        timer = QTimer(window)

        def look() -> None:
            if not plan.due(window):
                return
            timer.stop()
            first_s, newest_s = (plan.times_s[0], plan.times_s[-1]) if plan.times_s else (0.0, 0.0)
            _tell({"closing_s": time.monotonic(), "first_s": first_s, "newest_s": newest_s})
            window.close()
            _tell({"gone_s": time.monotonic()})

        timer.timeout.connect(look)
        timer.start(20)

    for owner, attribute, value in ((build, "live_session", session), (MainWindow, "start", started)):
        setattr(owner, attribute, value)
    sys.argv = ["hingecoach", "live", "--mode", "run", "--height-cm", "178"]
    main()


def _hangs(_index: int) -> Any:
    time.sleep(LONG_S)


def _tell(line: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    child(sys.argv[1], Path(sys.argv[2]))
