"""``hingecoach runners``: who uses the app; and what a session takes from a runner's record and leaves there."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import options, parsing
from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.coach.model import CoachModel
    from app.coach.standing import StandingReference
    from app.coach.types import RunnerProfile
    from app.store.people import RunnerRecord, RunnerStore

#: So much running makes a session of it: less is a try.
LEAST_SESSION_S = 180.0

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the runner.", show_default=False)]
Drop = Annotated[
    str | None,
    typer.Option("--drop", help="How far the roof is below standing: 1in (usual) or 2.5cm.", metavar="D"),
]

commands = typer.Typer(
    help="The people who run here: height, tunnel, sessions, standing.",
    epilog="Example: hingecoach runners add anna --height-cm 168",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command("list", epilog="Example: hingecoach runners list")
def list_all(data_dir: options.DataDir = None) -> None:
    """List all runners."""
    store = store_of(data_dir)
    records = store.all()
    _tell_notices(store)
    if not records:
        typer.echo("There is no runner yet: add one with 'hingecoach runners add NAME --height-cm H'.")
    for record in records:
        typer.echo(f"{record.name:<20} {_height(record):>8}  {_sessions(record)}")


@commands.command("add", epilog="Example: hingecoach runners add anna --height-cm 5'6\"")
def add(name: Name, height: options.Height = None, drop: Drop = None, data_dir: options.DataDir = None) -> None:
    """Add a runner."""
    from app.store.people import RunnerRecord

    store = store_of(data_dir)
    record = RunnerRecord(" ".join(name.split()), None if height is None else parsing.height_cm(height))
    record = record if drop is None else replace(record, tunnel_drop_cm=drop_cm(drop))
    store.add(record)
    _tell_notices(store)
    typer.echo(f"Added {record.name}. Use it: hingecoach live --runner {_word(record.name)}")


@commands.command("change", epilog="Example: hingecoach runners change anna --drop 2cm")
def change(name: Name, height: options.Height = None, drop: Drop = None, data_dir: options.DataDir = None) -> None:
    """Change a runner's height or tunnel; the rest stays."""
    store = store_of(data_dir)
    record = store.get(name)
    if height is None and drop is None:
        raise WorldError("Nothing to change: give --height-cm or --drop.")
    if height is not None:
        record = record.with_height(parsing.height_cm(height))
    if drop is not None:
        record = replace(record, tunnel_drop_cm=drop_cm(drop))
    store.save(record)
    typer.echo(f"Changed {record.name}: {_height(record)}, roof {record.tunnel_drop_cm:.1f} cm below standing.")


@commands.command("show", epilog="Example: hingecoach runners show anna")
def show(name: Name, data_dir: options.DataDir = None) -> None:
    """Show what is kept of a runner."""
    record = store_of(data_dir).get(name)
    for line in _lines(record):
        typer.echo(line)


@commands.command("delete", epilog="Example: hingecoach runners delete anna")
def delete(
    name: Name,
    yes: options.Yes = False,
    data_dir: options.DataDir = None,
) -> None:
    """Delete a runner with everything kept of him; asks before."""
    from app.cli import terminal
    from app.store.forgetting import forget, sessions_of

    folder = folder_of(data_dir)
    record = store_of(data_dir).get(name)
    recorded = _count(len(sessions_of(folder, record.name)), "recorded session")
    standings = _count(len(record.calibrations), "standing")
    what = f"{record.name} ({_height(record)}, {_sessions(record)}, {standings}, {recorded})"
    if not (yes or terminal.may_delete(what)):
        return
    forget(folder, name)
    typer.echo(f"Deleted {what}.")


def folder_of(data_dir: str | None) -> Path:
    """Return the folder of ``--data-dir``, or where the app keeps its data. Raises WorldError for an empty name."""
    from app.cli.places import require_name
    from app.store.paths import data_folder

    require_name("--data-dir", data_dir)
    return data_folder() if data_dir is None else Path(data_dir).expanduser()


def store_of(data_dir: str | None) -> RunnerStore:
    """Return the store of runners in `folder_of`. Raises WorldError for an empty name."""
    from app.store.people import RunnerStore

    return RunnerStore(folder_of(data_dir))


def drop_cm(text: str) -> float:
    """Return the tunnel's drop in cm from ``1in``, ``2.5cm`` or ``2.5``. Raises WorldError."""
    match = re.fullmatch(r"(\d*[.,]?\d+)\s*(cm|in|inch|\"|)", text.strip().lower())
    if match is None:
        raise WorldError(f"--drop {text} is no length: write 1in or 2.5cm.")
    value = float(match[1].replace(",", "."))
    return value if match[2] in ("cm", "") else value * parsing.CM_PER_INCH


