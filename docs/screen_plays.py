"""What is played for the pictures of `docs.make_screens`: sessions of the virtual runner on a clock that frames set."""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Callable, Container
from pathlib import Path

from app.capture.virtual import VirtualSource
from app.cli.build import oracle
from app.cli.recording import records_of
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.types import BodyPose, ImageArray, RunnerProfile
from app.pose.estimator import OracleEstimator
from app.session import Session
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.calibration_json import VIRTUAL
from app.ui.choice import Choice, SourceKind
from app.ui.main_window import MainWindow
from app.ui.screens import SceneDetail, Screen
from app.ui.tasks import task_for

FPS, HEIGHT_CM = 30.0, 178.0
#: How long an earlier session in the history is, s.
EARLIER_S = 20.0
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
        shots: (time, name): at which scene time s which picture is taken, in the order of time.
        camera: None: the usual one, well placed. standing_s: relaxed standing before the act.
        layout: of the live screens. before: what is done with the window before a shot, by the shot's name.
        earlier: acts of sessions that are recorded before.
        review: whether the set is looked back at: then every frame is drawn.

    """

    name: str
    screen: Screen
    act: str = "good"
    shots: tuple[tuple[float, str], ...] = ()
    camera: Camera | None = None
    standing_s: float = 3.0
    layout: SceneDetail = SceneDetail.RUNNER
    before: dict[str, Callable[[MainWindow], None]] = dataclasses.field(default_factory=dict)
    earlier: tuple[str, ...] = ()
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


def session_of(
    play: Play, choice: Choice, wanted_s: Container[float], clock: Clock, data_folder: Path | None = None
) -> SteppedSession:
    """Return the session of a play: the oracle looks, the clock is that of the frames; recorded where there is one."""
    scene = SparingScene(scene_of(play), wanted_s)
    source = VirtualSource(scene, FPS, None, realtime=True, clock=clock, wait=clock.wait)  # type: ignore[arg-type]  # a picture may be missing
    coach = CoachModel(choice.mode, RunnerProfile(height_cm=HEIGHT_CM))
    records = records_of(choice, source.kind, VIRTUAL, data_folder, oracle) if data_folder is not None else None
    return SteppedSession(source, OracleEstimator, coach, clock=clock, records=records)


def record_earlier(play: Play, data_folder: Path) -> None:
    """Run and record what is to be found in the history: an earlier session of each act."""
    for act in play.earlier:
        choice = Choice(kind=SourceKind.VIRTUAL, act=act, oracle=True, fps=FPS, height_cm=HEIGHT_CM)
        with session_of(dataclasses.replace(play, act=act), choice, (), Clock(), data_folder) as session:
            for _ in range(round(EARLIER_S * FPS)):
                session.step()


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
    choice = Choice(kind=SourceKind.VIRTUAL, act=play.act, mode=Mode.STANCE)
    with session_of(play, choice, (), Clock()) as session:
        session.turn_to(task_for(Screen.START_LINE, choice))
        for _ in range(frames):
            session.step()
        return {ms(picture.analysis.frame.t_s) for picture in session.exam_pictures()}
