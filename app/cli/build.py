"""Sessions out of choices: which source, which estimator, which coach. Heavy rooms are imported when needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import typer

from app.coach.errors import WorldError
from app.coach.report import Mode
from app.coach.types import Facing, RunnerProfile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.capture.source import FrameSource
    from app.capture.virtual import VirtualSource
    from app.cli.runners import Runner
    from app.coach.dose import Dose
    from app.coach.model import CoachModel
    from app.coach.rules import Rules
    from app.pose.estimator import PoseEstimator
    from app.session import Session
    from app.ui.choice import Choice

USUAL_HEIGHT_CM = 178.0
MOST_MINUTES = 600.0
DRILLS_NOT_JUDGED = "the drill is shown, not counted: that needs --mode drill"


@dataclass(frozen=True, slots=True)
class Estimation:
    """How poses are found: ``make`` an estimator, and what the JSON says about the model.

    Attributes:
        model_path: of the network's model, None without a network.
        engine: what runs the network, "none" without one.
        other_people: how many besides the runner were found in the clip, None = nobody looked.
        notices: lines for the JSON's warnings.
    """

    make: Callable[[], PoseEstimator]
    model: str = "none"
    model_sha256: str = ""
    notices: tuple[str, ...] = ()
    model_path: Path | None = None
    other_people: int | None = None
    engine: str = "none"


def oracle() -> Estimation:
    """Return the estimation that takes the landmarks the frames bring along."""
    from app.pose.estimator import OracleEstimator

    return Estimation(OracleEstimator)


def network(wanted: str, facing: Facing = Facing.UNKNOWN, live: bool = False, threads: int | None = None) -> Estimation:
    """Return the estimation by the refined pose network, its model fetched now if need be (with a progress bar).

    ``live``: beside a camera and a window. ``threads``: workers of the network, None: as many as are best.

    Raises:
        WorldError: there is no model and none can be fetched; the environment names no engine.

    """
    from app.cli.terminal import fetching
    from app.pose.engine import chosen_engine, make_network
    from app.pose.model import ensure_model

    notices: list[str] = []
    engine = chosen_engine()
    with fetching(notices.append) as (progress, say):
        model = ensure_model(wanted, progress=progress, say=say)

    def make() -> PoseEstimator:
        from app.pose.refined import RefinedEstimator

        return RefinedEstimator(make_network(engine, model.path, with_mask=True, live=live, threads=threads), facing)

    return Estimation(make, model.variant, model.sha256, tuple(notices), model.path, engine=engine.value)


def network_as_it_is(wanted: str) -> Estimation:
    """Return the estimation by the pose network, named by what is on this machine; ``make`` fetches if need be."""
    from app.pose.engine import chosen_engine
    from app.pose.model import model_status

    status = model_status(wanted)
    notices = (status.notice,) if status.notice else ()
    variant, engine = status.variant or wanted, chosen_engine()
    return Estimation(lambda: network(wanted).make(), variant, status.sha256, notices, engine=engine.value)


def estimation_for(choice: Choice, source_kind: str, model: str) -> Estimation:
    """Return how poses were found for what the user chose in the window; ``source_kind`` is that of its source."""
    estimation = oracle() if _brings_landmarks(choice, source_kind) else network_as_it_is(model)
    return with_drill_notice(estimation, choice)


def is_drill(choice: Choice) -> bool:
    """Return whether the virtual runner shows a drill."""
    from app.ui.choice import SourceKind

    return choice.kind is SourceKind.VIRTUAL and choice.act.startswith("drill_")


def shows_only(choice: Choice) -> bool:
    """Return whether a drill is shown and something else judged."""
    return is_drill(choice) and judged_mode(choice) is not Mode.DRILL


def sits_exam(choice: Choice) -> bool:
    """Return whether the virtual runner sits the starting-line exam."""
    from app.ui.choice import EXAM_ACT, SourceKind

    return choice.kind is SourceKind.VIRTUAL and choice.act == EXAM_ACT and choice.mode in (Mode.AUTO, Mode.STANCE)


def judged_mode(choice: Choice) -> Mode:
    """Return the mode to coach in: a drill or exam that is shown is judged as one, unless told otherwise."""
    if sits_exam(choice):
        return Mode.STANCE
    return Mode.DRILL if choice.mode is Mode.AUTO and is_drill(choice) else choice.mode


def with_drill_notice(estimation: Estimation, choice: Choice) -> Estimation:
    """Return the estimation with a line for the warnings where a drill is shown and not counted."""
    if not shows_only(choice):
        return estimation
    return replace(estimation, notices=(*estimation.notices, DRILLS_NOT_JUDGED))


def _brings_landmarks(choice: Choice, source_kind: str) -> bool:
    from app.ui.choice import SourceKind

    return source_kind == "trc" or (choice.kind is SourceKind.VIRTUAL and choice.oracle)


def virtual_source(
    act: str,
    *,
    height_cm: float = USUAL_HEIGHT_CM,
    facing: Facing = Facing.RIGHT,
    seed: int = 0,
    size_px: tuple[int, int] = (1280, 720),
    fps: float = 60.0,
    seconds: float | None = None,
    realtime: bool = False,
    render: bool = True,
) -> VirtualSource:
    """Return the virtual runner as a source; relaxed standing first, its length a part of ``seconds``.

    Raises:
        WorldError: there is no such act, or a number is out of range.

    """
    from app.capture.virtual import VirtualSource
    from app.cli.parsing import one_of
    from app.sim.acts import Act, RunnerParams
    from app.sim.camera import Camera
    from app.sim.scene import VirtualScene

    params = RunnerParams(
        act=one_of(Act, "--act", act),
        height_cm=height_cm,
        facing=Facing.RIGHT if facing is Facing.UNKNOWN else facing,
        standing_s=standing_s(seconds),
        seed=seed,
    )
    scene = VirtualScene(params, Camera.framing(size_px, stature_m=params.height_m))
    return VirtualSource(scene, fps, seconds, realtime, render)


def standing_s(seconds: float | None) -> float:
    """Return how much of a scene is standing: three tenths, 1.5 s at least (a reference needs one), 3 s at most."""
    return min(max(0.3 * (seconds if seconds is not None else math.inf), 1.5), 3.0)


def clip_source(
    path: str, time_range: tuple[float, float] | None = None, slowmo_factor: float | None = None
) -> FrameSource:
    """Return a video, photo or landmark file as a source. Raises WorldError for options that make no sense."""
    from pathlib import Path

    slowmo_factor = 1.0 if slowmo_factor is None else slowmo_factor

    if Path(path).suffix.lower() == ".trc":
        from app.capture.trc import TrcSource
        from app.cli.clip import Clipped, require_no_slowmo

        require_no_slowmo(slowmo_factor)
        source = TrcSource(path)
        return source if time_range is None else Clipped(source, *time_range)
    from app.capture.photo import PhotoSource, still_picture
    from app.capture.video import VideoSource

    if still_picture(Path(path)):
        if time_range is not None or slowmo_factor != 1.0:
            raise WorldError("--time-range and --slowmo-factor are for videos: a photo has no time.")
        return PhotoSource(path)
    return VideoSource(path, time_range, slowmo_factor)


class Coaching(NamedTuple):
    """By what is judged, how much of it is said, and to whom; None: the app's own rules, all of it, nobody known."""

    rules: Rules | None = None
    dose: Dose | None = None
    runner: Runner | None = None


