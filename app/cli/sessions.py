"""``hingecoach sessions``: earlier sessions listed, shown, exported, imported, deleted, judged again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import options
from app.cli.session_video import megabytes, video_words
from app.cli.sessions_replay import replay_lines
from app.coach.errors import WorldError
from app.store.clock import clock

if TYPE_CHECKING:
    from app.coach.rules import Rules
    from app.store.history import History
    from app.store.sessions.tables import SessionRow

#: What ``--mode`` knows.
MODES = ("run", "stance", "drill")
TODAY = "today"
#: So much of a note stands in the list.
NOTE_CHARACTERS = 40

Session = Annotated[
    str, typer.Argument(metavar="SESSION", help="Its id, the beginning of one, or last.", show_default=False)
]

commands = typer.Typer(
    help="Earlier sessions: list, show, note, export, import, delete, judge again.",
    epilog="Example: hingecoach sessions show last",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command("list", epilog="Example: hingecoach sessions list --runner anna --mode run")
def list_all(
    runner: options.RunnerName = None,
    mode: Annotated[
        str | None, typer.Option("--mode", help="Only run, stance or drill.", metavar="MODE", show_default=False)
    ] = None,
    note: Annotated[
        str | None,
        typer.Option("--note", help="Only those with these words in their note.", metavar="WORDS", show_default=False),
    ] = None,
    data_dir: options.DataDir = None,
) -> None:
    """List the sessions, newest first."""
    if mode is not None and mode not in MODES:
        raise WorldError(f"--mode {mode} is unknown: choose {', '.join(MODES)}.")
    with history_of(data_dir) as history:
        rows = history.sessions(runner, mode, note)
        _tell_notices(history)
    if not rows:
        whose = f" of {runner}" if runner is not None else ""
        kind = f" in the mode {mode}" if mode is not None else ""
        noted = f" with “{note}” in its note" if note is not None else ""
        typer.echo(f"There is no session{kind}{whose}{noted or ('' if kind or whose else ' yet')}.")
    width = max((len(row.person) for row in rows), default=0)
    for row in rows:
        typer.echo(_line(row, width))


@commands.command("show", epilog="Example: hingecoach sessions show last")
def show(session: Session, data_dir: options.DataDir = None) -> None:
    """Show one session: its numbers with intervals, faults over time, what was said."""
    from app.cli.outcome import notes
    from app.store.trends import digest

    with history_of(data_dir) as history:
        details = history.get(session, brief=True)
        row, summary = details.row, details.summary or {}
        steps, cues, faults = history.short_steps(row.id), history.cues(row.id), history.faults(row.id)
        marks_s, first_s = history.moments_s(row.id), history.first_s(row.id)
        video = video_words(history, row)
        _tell_notices(history)
    for line in (*_head(row), *([f"  {'video':<26} {video}"] if video else [])):
        typer.echo(line)
    if row.state == "open":
        typer.echo("  It is being recorded, or was cut off: the numbers come when it is closed.")
        return
    found = digest(row, summary, steps)
    for key, measure in found.values.items():
        typer.echo(f"  {_NAMES[key]:<26} {_value(measure)}")
    if found.mode == "run" and "half_life_min" not in found.values:
        typer.echo(f"  {_NAMES['half_life_min']:<26} -  ({_NO_HALF_LIFE[found.half_life.because or 'short']})")
    for title, lines in (
        (
            "Faults",
            [f"{clock(f.start_s - first_s)} to {clock(f.end_s - first_s)}  {_words(f.fault)}" for f in faults],
        ),
        ("Said", [f"{clock(cue.t_s - first_s)}  {cue.spoken or cue.shown}{_because(cue.evidence)}" for cue in cues]),
        ("Marked", [clock(t_s - first_s) for t_s in marks_s]),
        ("Good to know", [line for line in (row.notice, *notes(summary)) if line]),
    ):
        if lines:
            typer.echo(f"\n{title}")
        for line in lines:
            typer.echo(f"  {line}")


@commands.command("note", epilog='Example: hingecoach sessions note last "new shoes, 12 km/h, hot"')
def note(
    session: Session,
    text: Annotated[
        str | None,
        typer.Argument(metavar="TEXT", help='The note, "" for none; without it the note is shown.', show_default=False),
    ] = None,
    data_dir: options.DataDir = None,
) -> None:
    """Show the note of a session, or write it anew."""
    with history_of(data_dir) as history:
        row = history.find(session)
        before = row.note
        if text is not None:
            row = history.write_note(row.id, text)
        _tell_notices(history)
    if text is None:
        typer.echo(before or f"The session {row.id} has no note.")
        return
    typer.echo(f"Kept with {row.id}." if row.note else f"The session {row.id} has no note now.", err=True)
    if before and before != row.note:
        typer.echo(f"Before, the note was: {before}", err=True)


@commands.command("export", epilog="Example: hingecoach sessions export last --zip session.zip --csv tables")
def export(
    session: Session,
    csv: Annotated[
        str | None, typer.Option("--csv", help="Write tables into this folder.", metavar="DIR", show_default=False)
    ] = None,
    json_file: options.JsonFile = None,
    zip_file: Annotated[
        str | None,
        typer.Option(
            "--zip", help="Write all of it, to import on another machine.", metavar="FILE.zip", show_default=False
        ),
    ] = None,
    with_video: Annotated[bool, typer.Option("--with-video", help="Put the kept video into the zip, too.")] = False,
    trc: options.TrcFile = None,
    mot: options.MotFile = None,
    video: Annotated[
        str | None,
        typer.Option(
            "--video", help="Write the kept video with line and cues.", metavar="FILE.mp4", show_default=False
        ),
    ] = None,
    height: options.Height = None,
    data_dir: options.DataDir = None,
) -> None:
    """Write a session: tables, JSON, landmarks, angles, its video with the line, or all of it as a zip."""
    from app.cli.parsing import height_cm
    from app.cli.session_files import SessionFiles

    stature_cm = None if height is None else height_cm(height)
    files = SessionFiles(csv, json_file, zip_file, trc, mot, stature_cm, video, with_video)
    with history_of(data_dir) as history:
        files.check(history.data_folder)
        row = history.find(session)
        _tell_notices(history)
        for name in files.write(history, row.id):
            typer.echo(f"Wrote {name}.", err=True)


@commands.command("import", epilog="Example: hingecoach sessions import session.zip")
def import_zip(
    file: Annotated[str, typer.Argument(metavar="FILE.zip", help="What export --zip has written.", show_default=False)],
    data_dir: options.DataDir = None,
) -> None:
    """Take in a session of another machine; its landmarks are judged here."""
    from app.cli.places import require_name
    from app.cli.session_files import take_in

    require_name("FILE.zip", file)
    with history_of(data_dir) as history:  # a damaged history is told of first
        _tell_notices(history)
        session = take_in(history.data_folder, file, lambda line: typer.echo(line, err=True))
        what = _line(history.find(session), 0)
    typer.echo(f"Imported {what}.")


@commands.command("delete", epilog="Example: hingecoach sessions delete 20261122-183000")
def delete(
    session: Session,
    yes: options.Yes = False,
    data_dir: options.DataDir = None,
) -> None:
    """Delete a session for good, with all its files; asks before."""
    from app.cli import terminal

    with history_of(data_dir) as history:
        row = history.find(session)
        what = _line(row, 0)
        if not (yes or terminal.may_delete(what)):
            return
        history.delete(row.id)
        _tell_notices(history)
    typer.echo(f"Deleted {what}.")


@commands.command("replay", epilog="Example: hingecoach sessions replay last --rules today")
def replay(
    session: Session,
    rules: Annotated[
        str | None,
        typer.Option(
            "--rules",
            help="Judge by a file of rules, or by today's, in place of those of then.",
            metavar="FILE|today",
            show_default=False,
        ),
    ] = None,
    json_file: options.JsonFile = None,
    data_dir: options.DataDir = None,
) -> None:
    """Judge the stored poses again: by the rules of then it comes to the same, by others it may not."""
    from app.cli.outcome import check_json_place, write_json
    from app.cli.places import check_places, kept_in
    from app.cli.session_files import require_judged

    check_json_place(json_file)
    with history_of(data_dir) as history:
        check_places(kept_in(history.data_folder), {"--json": json_file})
        row = history.find(session)
        details = history.get(row.id)
        require_judged(details)
        before = details.summary or {}
        now = history.document(row.id, _rules(rules))
        first_s = history.first_s(row.id)
        _tell_notices(history)
    if json_file is not None:
        write_json(json_file, now)
    to_stderr = json_file == "-"
    for line in replay_lines(row.id, before, now, first_s):
        typer.echo(line, err=to_stderr)


def history_of(data_dir: str | None) -> History:
    """Return the history in ``--data-dir``, or where the app keeps its data. Raises WorldError."""
    from app.cli.runners import folder_of
    from app.store.history import History

    folder = folder_of(data_dir)
    if data_dir is not None and not folder.is_dir():
        raise WorldError(f"--data-dir {data_dir} is no folder.")
    return History(folder)


def _rules(name: str | None) -> Rules | None:
    if name is None:
        return None
    from app.cli.rules import read_rules
    from app.coach.rules import default_rules

    return default_rules() if name == TODAY else read_rules(name)


def _tell_notices(history: History) -> None:
    for notice in history.notices:
        typer.echo(f"Note: {notice}", err=True)
    history.notices.clear()


def _line(row: SessionRow, width: int) -> str:
    at = datetime.fromisoformat(row.started_at)
    kind = f"drill {row.drill}" if row.drill else row.mode
    who = f"{row.person or '-':<{max(width, 1)}}"
    words = " ".join(row.note.split())
    note = f"  “{words if len(words) <= NOTE_CHARACTERS else words[: NOTE_CHARACTERS - 1] + '…'}”" if words else ""
    line = f"{row.id}  {at:%Y-%m-%d %H:%M}  {who}  {kind:<6}  {clock(row.duration_s):>6}  {_verdict(row)}".rstrip()
    return (f"{line}  with video ({megabytes(row.video_bytes)})" if row.video_bytes else line) + note


def _head(row: SessionRow) -> list[str]:
    at = datetime.fromisoformat(row.started_at)
    kind = f"drill {row.drill}" if row.drill else row.mode
    return [
        row.id,
        f"  {'when':<26} {at:%Y-%m-%d %H:%M}, {clock(row.duration_s)} long, {clock(row.running_s)} of running",
        f"  {'who':<26} {row.person or 'nobody named'}",
        f"  {'what':<26} {kind}, from {_source(row)}",
        f"  {'judged by':<26} rules {row.rules_name}, app {row.app_version}, model {row.model}",
        *([f"  {'verdict':<26} {_verdict(row)}"] if _verdict(row) else []),
        *([f"  {'note':<26} " + row.note.replace("\n", f"\n{'':<29}")] if row.note else []),
    ]


def _source(row: SessionRow) -> str:
    """Return where it came from; a name that says of what kind it is needs no second word for it."""
    named = row.source.lower().startswith(row.source_kind)
    return row.source if named else f"{row.source_kind} {row.source}".rstrip()


def _verdict(row: SessionRow) -> str:
    """Return what a session came to in words; of a drill its repetitions tell."""
    if row.state == "open":
        return "open"
    return "" if row.mode == "drill" else _words(row.verdict)


_NAMES = {
    "trunk_lean_deg": "trunk lean",
    "line_offset_bh_pct": "hip ahead of the line",
    "inside_share": "inside the tunnel",
    "longest_clean_steps": "longest clean run",
    "half_life_min": "hinge half-life",
    "retention_share": "silent minute, good steps",
    "good_share": "good steps",
    "cadence_spm": "cadence",
    "line_lean_deg": "line lean",
    "hip_off_line_bh_pct": "hip ahead of the line",
    "longest_hold_s": "longest good hold",
    "good_reps_share": "good repetitions",
    "reps": "repetitions",
}
_UNITS = {"bh_pct": "% height", "share": "%", "spm": "steps/min", "reps": "", "steps": "in a row"}
_NO_HALF_LIFE = {
    "short": "needs five minutes of judged running",
    "start": "fewer than half of the first steps were good",
}


def _value(measure: Any) -> str:
    factor, digits = (100.0, 0) if measure.unit == "share" else (1.0, 1 if measure.unit in ("deg", "bh_pct") else 0)
    value, low, high = (f"{factor * x:.{digits}f}" for x in (measure.value, *measure.ci95))
    unit = _UNITS.get(measure.unit, measure.unit)
    if high == "inf":
        return f"over {value} {unit}".rstrip()
    interval = "" if "nan" in (low, high) else f"  (95 %: {low} to {high})"
    return f"{value} {unit}".rstrip() + interval


def _because(evidence: dict[str, Any] | None) -> str:
    if not evidence:
        return ""
    value, threshold, unit = (evidence.get(name) for name in ("value", "threshold", "unit"))
    if value is None or threshold is None:
        return f"  ({_words(evidence['fault'])})"
    return f"  ({_words(evidence['fault'])}: {value:.1f}, limit {threshold:.1f} {unit})"


def _words(identifier: str) -> str:
    return identifier.replace("_", " ")