class Runner:
    """The runner of a session: what it begins with, and what it leaves.

    Args:
        record: as it was when the session began.
        store: where it came from; None: nothing is left there (``analyze``).
    """

    def __init__(self, record: RunnerRecord, store: RunnerStore | None) -> None:
        self.record = record
        self._store = store
        self._sessions: list[tuple[Callable[[], Sequence[CoachModel]], str]] = []

    def profile(self, height_cm: float | None) -> RunnerProfile:
        """Return the profile; a height told now goes before the one that is kept."""
        return replace(self.record, height_cm=height_cm or self.record.height_cm).profile

    def standing(self, camera: str) -> StandingReference | None:
        """Return the stored standing to begin with before ``camera`` ("" unknown)."""
        from app.store.calibration_json import VIRTUAL

        return self.record.standing_for(camera, others=camera != VIRTUAL)

    def follow(self, coaches: Callable[[], Sequence[CoachModel]], camera: str) -> None:
        """Remember a session's coaches, asked for at the end: `finish` keeps what they have come to."""
        self._sessions.append((coaches, camera))

    def finish(self, now: datetime | None = None) -> list[str]:
        """Keep the newest standing of each camera and count the session; return lines that say so.

        Call it once, when every session has ended. Raises WorldError where nothing can be written.
        """
        from app.store.calibration_json import VIRTUAL, Calibration

        if self._store is None:
            return []
        at, said, ran_s = now or datetime.now(), [], 0.0
        for coach, camera in [(coach, camera) for coaches, camera in self._sessions for coach in coaches()]:
            standing = coach.standing
            if camera and standing is not None and coach.standing_holds and _worth_keeping(standing):
                taken = Calibration(at.isoformat(timespec="seconds"), camera, standing)
                self._store.keep_calibration(self.record.name, taken)
                whose = "the virtual runner's standing" if camera == VIRTUAL else f"the standing before {camera}"
                said.append(f"{self.record.name}: {whose} is kept for next time.")
            if camera not in ("", VIRTUAL):
                ran_s += coach.summary().running_s
        if ran_s >= LEAST_SESSION_S:
            record = self._store.count_session(self.record.name, at.date().isoformat())
            said.append(f"{record.name}: session {record.sessions} is counted ({ran_s / 60.0:.0f} minutes of running).")
        self._sessions.clear()
        return list(dict.fromkeys(said))


def _worth_keeping(standing: StandingReference) -> bool:
    """Whether a standing was taken here, from the side, in full."""
    taken_here = standing.source == "recorded" and not standing.provisional
    return taken_here and standing.has_angles and standing.has_heights and not standing.from_front


def runner_of(name: str | None, data_dir: str | None, keep: bool = True) -> Runner | None:
    """Return the runner that ``--runner`` names, None without one.

    ``keep``: whether the session is to leave something in the record. Raises WorldError: there is no such runner.
    """
    if name is None:
        return None
    store = store_of(data_dir)
    record = store.get(name)
    _tell_notices(store)
    return Runner(record, store if keep else None)


class Roster:
    """The runners of a window: whoever is picked in it, each found once, so that all is kept at the end.

    Args:
        data_dir: as told on the command line. first: named there, None: nobody.
    """

    def __init__(self, data_dir: str | None, first: Runner | None) -> None:
        self._data_dir = data_dir
        self._known = {} if first is None else {first.record.name: first}

    def of(self, name: str) -> Runner | None:
        """Return the runner of a name as kept now, None for "". Raises WorldError: there is none of that name."""
        if not name:
            return None
        store = store_of(self._data_dir)
        record = store.get(name)
        runner = self._known.setdefault(name, Runner(record, store))
        runner.record = record  # stature and roof may have been changed in the window
        return runner

    def finish(self) -> None:
        """Have everybody's session kept, and say so on stderr. Raises WorldError, once all the others' is kept."""
        failed: WorldError | None = None
        for runner in self._known.values():
            try:
                finish(runner)
            except WorldError as error:  # e.g. he was deleted in the window
                failed = failed or error
        if failed is not None:
            raise failed


def who_and_profile(name: str | None, data_dir: str | None, height: str | None) -> tuple[Runner | None, RunnerProfile]:
    """Return whom ``--runner`` names, to leave nothing in the record, and the profile with ``--height-cm``.

    Raises WorldError.
    """
    from app.coach.types import RunnerProfile

    who = runner_of(name, data_dir, keep=False)
    height_cm = None if height is None else parsing.height_cm(height)
    return who, RunnerProfile(height_cm) if who is None else who.profile(height_cm)


def finish(runner: Runner | None) -> None:
    """Have a runner's session kept, and say so on stderr. Raises WorldError."""
    for line in runner.finish() if runner is not None else ():
        typer.echo(line, err=True)


def _tell_notices(store: RunnerStore) -> None:
    for notice in store.notices:
        typer.echo(f"Note: {notice}", err=True)


def _height(record: RunnerRecord) -> str:
    return "no height" if record.height_cm is None else f"{record.height_cm:.0f} cm"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else f"no {what}"


def _sessions(record: RunnerRecord) -> str:
    last = f", last on {record.last_session}" if record.last_session else ""
    return f"{_count(record.sessions, 'session')}{last}"


def _word(name: str) -> str:
    return f'"{name}"' if " " in name else name


def _lines(record: RunnerRecord) -> list[str]:
    from app.coach.dose import Dose

    share = Dose(record.next_session).share
    lines = [
        record.name,
        f"  height       {_height(record)}",
        f"  roof         {record.tunnel_drop_cm:.1f} cm below standing",
        f"  sessions     {_sessions(record)}; in the next, feedback in {share:.0%} of the minutes",
    ]
    for one in record.calibrations:
        standing = one.reference
        width, height = standing.image_size_px
        lines.append(
            f"  standing     {one.taken_at.replace('T', ' ')}, {one.camera}, {width}x{height}, facing {standing.facing}"
        )
        scale = standing.body_height_px / record.height_cm if record.height_cm else None
        lines.append(
            f"               {f'{scale:.2f} px/cm, ' if scale else ''}camera rolled by {standing.roll_deg:.1f} deg"
            + (f", trunk steady to {standing.quality.trunk_deg:.1f} deg" if standing.quality else "")
        )
    return lines if record.calibrations else [*lines, "  standing     none yet"]
