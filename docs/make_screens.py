"""Pictures of every screen: ``python -m docs.make_screens [--all DIR] [--only NAME]``.

Without ``--all`` it renews the README's few pictures (`README` says where). With it, every screen is saved to ``DIR``
in dark and light and in three sizes, to be looked at. Offscreen, with the virtual runner, its true landmarks and a
clock that the frames set: no camera, no network, no waiting. A frame is drawn only where it is looked at (40 ms each).
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Container
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from app import keep_opencv_out_of_qt
from app.capture.cameras import why_not_opened
from app.capture.virtual import VirtualSource
from app.coach.errors import WorldError
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.types import BodyPose, ImageArray, RunnerProfile
from app.pose.estimator import OracleEstimator
from app.session import Session
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.ui import live_session
from app.ui.choice import Choice, SourceKind
from app.ui.main_window import MainWindow
from app.ui.outfit import Outfit
from app.ui.pages.settings_page import SECTIONS
from app.ui.prefs import Layout, Prefs
from app.ui.screens import Screen
from app.ui.theme import ThemeChoice
from docs.few_colours import with_few_colours

ROOT = Path(__file__).resolve().parent.parent
SIZES = ((960, 600), (1280, 800), (1920, 1080))
THEMES = (ThemeChoice.DARK, ThemeChoice.LIGHT)
FPS, HEIGHT_CM = 30.0, 178.0
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
#: The set-up looks at a picture this often, s (`app.session.guiding`).
LOOKED_AT_EVERY_S = 0.5


class Clock:
    """Time that passes only when somebody waits for it; monotonic seconds from 0."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Return the present time."""
        return self.now_s

    def wait(self, _condition: threading.Condition, seconds: float) -> None:
        """Let time pass instead of waiting for it."""
        self.now_s += seconds


class SparingScene:
    """A virtual scene that draws only the frames at ``wanted_s`` (rounded to ms); of the others it has landmarks."""

    def __init__(self, scene: VirtualScene, wanted_s: Container[float]) -> None:
        self._scene, self._wanted_s = scene, wanted_s

    def image_at(self, t_s: float, index: int = 0) -> ImageArray | None:
        """Return the picture at a wanted time, else None."""
        return self._scene.image_at(t_s, index) if ms(t_s) in self._wanted_s else None

    def landmarks_at(self, t_s: float) -> BodyPose:
        """Return the exact landmarks in px."""
        return self._scene.landmarks_at(t_s)


class SteppedSession(Session):
    """A session that the window may start and stop, and that goes on only when it is stepped."""

    def start(self) -> None:
        """Nothing runs by itself."""


@dataclasses.dataclass(frozen=True)
class Play:
    """One run of the window and what is photographed in it.

    Attributes:
        name: of the whole. screen: that it begins on. act: of the virtual runner.
        shots: (time, name): at which scene time s which picture is taken.
        camera: None: the usual one, well placed. standing_s: relaxed standing before the act.
        layout: of the live screens. after: what is done with the window before a shot, by the shot's name.
        review: whether the set is looked back at: then every frame is drawn.

    """

    name: str
    screen: Screen
    act: str = "good"
    shots: tuple[tuple[float, str], ...] = ()
    camera: Camera | None = None
    standing_s: float = 3.0
    layout: Layout = Layout.RUNNER
    before: dict[str, Callable[[MainWindow], None]] = dataclasses.field(default_factory=dict)
    review: bool = False

    @property
    def seconds(self) -> float:
        """How long it goes on."""
        return max((at_s for at_s, _ in self.shots), default=0.0)


def ms(t_s: float) -> float:
    """Return a time as it is compared."""
    return round(t_s, 3)


def scene_of(play: Play) -> VirtualScene:
    """Return the virtual scene of a play."""
    params = RunnerParams(act=Act(play.act), height_cm=HEIGHT_CM, standing_s=play.standing_s)
    return VirtualScene(params, play.camera or Camera.framing(stature_m=params.height_m))


def session_of(play: Play, choice: Choice, wanted_s: Container[float], clock: Clock) -> SteppedSession:
    """Return the session of a play: the oracle looks, the clock is that of the frames."""
    scene = SparingScene(scene_of(play), wanted_s)
    source = VirtualSource(scene, FPS, None, realtime=True, clock=clock, wait=clock.wait)  # type: ignore[arg-type]  # a picture may be missing
    coach = CoachModel(choice.mode, RunnerProfile(height_cm=HEIGHT_CM))
    return SteppedSession(source, OracleEstimator, coach, clock=clock)


def frames_wanted(play: Play) -> set[float]:
    """Return the scene times whose frames are drawn: those shown, kept by the exam, or looked back at."""
    last = math.ceil(play.seconds * FPS) + 1
    shown = {ms(at / FPS) for at_s, _ in play.shots for at in (round(at_s * FPS),)}
    if play.review or play.screen is Screen.SETUP:
        every = 1 if play.review else round(LOOKED_AT_EVERY_S * FPS)
        shown |= {ms(k / FPS) for k in range(0, last, every)}
    if play.act == Act.EXAM.value:
        shown |= passes(play, last)
    return shown


def passes(play: Play, frames: int) -> set[float]:
    """Return when the poses of the exam are passed, found by sitting it once without pictures."""
    from app.ui.tasks import task_for

    choice = Choice(kind=SourceKind.VIRTUAL, act=play.act, mode=Mode.STANCE)
    with session_of(play, choice, (), Clock()) as session:
        session.turn_to(task_for(Screen.START_LINE, choice))
        for _ in range(frames):
            session.step()
        return {ms(picture.analysis.frame.t_s) for picture in session.exam_pictures()}


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
            clock = Clock()
            window = MainWindow(
                lambda chosen: session_of(play, chosen, wanted_s, clock),
                choice,
                settings=settings,
                screen=play.screen,
                outfit=Outfit(Path(folder) / "data"),
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
        for at_s, name in sorted(play.shots):
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
                    self._take(window, str(screen))
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
    Play("run_good_coach", Screen.RUN, shots=((15.9, "run_good_coach"),), layout=Layout.COACH),
    # At push-off, where the line is judged; later the cue has gone from the card.
    Play("run_fault", Screen.RUN, "pelvis_drift", ((11.87, "run_fault"), (14.0, "run_fault_later"))),
    Play("run_roof", Screen.RUN, "standing_up", ((12.03, "run_roof"),)),
    Play("run_fault_coach", Screen.RUN, "pelvis_drift", ((11.87, "run_fault_coach"),), layout=Layout.COACH),
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
    Play("review", Screen.RUN, "pelvis_drift", ((24.0, "review_run"),), before={"review_run": _to_review}, review=True),
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
