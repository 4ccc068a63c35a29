"""One clip from beginning to end: source, network, coach, and the files of what it came to."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.cli.clip_options import ClipOptions, Outputs
from app.cli.slowmo import Slowing
from app.coach.errors import WorldError
from app.coach.slowmo import SlowMotionWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from app.capture.source import FrameSource
    from app.cli.build import Estimation
    from app.cli.clip_exports import Collector
    from app.cli.clip_report import ReportMaker
    from app.cli.clip_standing import ClipStanding
    from app.cli.drills import MakeCoach
    from app.cli.exam import ClipExam
    from app.cli.people import Clip
    from app.cli.runners import Runner
    from app.coach.model import CoachModel
    from app.coach.report import Mode
    from app.coach.rules import Rules
    from app.coach.standing import StandingReference
    from app.coach.types import Facing, RunnerProfile
    from app.session import Analysis, Session

    Observer = Callable[[Analysis], None]
    #: As `app.cli.terminal.counting`: what is done, how much of it there is, whether to show it.
    Counting = Callable[[str, int | None, bool], AbstractContextManager[Callable[[], None]]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How the words of the options are meant: the same for every clip of a folder.

    Attributes:
        who: None for nobody named. profile: of who runs. mode, facing, rules: of the coach; make_coach: makes it.
    """

    who: Runner | None
    profile: RunnerProfile
    mode: Mode
    facing: Facing
    rules: Rules | None
    make_coach: MakeCoach

    @classmethod
    def of(cls, options: ClipOptions) -> Manner:
        """Return what the options mean. Raises WorldError."""
        from app.cli import build, runners
        from app.cli.drills import clip_coach, mode_with_drill
        from app.cli.rules import rules_of

        who, profile = runners.who_and_profile(options.runner, options.data_dir, options.height)
        mode, drill = mode_with_drill(build.coach_mode(options.mode), options.drill)
        facing, rules = build.facing_of(options.facing), rules_of(options.rules)
        return cls(who, profile, mode, facing, rules, clip_coach(mode, drill))

    def of_a_photo(self) -> Manner:
        """Return it for a photo, which shows a stance where nothing else was asked for."""
        from app.cli.drills import clip_coach
        from app.coach.report import Mode

        if self.mode is not Mode.AUTO:
            return self
        return replace(self, mode=Mode.STANCE, make_coach=clip_coach(Mode.STANCE, ""))

    def estimation(self, kind: str, model: str, threads: int | None = None) -> Estimation:
        """Return how poses are found in a source of a kind. Raises WorldError: there is no model."""
        from app.cli import build

        return build.oracle() if kind == "trc" else build.network(model, self.facing, threads=threads)


def analyze_clip(
    options: ClipOptions,
    standing: ClipStanding | None = None,
    threads: int | None = None,
    counting: Counting | None = None,
) -> dict[str, Any]:
    """Analyze a clip, write and print what was asked for, and return the JSON document.

    Args:
        options: as typed.
        standing: what the standing recording of the options came to, None: it is gone through now.
        threads: workers of the network, None: as many as are best for one clip alone.
        counting: shows progress, None: on the terminal.

    Raises:
        WorldError: the input, an output or an option is no good, or nobody is in the clip.
    """
    from app.cli import build, clip_standing, terminal

    options.check()
    manner, counting = Manner.of(options), counting or terminal.counting
    outputs, profile = Outputs.of(options, manner.who), manner.profile
    slowing = Slowing(options.clip, options.slowmo_factor, options.quiet)
    source = build.clip_source(options.clip, options.time_range, slowing.factor)
    source.open()  # what is wrong with the input is told before a model is fetched
    source.close()
    if source.kind == "photo":
        manner = manner.of_a_photo()
    photo = _photo_notices(source, manner.mode, options.standing)
    outputs.check(source.kind, profile.height_cm)
    estimation = manner.estimation(source.kind, options.model, threads)
    if options.standing is not None and standing is None:
        standing = clip_standing.measured(options.standing, lambda _: estimation, profile, manner.facing, source.kind)
    reference, notes = _reference(manner, standing, source)
    estimation = replace(estimation, notices=(*estimation.notices, *photo, *notes))

    def attempt(by: Estimation, files: ExitStack) -> _Run:
        coach = manner.make_coach(profile, reference, manner.facing, manner.rules)
        source = build.clip_source(options.clip, options.time_range, slowing.factor)
        return _attempt(source, by, coach, options.clip, outputs, files, counting)

    def keeping_to_one(by: Estimation) -> Estimation:
        from app.cli.people import Clip

        whole = Clip(
            lambda part: build.clip_source(options.clip, part, slowing.factor),
            options.time_range,
            slowing.factor,
        )
        return _keeping_to_one(by, whole, options.quiet, counting)

    run = _one_or_two(attempt, estimation, keeping_to_one if source.kind == "video" else None, slowing)
    return _tell(run.with_notices(slowing.lines), options.clip, outputs)


def _reference(
    manner: Manner, standing: ClipStanding | None, source: FrameSource
) -> tuple[StandingReference | None, tuple[str, ...]]:
    """Return the standing to judge against, and lines on it: of the recording, else the runner's own of a camera."""
    if standing is not None:
        return standing.for_run(source), standing.notes
    return (manner.who.standing("") if manner.who is not None and source.kind == "video" else None), ()