def dose_of(session: int | None, minutes: float | None, fading: bool, runner: Runner | None = None) -> Dose:
    """Return the dose that ``--session``, ``--minutes`` and ``--fading`` name, or the runner's. Raises WorldError."""
    from app.coach.dose import Dose

    if minutes is not None and not 0.0 < minutes <= MOST_MINUTES:
        raise WorldError(f"--minutes must be above 0 and at most {MOST_MINUTES:.0f}, not {minutes:g}.")
    session = session or (runner.record.next_session if runner is not None else 1)
    dose = Dose(session, None if minutes is None else 60.0 * minutes, fading)
    if dose.planned_s is not None and not dose.has_retention:
        typer.echo("Note: a plan of less than three minutes has no silent minute at its end.", err=True)
    return dose


def live_session(
    choice: Choice,
    model: str,
    seconds: float | None = None,
    coaching: Coaching = Coaching(),
    data_folder: Path | None = None,
) -> Session:
    """Return the session of the window for what the user chose there; ``data_folder``: where it is recorded.

    Raises WorldError.
    """
    from app.cli.recording import records_of
    from app.pose.model import ensure_model
    from app.pose.others import OthersCounter
    from app.session import Session

    source = _live_source(choice, seconds, coaching.runner)
    by_oracle, camera, records = _brings_landmarks(choice, source.kind), camera_name(choice), None
    if data_folder is not None:
        kind = source.kind
        records = records_of(choice, kind, camera, data_folder, lambda: estimation_for(choice, kind, model))
    session = Session(
        source,
        # In the analysing thread: fetching or loading the model must not hold up the window.
        oracle().make if by_oracle else lambda: network(model, choice.facing, live=True).make(),
        coach_for(choice, coaching),
        others=None if by_oracle else OthersCounter(lambda: ensure_model(model).path),
        records=records,
    )
    if coaching.runner is not None:
        coaching.runner.follow(session.coaches, camera)
    return session


