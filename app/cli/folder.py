"""``hingecoach analyze FOLDER``: every clip of it, several at once, and what all of them came to."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from app.cli.clip_options import ClipOptions
    from app.cli.clip_run import Manner
    from app.cli.clip_standing import ClipStanding
    from app.cli.folder_clips import FoundClip, Job
    from app.cli.folder_summary import Row
    from app.cli.folder_worker import Done, Failed

#: More workers than these do not make the network of one clip faster (`app.pose.litert_estimator.THREADS`).
MOST_THREADS = 2
#: So many failed clips are named in the last line.
NAMED = 3


class ClipsCrashedError(Exception):
    """Our bug ended the analysis of clips; the others were analyzed."""


def analyze_folder(options: ClipOptions, jobs: int | None, recursive: bool) -> None:
    """Analyze the clips of a folder, write and print what was asked for.

    Args:
        options: as typed; the input and all outputs are folders.
        jobs: how many clips at once, None: as many as are best.
        recursive: whether the clips of sub-folders count.

    Raises:
        WorldError: an option is no good, there is no clip, or some clip could not be analyzed (the others were).
        ClipsCrashedError: a clip could not be analyzed because of our bug (the others were).
    """
    from app.cli import folder_clips
    from app.cli.clip_run import Manner
    from app.cli.folder_jobs import run_jobs
    from app.cli.folder_show import watching
    from app.cli.places import require_name
    from app.cli.terminal import notice
    from app.coach.report import Mode

    require_name("--standing", options.standing)
    folder, manner, folders = Path(options.clip), Manner.of(options), folder_clips.folders_of(options)
    passed_over = (*folders.values(), *map(Path, options.read_besides))
    found = folder_clips.clips_in(folder, recursive, manner.mode is Mode.STANCE, passed_over)
    work = folder_clips.jobs_for(found.clips, options)
    _check_options(work, options, manner)
    at_once = min(jobs or default_jobs(), len(work))
    outcomes: dict[int, Done | Failed] = {}
    with _folders(folders.values(), work):
        standing = _prepare(work, options, manner)
        for line in () if options.quiet else (*found.notes, f"{_clips(len(work))}, {at_once} at once."):
            notice(line)
        try:
            with watching(work, at_once, options.quiet) as watcher:
                run_jobs(work, at_once, threads_each(at_once), standing, watcher, outcomes)
        except KeyboardInterrupt:
            _tell_interrupted(work, outcomes, options)
            raise
        rows = _rows(found.clips, work, outcomes)
        _print(rows, options)
        _write(folder, rows, options)
    _require_all_good(rows, outcomes)


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_jobs() -> int:
    """Return how many clips are analyzed at once where nobody said: one for every two cores.

    A clip alone keeps almost two cores busy, with its decoding and two workers of the network: three clips of
    8 s, three .trc files and three broken ones take 16.7 s one after the other and 15.0 s two at once, on two cores.
    """
    return max(1, cores() // 2)


def threads_each(at_once: int) -> int:
    """Return how many workers the network of each clip gets."""
    return max(1, min(MOST_THREADS, cores() // at_once))


def _clips(number: int) -> str:
    return "1 clip" if number == 1 else f"{number} clips"


def _check_options(work: Sequence[Job], options: ClipOptions, manner: Manner) -> None:
    """Raise WorldError for what is wrong with every clip alike, before any is opened."""
    from app.cli.build import clip_source
    from app.store.trc_export import NEEDS_HEIGHT, NoScaleError

    if options.trc is not None and manner.profile.height_cm is None and not all(job.clip.is_trc for job in work):
        raise NoScaleError(NEEDS_HEIGHT)
    errors = []
    for job in work:
        try:
            clip_source(job.options.clip, options.time_range, options.slowmo_factor)
        except WorldError as error:
            errors.append(error)
    if len(errors) == len(work):
        raise errors[0]


def _prepare(work: Sequence[Job], options: ClipOptions, manner: Manner) -> ClipStanding | None:
    """Fetch the model, so that not every process does, and go once through the standing recording, if there is one.

    Raises:
        WorldError: there is no model, or the recording is no good.
    """
    from app.cli import clip_standing
    from app.cli.terminal import counting

    if not all(job.clip.is_trc for job in work):
        manner.estimation("video", options.model)
    if options.standing is None:
        return None
    with counting("Standing", None, not options.quiet):
        return clip_standing.measured(
            options.standing, lambda kind: manner.estimation(kind, options.model), manner.profile, manner.facing
        )


@contextmanager
def _folders(roots: Iterable[Path], work: Sequence[Job]) -> Iterator[None]:
    """Make the folders to write to; afterwards those in which nothing was written go again. Raises OutputError."""
    from app.store.atomic import make_folder

    wanted = dict.fromkeys((*roots, *(path.parent for job in work for path in job.written)))
    absolute = [path.expanduser().absolute() for path in wanted]
    new = {one for path in absolute for one in (path, *path.parents) if not _is_there(one)}
    tables = {Path(job.options.csv).expanduser().absolute() for job in work if job.options.csv is not None}
    try:
        for path in absolute:
            if path not in tables:  # made when there is something to write
                make_folder(path)
        yield
    finally:
        for path in sorted(new, key=lambda one: len(one.parts), reverse=True):
            with suppress(OSError):  # not empty: all went well
                path.rmdir()


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False  # told by whoever makes it


def _rows(clips: Sequence[FoundClip], work: Sequence[Job], outcomes: Mapping[int, Done | Failed]) -> list[Row]:
    """Return a row for every clip, in their order, as far as they are over."""
    from app.cli.folder_summary import Row

    over = {work[number].clip.name: Row.of(work[number], outcome) for number, outcome in outcomes.items()}
    over |= {clip.name: Row.unread(clip) for clip in clips if clip.error}
    return [over[clip.name] for clip in clips if clip.name in over]


def _write(folder: Path, rows: Sequence[Row], options: ClipOptions) -> None:
    from app.cli import folder_clips, folder_summary
    from app.cli.outcome import STDOUT, write_json
    from app.store.atomic import write_bytes

    if options.json is not None:
        place = STDOUT if options.json == STDOUT else str(Path(options.json) / folder_clips.SUMMARY_JSON)
        write_json(place, folder_summary.document(folder, rows))
    if options.csv is not None:
        # A file's name may hold bytes that are no character.
        text = folder_summary.table_text(rows)
        write_bytes(Path(options.csv) / folder_clips.SUMMARY_CSV, text.encode(errors="replace"))


def _print(rows: Sequence[Row], options: ClipOptions) -> None:
    """Print the table, or at least what failed."""
    from app.capture.source import one_line
    from app.cli.folder_summary import FAILED, print_rows
    from app.cli.outcome import STDOUT
    from app.cli.terminal import notice

    if not options.quiet and options.json != STDOUT:
        print_rows(rows)
    for row in rows if options.quiet else ():
        if row.state == FAILED:
            notice(f"{one_line(row.clip, 200)}: {row.error}")


def _require_all_good(rows: Sequence[Row], outcomes: Mapping[int, Done | Failed]) -> None:
    """Raise WorldError or ClipsCrashedError where a clip failed."""
    from app.capture.source import one_line
    from app.cli.folder_summary import FAILED
    from app.cli.folder_worker import Failed

    failed = [one_line(row.clip) for row in rows if row.state == FAILED]
    if not failed:
        return
    line = f"{len(failed)} of {_clips(len(rows))} failed: {', '.join(failed[:NAMED])}"
    line += " ..." if len(failed) > NAMED else ""
    if any(isinstance(outcome, Failed) and outcome.bug for outcome in outcomes.values()):
        raise ClipsCrashedError(line)
    raise WorldError(line)


def _tell_interrupted(work: Sequence[Job], outcomes: Mapping[int, Done | Failed], options: ClipOptions) -> None:
    from app.cli.folder_summary import print_rows
    from app.cli.folder_worker import Done
    from app.cli.outcome import STDOUT
    from app.cli.terminal import notice

    if options.quiet:
        return
    if outcomes and options.json != STDOUT:
        print_rows(_rows([job.clip for job in work], work, outcomes))
    done = sum(isinstance(outcome, Done) for outcome in outcomes.values())
    notice(f"Interrupted: {done} of {_clips(len(work))} were analyzed; what was written of them is whole.")
