"""``hingecoach analyze``: a video or a landmark file from beginning to end."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import options
from app.coach.errors import WorldError

if TYPE_CHECKING:
    from app.capture.source import FrameSource
    from app.cli.build import Estimation
    from app.cli.clip_exports import ClipExports, Collector
    from app.cli.clip_report import ReportMaker, ReportWish
    from app.cli.exam import ClipExam
    from app.cli.people import Clip
    from app.cli.runners import Runner
    from app.coach.model import CoachModel
    from app.coach.report import Mode
    from app.coach.standing import StandingReference
    from app.coach.types import BodyPose, Facing, RunnerProfile
    from app.session import Analysis, Session

Observer = Callable[["Analysis"], None]


@dataclass(frozen=True, slots=True)
class _Outputs:
    """What was asked for besides the text."""

    json: str | None
    csv: Path | None
    video: Path | None
    quiet: bool
    exports: "ClipExports"
    report: "ReportWish | None" = None

    @classmethod
    def of(cls, named: Mapping[str, str | None], csv: str | None, quiet: bool) -> "_Outputs":
        """Return what the options ask for: option -> file as given."""
        from app.cli.clip_exports import ClipExports

        video, trc, mot = (Path(name) if name else None for name in map(named.get, ("--video", "--trc", "--mot")))
        return cls(named["--json"], Path(csv) if csv else None, video, quiet, ClipExports(trc, mot))

    def check(self, source_kind: str, height_cm: float | None) -> None:
        """Raise WorldError for what cannot be written, before the long work."""
        from app.cli.outcome import check_json_place, check_video_place
        from app.store.atomic import require_folder

        check_json_place(self.json)
        if self.csv is not None:
            require_folder(self.csv)
        check_video_place(self.video)
        self.exports.check(source_kind, height_cm)
        if self.report is not None:
            self.report.check()


def analyze(
    clip: options.Input,
    mode: options.ModeName = "auto",
    drill: options.DrillName = None,
    height: options.Height = None,
    standing: options.StandingFile = None,
    slowmo_factor: Annotated[float, typer.Option(help="How many times slower than life the clip plays.")] = 1.0,
    time_range: Annotated[
        tuple[float, float] | None, typer.Option(help="Only from A to B, seconds of the clip.", metavar="A B")
    ] = None,
    facing: options.FacingName = "auto",
    model: options.Model = "full",
    rules: options.RulesFile = None,
    json: options.JsonFile = None,
    csv: Annotated[str | None, typer.Option(help="Write tables of frames, steps, holds, cues.", metavar="DIR")] = None,
    trc: options.TrcFile = None,
    mot: options.MotFile = None,
    report: options.ReportFile = None,
    video: Annotated[str | None, typer.Option(help="Write the annotated video.", metavar="FILE.mp4")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No summary, no progress.")] = False,
    runner: options.RunnerName = None,
    data_dir: options.DataDir = None,
) -> None:
    """Analyze a video, a photo of a stance, or a landmark file."""
    from app.cli import build, places, runners
    from app.cli.drills import clip_coach, mode_with_drill
    from app.cli.rules import rules_of

    places.require_name("INPUT", clip)
    places.require_name("--standing", standing)
    own_model = model if model.endswith(".task") else None
    named = {"--json": json, "--video": video, "--trc": trc, "--mot": mot, "--report": report}
    places.check_places((clip, standing, own_model, rules), {**named, **places.tables_in(csv)})
    who, profile = runners.who_and_profile(runner, data_dir, height)
    outputs = replace(_Outputs.of(named, csv, quiet), report=_report_wish(report, data_dir, who))
    wanted_mode, named_drill = mode_with_drill(build.coach_mode(mode), drill)
    wanted_facing, own_rules = build.facing_of(facing), rules_of(rules)
    make_coach = clip_coach(wanted_mode, named_drill)
    source = build.clip_source(clip, time_range, slowmo_factor)
    source.open()  # what is wrong with the input is told before a model is fetched
    source.close()
    photo = _photo_notices(source, wanted_mode, standing)
    outputs.check(source.kind, profile.height_cm)
    estimation = build.oracle() if source.kind == "trc" else build.network(model, wanted_facing)
    reference, lines = who.standing("") if who is not None and source.kind == "video" else None, list[str]()
    if standing is not None:
        reference, lines = _standing_reference(standing, source, estimation, profile, wanted_facing)
    estimation = replace(estimation, notices=(*estimation.notices, *photo, *lines))

    def attempt(by: "Estimation", files: ExitStack) -> _Run:
        coach = make_coach(profile, reference, wanted_facing, own_rules)
        return _attempt(source, by, coach, clip, outputs, files)

    def keeping_to_one(by: "Estimation") -> "Estimation":
        from app.cli.people import Clip

        whole = Clip(lambda part: build.clip_source(clip, part, slowmo_factor), time_range, slowmo_factor)
        return _keeping_to_one(by, whole, quiet)

    _tell(_one_or_two(attempt, estimation, keeping_to_one if source.kind == "video" else None), clip, outputs)


def _report_wish(name: str | None, data_dir: str | None, who: "Runner | None") -> "ReportWish | None":
    """Return which report is wanted, None for none."""
    if name is None:
        return None
    from app.cli.clip_report import ReportWish
    from app.cli.runners import folder_of

    return ReportWish(Path(name), folder_of(data_dir), who)


def _photo_notices(source: "FrameSource", mode: "Mode", standing: str | None) -> tuple[str, ...]:
    """Return lines for the warnings where the input is a photo. Raises WorldError where it cannot be judged so."""
    from app.coach.report import Mode

    if source.kind != "photo":
        return ()
    if mode in (Mode.RUN, Mode.DRILL):
        shows_no = "running" if mode is Mode.RUN else "repetitions"
        raise WorldError(f"A photo shows no {shows_no}: judge it with --mode stance.")
    missing = "a photo has no standing to measure against: not judged without --standing PHOTO or CLIP"
    return () if standing is not None else (missing,)


def _attempt(
    source: "FrameSource", by: "Estimation", coach: "CoachModel", clip: str, outputs: _Outputs, files: ExitStack
) -> "_Run":
    """Go once through the input."""
    from app.capture.ahead import ReadAhead
    from app.cli.clip_exports import Collector
    from app.cli.exam import ClipExam
    from app.coach.report import Mode
    from app.session import Session

    frames = ReadAhead(source) if source.kind == "video" else source
    exam = ClipExam(coach) if coach.mode is Mode.STANCE and source.kind != "photo" else None
    collector = Collector() if outputs.exports.wanted else None
    maker = _report_maker(outputs, coach)
    more: list[Observer] = [one for one in (exam, collector, maker) if one is not None]
    session = Session(frames, by.make, coach, (*_observers(files, outputs, lambda: source.fps), *more))
    return replace(_run(session, by, clip, outputs), exam=exam, collector=collector, maker=maker)


def _report_maker(outputs: _Outputs, coach: "CoachModel") -> "ReportMaker | None":
    """Return what collects for the report, None where none is wanted."""
    if outputs.report is None:
        return None
    from app.cli.clip_report import ReportMaker

    return ReportMaker(coach)


class _Again(Exception):  # noqa: N818 - no error: it leaves a block whose files are not wanted
    """The first attempt judged nothing and there are others in the clip."""


def _one_or_two(
    attempt: "Callable[[Estimation, ExitStack], _Run]",
    estimation: "Estimation",
    keeping_to_one: "Callable[[Estimation], Estimation] | None",
) -> "_Run":
    """Return the first attempt, or a second that keeps to one person; only the returned one leaves its files."""
    try:
        with ExitStack() as files:
            run = attempt(estimation, files)
            if keeping_to_one is None or not run.judged_nothing:
                return run
            # Perhaps the network took someone else for the runner: only now is it worth the time to look.
            estimation = keeping_to_one(estimation)
            if estimation.other_people:
                raise _Again
            return replace(run, estimation=estimation)
    except _Again:
        with ExitStack() as files:
            return attempt(estimation, files)


def _keeping_to_one(estimation: "Estimation", clip: "Clip", quiet: bool) -> "Estimation":
    """Return the estimation that follows one person through a clip of several."""
    from app.cli.people import following_subject
    from app.cli.terminal import counting, notice, shows_progress

    if not quiet and not shows_progress():
        notice("Nothing could be judged: looking through the clip for other people, then perhaps once more.")
    with counting("Looking who is there", None, not quiet) as count:
        return following_subject(estimation, clip, count)


def _observers(files: ExitStack, outputs: _Outputs, fps: Callable[[], float]) -> tuple[Observer, ...]:
    """Open the files that grow with the run, to be complete when ``files`` closes; return what feeds them."""
    observers: list[Observer] = []
    if outputs.csv is not None:
        from app.store.csv_export import frames_csv

        add_row = files.enter_context(frames_csv(outputs.csv))
        observers.append(lambda analysis: add_row(analysis.frame.index, analysis.report))
    if outputs.video is not None:
        from app.store.annotate import Overlay
        from app.store.video_file import video_file

        overlay, film = Overlay(), files.enter_context(video_file(outputs.video, fps))
        observers.append(
            lambda a: film.add(a.frame.t_s, overlay.draw(a.frame, a.pose, a.report)),
        )
    return tuple(observers)


@dataclass(frozen=True, slots=True)
class _Run:
    """A session that has ended, what it looked with, and the seconds it took; exam and landmarks where wanted."""

    session: "Session"
    estimation: "Estimation"
    elapsed_s: float
    exam: "ClipExam | None" = None
    collector: "Collector | None" = None
    maker: "ReportMaker | None" = None

    @property
    def judged_nothing(self) -> bool:
        """Whether neither running nor a stance came to a verdict, nor a drill to a repetition."""
        from app.coach.report import NOT_JUDGED

        summary = self.session.summary()
        if summary.drill is not None:
            return not summary.drill.reps
        return summary.verdict == NOT_JUDGED and summary.stance_verdict == NOT_JUDGED

    def document(self) -> dict[str, Any]:
        """Return the JSON document."""
        from app.cli.outcome import document

        content = document(self.session, self.estimation, self.elapsed_s)
        if self.exam is not None and "stance" in content:
            content["stance"]["exam"] = self.exam.part()
        return content


def _run(session: "Session", estimation: "Estimation", clip: str, outputs: _Outputs) -> _Run:
    """Step through the clip. Raises WorldError where nobody is in it; tells what there is when interrupted."""
    from app.cli.outcome import print_summary, say_interrupted
    from app.cli.terminal import counting

    started_s, interrupted = time.perf_counter(), False
    with session, counting("Analyzing", session.source.frame_count, not outputs.quiet) as count:
        try:
            while session.step() is not None:
                count()
        except KeyboardInterrupt:
            interrupted = True
    run, summary = _Run(session, estimation, time.perf_counter() - started_s), session.summary()
    if interrupted:
        if not outputs.quiet and outputs.json != "-" and summary.frames:
            say_interrupted(summary.duration_s)
            print_summary(summary, run.document(), clip)
        raise KeyboardInterrupt
    if summary.coverage == 0.0:
        raise WorldError(
            f"Nobody was found in {clip}: show the whole runner, side-on, at least a quarter as high as the picture."
        )
    return run


def _tell(run: _Run, clip: str, outputs: _Outputs) -> None:
    """Write and print what the clip came to."""
    from app.cli.outcome import print_summary, write_json

    summary, content = run.session.summary(), run.document()
    if outputs.csv is not None:
        from app.store.csv_export import write_tables

        write_tables(outputs.csv, summary)
    if outputs.json is not None:
        write_json(outputs.json, content)
    if run.collector is not None:
        outputs.exports.write(run.collector.track, run.session.source, summary, run.session.coaches()[-1].standing)
    if run.maker is not None and outputs.report is not None:
        run.maker.write(outputs.report, content, summary, clip)
    if not outputs.quiet and outputs.json != "-":
        print_summary(summary, content, clip)


def _standing_reference(
    clip: str, run_source: "FrameSource", estimation: "Estimation", profile: "RunnerProfile", facing: "Facing"
) -> tuple["StandingReference", list[str]]:
    """Return the reference of a standing recording, in the px of the run, and lines for the warnings.

    Raises WorldError that names the recording.
    """
    from app.cli import build
    from app.cli.clip import px_per_m
    from app.coach.geometry import body_from_pose
    from app.coach.standing import reference_from_recording
    from app.coach.types import Facing
    from app.coach.view import facing_evidence

    source = build.clip_source(clip)
    if (source.kind == "trc") != (run_source.kind == "trc"):
        raise WorldError(f"--standing {clip} must be of the same kind as the input: both videos, or both .trc files.")
    with _naming(clip):
        poses = _poses_of(source, estimation)
    if facing is Facing.UNKNOWN:
        facing = Facing.RIGHT if sum(facing_evidence(pose) for pose in poses) >= 0 else Facing.LEFT
    bodies = [body for body in (body_from_pose(pose, facing) for pose in poses) if body.trunk_seen]
    with _naming(clip):
        reference, warning = reference_from_recording(bodies, profile)
    # A landmark file that spans more than the largest picture is drawn smaller: the same metre, fewer px.
    ratio = px_per_m(run_source) / px_per_m(source)
    if math.isfinite(ratio) and ratio != 1.0:
        reference = reference.rescaled(ratio)
    return reference, [f"standing: {line}" for line in (warning, source.notice) if line]


def _poses_of(source: "FrameSource", estimation: "Estimation") -> list["BodyPose"]:
    """Return the poses of a whole source in which somebody is seen. Raises WorldError."""
    poses = []
    source.open()
    try:
        estimator = estimation.make()
        try:
            while (frame := source.read()) is not None:
                pose = estimator.estimate(frame).pose
                if pose.seen:
                    poses.append(pose)
        finally:
            estimator.close()
    finally:
        source.close()
    return poses


@contextmanager
def _naming(clip: str) -> Iterator[None]:
    """Put the recording's name before what is wrong with it, for there are two recordings; not a second time."""
    try:
        yield
    except WorldError as error:
        name = Path(clip).name
        if name in str(error):
            raise
        raise WorldError(f"{name}: {error}") from error
