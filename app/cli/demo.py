"""``hingecoach demo``: everything on the virtual runner, in a window or without."""

import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from app.cli import options
from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.capture.virtual import VirtualSource
    from app.cli.build import Coaching, Estimation
    from app.cli.runners import Roster
    from app.coach.model import CoachModel
    from app.coach.report import CoachReport
    from app.session import Analysis, Session
    from app.ui.choice import Choice

HEADLESS_SECONDS, EXAM_SECONDS = 10.0, 45.0
LINE_EVERY_S = 1.0


def demo(
    act: Annotated[str, typer.Option(help="What is acted: good, a fault, a stance_..., exam or a drill_...")] = "good",
    seconds: options.SceneSeconds = None,
    headless: Annotated[bool, typer.Option("--headless", help="No window; so by itself without a display.")] = False,
    json: options.JsonFile = None,
    render: options.RenderFile = None,
    facing: options.FacingName = "right",
    fps: options.Fps = 60.0,
    size: options.Size = "1280x720",
    seed: Annotated[int, typer.Option(help="Of the runner's natural variation.", min=0)] = 0,
    height: options.Height = None,
    mode: options.ModeName = "auto",
    drill: options.DrillName = None,
    oracle: Annotated[bool, typer.Option("--oracle", help="Landmarks straight from the figure, no network.")] = False,
    model: options.Model = "full",
    rules: options.RulesFile = None,
    session: options.SessionNumber = None,
    minutes: options.Minutes = None,
    fading: options.Fading = True,
    runner: options.RunnerName = None,
    keep_video: options.KeepVideo = None,
    data_dir: options.DataDir = None,
) -> None:
    """Show the coach at work on a virtual runner; needs no camera. Without --height-cm the runner is 178 cm."""
    from app.cli import build, parsing, runners
    from app.cli.drills import mode_with_drill, plan_of
    from app.cli.rules import rules_of
    from app.coach.report import Mode
    from app.sim.acts import Act
    from app.ui.choice import Choice, SourceKind

    _check_options(model, rules, json, render, bool(keep_video) and (headless or render is not None))
    who = runners.runner_of(runner, data_dir)
    judged, named = mode_with_drill(build.coach_mode(mode), drill)
    usual_cm = (who.record.height_cm if who is not None else None) or build.USUAL_HEIGHT_CM
    choice = Choice(
        kind=SourceKind.VIRTUAL,
        size_px=parsing.size_px(size),
        fps=parsing.frames_per_s(fps),
        act=parsing.one_of(Act, "--act", act).value,
        mode=judged,
        drill=named,
        facing=build.facing_of(facing),
        height_cm=usual_cm if height is None else parsing.height_cm(height),
        seed=seed,
        oracle=oracle,
        keep_video=keep_video,
        runner=who.record.name if who is not None else "",
    )
    if judged is Mode.DRILL:
        plan_of(named, choice.act)  # what is wrong with it is told before anything is opened
    length_s = parsing.seconds(seconds)
    coaching = build.Coaching(rules_of(rules), build.dose_of(session, minutes, fading, who), who)
    if build.shows_only(choice):
        typer.echo(f"Note: {build.DRILLS_NOT_JUDGED}.", err=True)
    roster = runners.Roster(data_dir, who)
    try:
        _show(choice, model, length_s, json, render, _Who(coaching, roster, data_dir), headless)
    finally:
        roster.finish()  # what was run counts, however it ended


def _check_options(model: str, rules: str | None, json: str | None, render: str | None, kept: bool) -> None:
    """Raise WorldError for files that cannot be written, and for a video to be ``kept`` of what is not recorded."""
    from app.cli import places
    from app.cli.outcome import check_json_place, check_video_place

    own_model = model if model.endswith(".task") else None
    places.check_places((own_model, rules), {"--json": json, "--render": render})
    check_json_place(json)
    check_video_place(render)
    if kept:
        raise WorldError("--keep-video needs the window: only there a session is recorded. --render writes a clip.")


class _Who(NamedTuple):
    """How it is coached, by whom it may be run, and where their things are."""

    coaching: "Coaching"
    roster: "Roster"
    data_dir: str | None

    def coaching_of(self, choice: "Choice") -> "Coaching":
        """Return the coaching of the runner that a choice names."""
        return self.coaching._replace(runner=self.roster.of(choice.runner))


def _show(
    choice: "Choice",
    model: str,
    length_s: float | None,
    json: str | None,
    render: str | None,
    who: _Who,
    headless: bool,
) -> None:
    """Run in the window, or without one where none is wanted or can be."""
    from app.cli import build, display

    if not headless and render is None and not (why := display.why_no_window()):
        _in_window(choice, model, length_s, json, who)
        return
    if not headless and render is None:
        typer.echo(f"No window ({why}): running headless, nothing is recorded.", err=True)
    usual_s = EXAM_SECONDS if build.sits_exam(choice) else HEADLESS_SECONDS
    _headless(
        choice,
        model,
        length_s or usual_s,
        json,
        render,
        who.coaching,
    )