def _photo_notices(source: FrameSource, mode: Mode, standing: str | None) -> tuple[str, ...]:
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
    source: FrameSource,
    by: Estimation,
    coach: CoachModel,
    clip: str,
    outputs: Outputs,
    files: ExitStack,
    counting: Counting,
) -> _Run:
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
    watch = SlowMotionWatch() if source.kind == "video" and coach.mode in (Mode.AUTO, Mode.RUN) else None
    more: list[Observer] = [one for one in (exam, collector, maker) if one is not None]
    if watch is not None:
        more.append(lambda analysis: watch.add(analysis.pose))
    session = Session(frames, by.make, coach, (*_observers(files, outputs, lambda: source.fps), *more))
    run = _run(session, by, clip, outputs, counting)
    return replace(run, exam=exam, collector=collector, maker=maker, watch=watch)


def _report_maker(outputs: Outputs, coach: CoachModel) -> ReportMaker | None:
    """Return what collects for the report, None where none is wanted."""
    if outputs.report is None:
        return None
    from app.cli.clip_report import ReportMaker

    return ReportMaker(coach)


class _Again(Exception):  # noqa: N818 - no error: it leaves a block whose files are not wanted
    """The first attempt judged nothing and there are others in the clip, or it took slow motion for life."""


def _one_or_two(
    attempt: Callable[[Estimation, ExitStack], _Run],
    estimation: Estimation,
    keeping_to_one: Callable[[Estimation], Estimation] | None,
    slowing: Slowing,
) -> _Run:
    """Return the first attempt, or a second that keeps to one person; only the returned one leaves its files.

    Before that, a clip that turns out to be in slow motion is gone through anew.
    """
    try:
        with ExitStack() as files:
            run = attempt(estimation, files)
            if run.watch is not None and slowing.another(run.watch, not run.session.summary().steps):
                raise _Again
            if keeping_to_one is None or slowing.doubted or not run.judged_nothing:
                return run
            # Perhaps the network took someone else for the runner: only now is it worth the time to look.
            estimation = keeping_to_one(estimation)
            if estimation.other_people:
                raise _Again
            return replace(run, estimation=estimation)
    except _Again:
        if not estimation.other_people:
            return _one_or_two(attempt, estimation, keeping_to_one, slowing)
        with ExitStack() as files:
            return attempt(estimation, files)


def _keeping_to_one(estimation: Estimation, clip: Clip, quiet: bool, counting: Counting) -> Estimation:
    """Return the estimation that follows one person through a clip of several."""
    from app.cli.people import following_subject
    from app.cli.terminal import notice, shows_progress

    if not quiet and not shows_progress():
        notice("Nothing could be judged: looking through the clip for other people, then perhaps once more.")
    with counting("Looking who is there", None, not quiet) as count:
        return following_subject(estimation, clip, count)


def _observers(files: ExitStack, outputs: Outputs, fps: Callable[[], float]) -> tuple[Observer, ...]:
    """Open the files that grow with the run, to be complete when ``files`` closes; return what feeds them."""
    observers: list[Observer] = []
    if outputs.csv is not None:
        from app.store.csv_export import frames_csv

        add_row = files.enter_context(frames_csv(outputs.csv))
        observers.append(lambda analysis: add_row(analysis.frame.index, analysis.report))
    if outputs.video is not None:
        from app.store.annotate import Overlay
        from app.store.own_video import annotated_file

        overlay, film = Overlay(), files.enter_context(annotated_file(outputs.video, fps))
        observers.append(
            lambda a: film.add(a.frame.t_s, overlay.draw(a.frame, a.pose, a.report)),
        )
    return tuple(observers)


@dataclass(frozen=True, slots=True)
class _Run:
    """A session that has ended, what it looked with, the seconds it took; what watched it, where there was need."""

    session: Session
    estimation: Estimation
    elapsed_s: float
    exam: ClipExam | None = None
    collector: Collector | None = None
    maker: ReportMaker | None = None
    watch: SlowMotionWatch | None = None

    def with_notices(self, lines: tuple[str, ...]) -> _Run:
        """Return the run with more lines for the warnings."""
        return replace(self, estimation=replace(self.estimation, notices=(*self.estimation.notices, *lines)))

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


def _run(session: Session, estimation: Estimation, clip: str, outputs: Outputs, counting: Counting) -> _Run:
    """Step through the clip. Raises WorldError where nobody is in it; tells what there is when interrupted."""
    from app.cli.outcome import print_summary, say_interrupted

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


def _tell(run: _Run, clip: str, outputs: Outputs) -> dict[str, Any]:
    """Write and print what the clip came to, and return the JSON document.

    Raises:
        WorldError: a file cannot be written, or there are no angles from this view; everything else is written.
    """
    from app.cli.outcome import print_summary

    summary, content, errors = run.session.summary(), run.document(), list[WorldError]()
    for write in _writes(run, content, clip, outputs):
        try:
            write()
        except WorldError as error:
            errors.append(error)
    if not outputs.quiet and outputs.json != "-":
        print_summary(summary, content, clip)
    if errors:
        raise errors[0]
    return content


def _writes(run: _Run, content: dict[str, Any], clip: str, outputs: Outputs) -> Iterator[Callable[[], None]]:
    """Yield what writes each file that is wanted."""
    from app.cli.outcome import write_json
    from app.store.csv_export import write_tables

    summary, csv, name = run.session.summary(), outputs.csv, outputs.json
    maker, wish, collector = run.maker, outputs.report, run.collector
    if csv is not None:
        yield lambda: write_tables(csv, summary)
    if name is not None:
        yield lambda: write_json(name, content)
    if maker is not None and wish is not None:
        yield lambda: maker.write(wish, content, summary, clip)
    if collector is not None:
        standing, source = run.session.coaches()[-1].standing, run.session.source
        yield lambda: replace(outputs.exports, mot=None).write(collector.track, source, summary, standing)
        yield lambda: replace(outputs.exports, trc=None).write(collector.track, source, summary, standing)
