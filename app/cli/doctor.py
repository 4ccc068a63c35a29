"""``hingecoach doctor``: what may trouble the app on this machine, measured, and what to do about it."""

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import options
from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

    from app.validation.checkup.finding import Finding, Job
    from app.validation.checkup.parts import Asked

STOPPED = 2
#: What each job is called.
_JOBS = {"live": "Live coaching", "clips": "Videos and the headless demo"}
_COLOURS = {"ok": "green", "note": "yellow", "trouble": "bold red", "not_checked": "dim"}
_SIGNS = {"ok": "ok", "note": "note", "trouble": "TROUBLE", "not_checked": "-"}


_Camera = Annotated[
    str | None,
    typer.Option("--camera", help="The camera to open for 3 s: number or part of the name (default: 0)."),
]
_NoCamera = Annotated[bool, typer.Option("--no-camera", help="Open no camera.")]
_WantedFor = Annotated[
    str, typer.Option("--for", help="What has to work for exit code 0: live or clips.", metavar="JOB")
]
_Latency = Annotated[
    bool, typer.Option("--latency", help="Measure how late picture and sound are; flashes the screen, a minute.")
]
#: Less than half a step after the picture that a cue is about.
USUAL_BUDGET_MS = 150.0
_Budget = Annotated[
    float | None,
    typer.Option(
        "--budget-ms",
        help="With --latency: from a picture to its sound; picks the model (default: 150).",
        metavar="MS",
        show_default=False,
    ),
]
_Virtual = Annotated[
    float | None,
    typer.Option(
        "--virtual", help="With --latency: prove it on a camera of this known delay.", metavar="MS", show_default=False
    ),
]
#: For doctor's own processes: what to look at, and what was asked.
_Child = Annotated[str | None, typer.Option("--child", hidden=True)]
_AskedOfChild = Annotated[str, typer.Option("--asked", hidden=True)]


def doctor(
    json: options.JsonFile = None,
    camera: _Camera = None,
    no_camera: _NoCamera = False,
    size: options.Size = "1280x720",
    fps: options.Fps = 60.0,
    wanted_for: _WantedFor = "live",
    model: options.Model = "full",
    data_dir: options.DataDir = None,
    latency: _Latency = False,
    budget: _Budget = None,
    virtual: _Virtual = None,
    child: _Child = None,
    asked: _AskedOfChild = "{}",
) -> None:
    """Check this machine: camera, light, display, sound, model, speed, folders; each trouble with its remedy.

    The camera is opened for three seconds, and that is said before. Nothing is sent anywhere, nothing is changed.
    The exit code is 2 where something keeps live coaching (or what --for names) from working.
    """
    if child is not None:
        _run_child(child, asked)
        return
    environment = dict(os.environ)  # before OpenCV is imported, which changes it
    from app.cli import parsing, places, runners
    from app.cli.doctor_children import OwnProcesses
    from app.cli.outcome import STDOUT, check_json_place, write_json
    from app.validation.checkup.document import document, stopped_by
    from app.validation.checkup.finding import Job, system_here
    from app.validation.checkup.latency import latency_lines
    from app.validation.checkup.parts import Asked

    job = parsing.one_of(Job, "--for", wanted_for)
    if no_camera and camera is not None:
        raise WorldError("--camera and --no-camera contradict each other: leave one of them out.")
    places.require_name("--camera", camera)
    size_px, frames_per_s = parsing.size_px(size), parsing.frames_per_s(fps)
    places.check_places((model if model.endswith(".task") else None,), {"--json": json})
    check_json_place(json)
    folder = runners.folder_of(data_dir)
    budget_ms = _latency_budget(latency, budget, virtual)
    began_s, late = time.perf_counter(), None
    with OwnProcesses(environment) as children:
        asked_for = Asked(
            system_here(), environment, folder, children, model, None if no_camera else camera or "0",
            "--no-camera was given.", size_px, frames_per_s, _say_camera,
        )  # fmt: skip
        findings = _look(asked_for)
        if latency:
            from app.cli.doctor_latency import latency as measure_latency

            late = measure_latency(asked_for, children, budget_ms, virtual)
    if json is not None:
        write_json(json, document(findings, asked_for.system, time.perf_counter() - began_s, late))
    if json != STDOUT:
        print_findings(findings, job)
        if late is not None:
            typer.echo("\n".join(latency_lines(late)))
    if stopped_by(findings, job):
        raise typer.Exit(STOPPED)


