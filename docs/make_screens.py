"""Pictures of every screen: ``python -m docs.make_screens [--all DIR] [--only NAME]``.

Without ``--all`` it renews the README's few pictures (`README` says where). With it, every screen is saved to ``DIR``
in dark and light and in three sizes, to be looked at. Offscreen, with the virtual runner, its true landmarks and a
clock that the frames set: no camera, no network, no waiting. A frame is drawn only where it is looked at (40 ms each).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from app import keep_opencv_out_of_qt
from app.capture.cameras import why_not_opened
from app.coach.errors import WorldError
from app.session import Session
from app.sim.camera import Camera
from app.ui import live_session
from app.ui.choice import Choice, SourceKind
from app.ui.main_window import MainWindow
from app.ui.outfit import Outfit
from app.ui.pages.history_page import COMPARE, TRENDS
from app.ui.pages.settings_page import SECTIONS
from app.ui.prefs import Prefs
from app.ui.screens import SceneDetail, Screen
from app.ui.theme import ThemeChoice
from docs.few_colours import with_few_colours
from docs.screen_plays import FPS, HEIGHT_CM, Clock, Play, frames_wanted, record_earlier, session_of

ROOT = Path(__file__).resolve().parent.parent
SIZES = ((960, 600), (1280, 800), (1920, 1080))
THEMES = (ThemeChoice.DARK, ThemeChoice.LIGHT)
#: The README's pictures: name of the shot, its file, its theme.
README = {
    "run_fault_coach": ("assets/screenshot.png", ThemeChoice.DARK),
    "run_fault": ("docs/screens/run.png", ThemeChoice.DARK),
    "exam_ghost": ("docs/screens/starting_line.png", ThemeChoice.DARK),
    "drill_hinge": ("docs/screens/drills.png", ThemeChoice.LIGHT),
    "review_run": ("docs/screens/review.png", ThemeChoice.DARK),
    "setup_failing": ("docs/screens/set_up.png", ThemeChoice.LIGHT),
}
README_SIZE = (1120, 700)


def _application() -> QApplication:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    keep_opencv_out_of_qt()
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    return application


class Photographer:
    """Plays in windows and saves what they show.

    Args:
        take: called with the window and the name of each shot.

    """

    def __init__(self, take: Callable[[MainWindow, str], None]) -> None:
        self._take = take
        self._application = QApplication.instance() or _application()

    def settle(self) -> None:
        """Let Qt lay out and paint what was changed."""
        for _ in range(4):
            self._application.processEvents()

    def play(self, play: Play) -> None:
        """Perform a play and take its shots."""
        wanted_s = frames_wanted(play)
        with tempfile.TemporaryDirectory() as folder:
            settings = QSettings(str(Path(folder) / "habits.ini"), QSettings.Format.IniFormat)
            prefs = Prefs(settings)
            prefs.theme, prefs.layout = ThemeChoice.DARK, play.layout
            choice = Choice(kind=SourceKind.VIRTUAL, act=play.act, oracle=True, fps=FPS, height_cm=HEIGHT_CM)
            clock, data_folder = Clock(), Path(folder) / "data"
            record_earlier(play, data_folder)
            window = MainWindow(
                lambda chosen: session_of(play, chosen, wanted_s, clock, data_folder),
                choice,
                settings=settings,
                screen=play.screen,
                outfit=Outfit(data_folder),
            )
            try:
                # How long a roof hit is shown goes by the window's own clock.
                with mock.patch.object(live_session, "time", SimpleNamespace(monotonic=clock)):
                    self._perform(window, play)
            finally:
                window.close()
                window.deleteLater()

    def _perform(self, window: MainWindow, play: Play) -> None:
        for timer in window.findChildren(QTimer):
            timer.stop()  # frame by frame
        window.show()
        while window.host.busy:
            window.refresh()
        session, frame = window.host.session, 0
        for at_s, name in play.shots:
            while session is not None and frame <= round(at_s * FPS):
                session.step()
                frame += 1
                window.refresh()
                if frame % 8 == 0:
                    window.draw_plots()
                    window.write_numbers()
            window.draw_plots()
            window.write_numbers()
            if name in play.before:
                play.before[name](window)
            self._take(window, name)

    def pages(self) -> None:
        """Take what needs no session: settings, the page about the app, the help where there is no camera."""

        def fails(_choice: Choice) -> Session:
            raise WorldError(why_not_opened(0, "linux", Path("no such folder")))

        with tempfile.TemporaryDirectory() as folder:
            settings = QSettings(str(Path(folder) / "habits.ini"), QSettings.Format.IniFormat)
            window = MainWindow(fails, Choice(), settings=settings, outfit=Outfit(Path(folder) / "data"))
            for timer in window.findChildren(QTimer):
                timer.stop()
            window.show()
            try:
                while window.host.busy:
                    window.refresh()
                window.write_numbers()
                self._take(window, "camera_help")
                for screen in window.page_of:
                    window.go_to(screen)
                    empty = screen in (Screen.REVIEW, Screen.HISTORY)
                    self._take(window, f"{screen}_empty" if empty else str(screen))
                    if screen is Screen.SETTINGS:
                        for section, _ in SECTIONS[1:]:
                            window.outfit.settings.show_section(section)
                            self._take(window, f"settings_{section}")
            finally:
                window.close()
                window.deleteLater()


def _to_review(window: MainWindow) -> None:
    window.stop()
    while window.host.busy:
        window.refresh()
    window.go_to(Screen.REVIEW)


def _to_history(window: MainWindow) -> None:
    window.go_to(Screen.HISTORY)


#: Everything that is played. The times are the virtual runner's own.
PLAYS = (
    Play(
        "setup_bad",
        Screen.SETUP,
        shots=((2.5, "setup_failing"),),
        camera=Camera.framing(body_fraction=0.5, yaw_deg=24.0, roll_deg=5.0, stature_m=1.78),
        standing_s=60.0,
    ),
    Play("setup_good", Screen.SETUP, shots=((4.0, "setup_countdown"), (7.0, "setup_passing")), standing_s=60.0),
    Play("run_good", Screen.RUN, shots=((1.2, "run_standing"), (15.9, "run_good"))),
    Play("run_good_coach", Screen.RUN, shots=((15.9, "run_good_coach"),), layout=SceneDetail.COACH),
    # At push-off, where the line is judged; later the cue has gone from the card.
    Play("run_fault", Screen.RUN, "pelvis_drift", ((11.87, "run_fault"), (14.0, "run_fault_later"))),
    Play("run_roof", Screen.RUN, "standing_up", ((12.03, "run_roof"),)),
    Play("run_fault_coach", Screen.RUN, "pelvis_drift", ((11.87, "run_fault_coach"),), layout=SceneDetail.COACH),
    Play(
        "exam",
        Screen.START_LINE,
        "exam",
        ((1.0, "exam_begin"), (9.2, "exam_hold"), (18.9, "exam_ghost"), (24.2, "exam_wrong"), (48.0, "exam_end")),
    ),
    Play("hinge", Screen.DRILLS, "drill_hinge", ((14.5, "drill_hinge"), (15.6, "drill_hinge_counted"))),
    Play("start_line", Screen.DRILLS, "drill_start_line", ((20.0, "drill_start_line"),)),
    Play("athletic", Screen.DRILLS, "drill_athletic", ((8.0, "drill_athletic"),)),
    Play("march", Screen.DRILLS, "drill_tunnel_march", ((16.0, "drill_tunnel_march"),)),
    Play(
        "review",
        Screen.RUN,
        "pelvis_drift",
        ((24.0, "review_run"), (24.0, "history"), (24.0, "history_trends"), (24.0, "history_compare")),
        before={
            "review_run": _to_review,
            "history": _to_history,
            "history_trends": lambda window: window.outfit.history.show_view(TRENDS),
            "history_compare": lambda window: window.outfit.history.show_view(COMPARE),
        },
        earlier=("upright", "pelvis_drift", "standing_up", "good"),
        review=True,
    ),
    Play(
        "review_drill",
        Screen.DRILLS,
        "drill_hinge",
        ((18.0, "review_drill"),),
        before={"review_drill": _to_review},
        review=True,
    ),
)


def save_all(folder: Path, only: str = "") -> int:
    """Save every screen in both themes and all sizes to ``folder``; return how many pictures there are."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = 0

    def take(window: MainWindow, name: str) -> None:
        nonlocal taken
        for theme in THEMES:
            window.use_theme(theme)
            for width, height in SIZES:
                window.resize(width, height)
                photographer.settle()
                window.grab().save(str(folder / f"{name}_{theme}_{width}.png"))
                taken += 1

    photographer = Photographer(take)
    for play in PLAYS:
        if only in play.name:
            photographer.play(play)
    if only in "pages":
        photographer.pages()
    return taken


def save_readme(root: Path, only: str = "") -> int:
    """Save the README's pictures below ``root``; return how many there are."""
    taken = 0

    def take(window: MainWindow, name: str) -> None:
        nonlocal taken
        if name not in README:
            return
        file, theme = README[name]
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        window.use_theme(theme)
        window.resize(*README_SIZE)
        photographer.settle()
        with_few_colours(window.grab().toImage()).save(str(root / file))
        taken += 1

    photographer = Photographer(take)
    for play in PLAYS:
        if only in play.name and any(name in README for _, name in play.shots):
            photographer.play(play)
    return taken


def main(arguments: list[str]) -> int:
    """Save the pictures; return the exit code."""
    parser = argparse.ArgumentParser(prog="docs.make_screens", description=__doc__)
    parser.add_argument("--all", type=Path, metavar="DIR", help="save every screen there")
    parser.add_argument("--only", default="", metavar="NAME", help="only plays whose name has this in it")
    told = parser.parse_args(arguments)
    taken = save_readme(ROOT, told.only) if told.all is None else save_all(told.all, told.only)
    sys.stdout.write(f"{taken} pictures in {told.all or ROOT}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