def _in_window(choice: "Choice", model: str, seconds: float | None, json: str | None, who: _Who) -> None:
    """Run in the window; the JSON is of the last session it had."""
    from app.cli import build, runners
    from app.cli.outcome import document, write_json
    from app.cli.window import open_window

    newest: tuple[Session, Choice, float] | None = None

    def make(chosen: "Choice") -> "Session":
        nonlocal newest
        session = build.live_session(chosen, model, seconds, who.coaching_of(chosen), runners.folder_of(who.data_dir))
        newest = session, chosen, time.perf_counter()
        return session

    code = open_window(make, choice, seconds, data_dir=who.data_dir)
    if json is not None and newest is not None:
        session, chosen, started_s = newest
        session.stop()
        estimation = build.estimation_for(chosen, session.source.kind, model)
        write_json(json, document(session, estimation, time.perf_counter() - started_s))
    if code:
        raise typer.Exit(code)


def _headless(
    choice: "Choice", model: str, seconds: float, json: str | None, render: str | None, coaching: "Coaching"
) -> None:
    """Run through the scene as fast as it goes; a line for every second of it, a summary at the end."""
    from app.cli import build
    from app.cli.exam import ClipExam
    from app.cli.outcome import document, print_summary, say_interrupted, write_json
    from app.coach.exam import Exam
    from app.session import Session
    from app.store.video_file import video_file

    source, estimation, coach = _performance(choice, model, seconds, coaching, render=render is not None)
    exam = Exam(coach.rules) if build.sits_exam(choice) else None
    told = ClipExam(coach) if exam is not None else None
    started_s = time.perf_counter()
    with ExitStack() as stack:
        observers: list[Callable[[Analysis], None]] = [
            _LiveLines(coach.profile.height_cm or build.USUAL_HEIGHT_CM).show
        ]
        if told is not None:
            observers.append(told)
        if render is not None:
            film = stack.enter_context(video_file(Path(render), lambda: choice.fps))
            observers.append(lambda analysis: film.add_frame(analysis.frame))
        session = stack.enter_context(Session(source, estimation.make, coach, tuple(observers), exam=exam))
        try:
            while session.step() is not None:
                pass
        except KeyboardInterrupt:
            session.stop()
            say_interrupted(session.summary().duration_s)
            content = document(session, estimation, time.perf_counter() - started_s)
            print_summary(session.summary(), content, _title(choice))
            raise
    content = document(session, estimation, time.perf_counter() - started_s)
    if told is not None:
        content["stance"]["exam"] = told.part()
    if json is not None:
        write_json(json, content)
    if json != "-":
        print_summary(session.summary(), content, _title(choice))


def _performance(
    choice: "Choice", model: str, seconds: float, coaching: "Coaching", render: bool
) -> "tuple[VirtualSource, Estimation, CoachModel]":
    """Return the virtual runner, what finds the body, and the coach; ``render``: pictures are wanted in any case."""
    from app.cli import build
    from app.coach.types import Facing

    source = build.virtual_source(
        choice.act,
        height_cm=choice.height_cm or build.USUAL_HEIGHT_CM,
        facing=choice.facing,
        seed=choice.seed,
        size_px=choice.size_px,
        fps=choice.fps,
        seconds=seconds,
        render=not choice.oracle or render,
    )
    found_by = build.oracle() if choice.oracle else build.network(model, choice.facing)
    estimation = build.with_drill_notice(found_by, choice)
    coach = build.coach_for(replace(choice, facing=Facing.UNKNOWN), coaching)
    if coaching.runner is not None:
        coaching.runner.follow(lambda: (coach,), build.camera_name(choice))
    return source, estimation, coach


def _title(choice: "Choice") -> str:
    return f"Virtual runner: {choice.act}, {choice.height_cm:.0f} cm"


class _LiveLines:
    """One line on stderr for every second of the scene, and one for every cue."""

    def __init__(self, height_cm: float) -> None:
        self._next_s = LINE_EVERY_S
        self._height_cm = height_cm

    def show(self, analysis: "Analysis") -> None:
        """Print what is due at this frame."""
        report = analysis.report
        cue = report.cue if analysis.exam is None else analysis.exam.say
        if cue is not None:
            typer.echo(f"{report.t_s:6.1f} s  >> {cue.spoken}", err=True)
        if report.t_s >= self._next_s - 1e-9:
            self._next_s += LINE_EVERY_S
            typer.echo(live_line(report, self._height_cm), err=True)


def live_line(report: "CoachReport", height_cm: float) -> str:
    """Return the numbers of one instant as one line; what is not measured is a dash.

    The roof is for running: who stands there is above it and does nothing wrong.
    """
    from app.coach.report import Activity

    sample, tunnel = report.sample, report.tunnel
    roof = ""
    if report.activity is Activity.RUNNING and tunnel is not None and tunnel.clearance_bh == tunnel.clearance_bh:
        clearance_cm = tunnel.clearance_bh * height_cm
        roof = f", {abs(clearance_cm):.1f} cm {'under' if clearance_cm >= 0 else 'through'} the roof"
    return (
        f"{report.t_s:6.1f} s  {report.activity.words:<11} lean {_number(sample.trunk_lean_deg, '°')}"
        f"  hip {_number(sample.hip_flexion_deg, '°')}  knee {_number(sample.knee_flexion_deg, '°')}"
        f"  head {_number(sample.head_below_standing_cm, ' cm', 1)} below standing{roof}"
        f"  cadence {_number(report.cadence_spm, '')}  {report.verdict.replace('_', ' ')}"
    )


def _number(value: float, unit: str, digits: int = 0) -> str:
    return f"{round(value, digits) + 0.0:4.{digits}f}{unit}" if value == value else "   -"