def _run_child(name: str, asked: str) -> None:
    import json as as_json

    from app.cli import doctor_children

    try:
        doctor_children.run(name, as_json.loads(asked))
    except ValueError as error:
        raise WorldError(f"--child is for doctor's own use ({error}).") from error


def _latency_budget(latency: bool, budget_ms: float | None, virtual_ms: float | None) -> float:
    """Return the budget of the self-test. Raises WorldError where its options make no sense."""
    for option, value in (("--budget-ms", budget_ms), ("--virtual", virtual_ms)):
        if value is not None and not latency:
            raise WorldError(f"{option} goes with --latency: add that, or leave it out.")
    if budget_ms is not None and not 10.0 <= budget_ms <= 2000.0:
        raise WorldError(f"--budget-ms {budget_ms:g} is out of range: use 10 to 2000.")
    if virtual_ms is not None and not 0.0 <= virtual_ms <= 400.0:
        raise WorldError(f"--virtual {virtual_ms:g} is out of range: use 0 to 400.")
    return USUAL_BUDGET_MS if budget_ms is None else budget_ms


def _say_camera(name: str) -> None:
    from app.cli.terminal import notice

    notice(f"Opening camera {name} for some seconds: its light goes on (--no-camera leaves it alone).")


def _look(asked: "Asked") -> "list[Finding]":
    """Return all findings; tells on a terminal what is looked at."""
    from app.validation.checkup.document import in_order
    from app.validation.checkup.parts import run_parts

    with _telling() as doing:
        return in_order(finding for _, found in run_parts(asked, doing=doing) for finding in found)


@contextlib.contextmanager
def _telling() -> "Iterator[Callable[[str], None]]":
    """Give a function that shows on a terminal what is going on."""
    from app.cli.terminal import shows_progress

    if not shows_progress():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("Looking ...") as status:
        yield lambda what: status.update(f"Looking at: {what} ...")


def print_findings(findings: "Sequence[Finding]", job: "Job") -> None:
    """Print every check with its remedy, and what works on this machine: as a table on a terminal, else as lines."""
    from app.validation.checkup.document import lines

    if not sys.stdout.isatty():
        for line in lines(findings):
            typer.echo(line)
        typer.echo()
    else:
        from rich.console import Console

        _print_table(Console(highlight=False), findings)
    for line in summary(findings, job):
        typer.echo(line)


def _print_table(console: "Console", findings: "Sequence[Finding]") -> None:
    from rich.table import Table
    from rich.text import Text

    from app.validation.checkup.document import in_order
    from app.validation.checkup.parts import PARTS

    title_of = {name: part.title for part in PARTS for name in part.ids}
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    title = ""
    for finding in in_order(findings):
        if title_of.get(finding.id, "") != title:
            title = title_of.get(finding.id, "")
            table.add_row("", "", "")
            table.add_row(Text(""), Text(title, style="bold"), "")
        outcome = finding.outcome.value
        told = Text(finding.fact, style="dim" if outcome == "not_checked" else "")
        if finding.remedy:
            told.append(f"\n-> {finding.remedy}", style=_COLOURS[outcome])
        table.add_row(Text(_SIGNS[outcome], style=_COLOURS[outcome]), finding.id, told)
    console.print(table)
    console.print()


def summary(findings: "Sequence[Finding]", job: "Job") -> list[str]:
    """Return how many checks came to what, and what can be done here."""
    from app.validation.checkup.document import stopped_by
    from app.validation.checkup.finding import Job, Outcome

    count = {outcome: sum(finding.outcome is outcome for finding in findings) for outcome in Outcome}
    written = [
        f"{len(findings)} checks: {count[Outcome.OK]} ok, {count[Outcome.NOTE]} notes, "
        f"{count[Outcome.TROUBLE]} troubles, {count[Outcome.NOT_CHECKED]} not checked."
    ]
    for one in (job, *(other for other in Job if other is not job)):
        stopped = stopped_by(findings, one)
        state = f"not yet, because of {', '.join(stopped)}" if stopped else "works on this machine"
        written.append(f"{_JOBS[one.value]}: {state}.")
    return written