def _live_source(choice: Choice, seconds: float | None, runner: Runner | None) -> FrameSource:
    """Return the source of a choice, at the speed of life. Raises WorldError."""
    from app.ui.choice import SourceKind

    if choice.kind is SourceKind.VIRTUAL:
        return virtual_source(
            choice.act,
            # As tall as the coach takes the runner for.
            height_cm=choice.height_cm or (runner.record.height_cm if runner is not None else None) or USUAL_HEIGHT_CM,
            facing=choice.facing,
            seed=choice.seed,
            size_px=choice.size_px,
            fps=choice.fps,
            seconds=seconds,
            realtime=True,
        )
    if choice.kind is SourceKind.CAMERA:
        from app.capture.webcam import Webcam

        return Webcam(choice.camera, choice.size_px, choice.fps)
    from app.cli.clip import Paced, slowed_as_told

    return Paced(slowed_as_told(choice.path, choice.slowmo_factor, clip_source))


def camera_name(choice: Choice) -> str:
    """Return what the camera of a choice is called among a runner's standings, "" where none is known."""
    from app.store.calibration_json import VIRTUAL
    from app.ui.choice import SourceKind

    camera = f"camera {choice.camera}" if isinstance(choice.camera, int) else choice.camera
    return {SourceKind.CAMERA: camera, SourceKind.VIRTUAL: VIRTUAL}.get(choice.kind, "")


def coach_for(choice: Choice, coaching: Coaching) -> CoachModel:
    """Return the coach of a session; a known runner's begins with his standing. Raises WorldError: no drill named."""
    from app.coach.drill_model import DrillModel
    from app.coach.drills import DrillPlan
    from app.coach.model import CoachModel

    rules, dose, runner = coaching
    profile, standing = RunnerProfile(choice.height_cm, choice.drop_cm or RunnerProfile().tunnel_drop_cm), None
    if runner is not None:
        profile, standing = runner.profile(choice.height_cm), runner.standing(camera_name(choice))
    mode = judged_mode(choice)
    if mode is not Mode.DRILL:
        return CoachModel(mode, profile, standing, choice.facing, rules, dose)
    from app.cli.drills import plan_of

    drill = plan_of(choice.drill, choice.act if is_drill(choice) else "").drill
    plan = DrillPlan(drill, choice.reps, choice.sets, choice.rest_s)
    return DrillModel(plan, profile, standing, choice.facing, rules, dose=dose)


def coach_mode(text: str) -> Mode:
    """Return the mode that ``--mode`` names. Raises WorldError."""
    from app.cli.parsing import one_of

    return one_of(Mode, "--mode", text)


def facing_of(text: str) -> Facing:
    """Return the facing that ``--facing`` names, UNKNOWN for auto. Raises WorldError."""
    from app.cli.parsing import one_of

    if text.strip().lower() == "auto":
        return Facing.UNKNOWN
    return one_of(Facing, "--facing", text, but_not=(Facing.UNKNOWN,), also="auto")
