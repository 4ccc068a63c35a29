"""Tables for spreadsheets and scripts: UTF-8, dot decimals, one header row with the unit in every name.

``frames.csv`` grows while the run goes on; ``steps.csv``, ``holds.csv`` and ``cues.csv`` are written at its end. Of a
session of the history there are ``marks.csv`` and ``session.csv`` besides.
An empty cell means not measured. Angles are degrees, forward +; ``below_standing`` is positive for a lower head.
"""

from __future__ import annotations

import csv
import io
import math
from contextlib import contextmanager, suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from app.coach.report import FormSample, StanceValues, Step
from app.store.atomic import OutputError, make_folder, replacing, write_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from app.coach.report import CoachReport
    from app.coach.summary import CoachSummary
    from app.store.sessions.tables import SessionRow


class _Rows(Protocol):
    """What `csv.writer` makes."""

    def writerow(self, row: Iterable[Any], /) -> Any:
        """Write one row."""


_SAMPLE = tuple(field.name for field in fields(FormSample))
_STEP = tuple(field.name for field in fields(Step))
_STANCE = tuple(field.name for field in fields(StanceValues))

#: How a formula begins in the usual spreadsheets.
_FORMULA = ("=", "+", "-", "@")

FRAMES_HEADER = ("frame_index", *_SAMPLE, "cadence_spm", "activity", "verdict", "roof_clearance_bh")
STEPS_HEADER = ("step_number", *_STEP)
HOLDS_HEADER = ("start_s", "end_s", "verdict", *_STANCE)
MARKS_HEADER = ("mark_number", "t_s")
SESSION_HEADER = (
    "id", "started_at", "person", "mode", "drill", "source_kind", "source", "duration_s", "running_s", "frames",
    "steps", "cues", "verdict", "rules_name", "app_version", "note",
)  # fmt: skip
CUES_HEADER = ("t_s", "id", "spoken", "because", "steps", "value", "threshold", "unit")


@contextmanager
def frames_csv(folder: Path) -> Iterator[Callable[[int, CoachReport], None]]:
    """Give a function that adds a frame (its index, its report) to ``frames.csv``; complete or not there.

    Raises:
        OutputError: the folder cannot be made or written.

    """
    is_new = not folder.exists()
    path = make_folder(folder) / "frames.csv"
    try:
        with replacing(path) as temporary, _rows_file(path, temporary) as file:
            rows = csv.writer(file, lineterminator="\n")

            def add(index: int, report: CoachReport) -> None:
                with _telling(path):
                    _add_frame(rows, index, report)

            with _telling(path):
                rows.writerow(FRAMES_HEADER)
            yield add
    finally:
        if is_new:
            with suppress(OSError):  # not empty: all went well
                folder.rmdir()


@contextmanager
def _rows_file(path: Path, temporary: Path) -> Iterator[TextIO]:
    """Give an open text file; what the system says about opening and closing it is told, the block's errors pass."""
    with _telling(path):
        file = temporary.open("w", encoding="utf-8", newline="")
    try:
        yield file
        with _telling(path):
            file.close()  # the last rows are written only now
    finally:
        with suppress(OSError):  # told already, or something worse is on its way
            file.close()


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Turn what the system says about writing the file into one line."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}): make room there.") from error


def _add_frame(rows: _Rows, index: int, report: CoachReport) -> None:
    clearance_bh = report.tunnel.clearance_bh if report.tunnel is not None else math.nan
    sample = (getattr(report.sample, name) for name in _SAMPLE)
    rows.writerow(_cells((index, *sample, report.cadence_spm, report.activity, report.verdict, clearance_bh)))


def write_tables(folder: Path, summary: CoachSummary) -> None:
    """Write ``steps.csv``, ``holds.csv`` and ``cues.csv``. Raises OutputError."""
    steps = ((number, *(getattr(step, n) for n in _STEP)) for number, step in enumerate(summary.steps, start=1))
    holds = (
        (hold.start_s, hold.end_s, hold.verdict, *(getattr(hold.values, n) for n in _STANCE)) for hold in summary.holds
    )
    cues = (
        (c.t_s, c.id, c.spoken, c.because, " ".join(map(str, c.steps)), c.value, c.threshold, c.unit)
        for c in summary.cues
    )
    for name, header, rows in (
        ("steps.csv", STEPS_HEADER, steps),
        ("holds.csv", HOLDS_HEADER, holds),
        ("cues.csv", CUES_HEADER, cues),
    ):
        # A word may hold a lone surrogate, of a file that is no UTF-8.
        write_bytes(folder / name, table_text(header, rows).encode(errors="replace"))


def write_session(folder: Path, row: SessionRow, marks_s: Sequence[float]) -> None:
    """Write ``marks.csv``, the moments that somebody marked, and ``session.csv``, one row. Raises OutputError."""
    session = [[getattr(row, name) for name in SESSION_HEADER]]
    for name, table in (
        ("marks.csv", table_text(MARKS_HEADER, enumerate(marks_s, start=1))),
        ("session.csv", table_text(SESSION_HEADER, session)),
    ):
        write_bytes(folder / name, table.encode(errors="replace"))


def table_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table as it is written; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(_cells(row) for row in rows)
    return text.getvalue()


def _cells(row: Iterable[Any]) -> list[str]:
    return [_cell(value) for value in row]


def _cell(value: Any) -> str:
    """Return one cell: numbers to 5 decimals (0.01 ms), nothing for what was not measured.

    Words that a spreadsheet would run as a formula get an apostrophe in front, as it writes them itself.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{round(value, 5):.12g}" if math.isfinite(value) else ""
    # Blanks that are no spaces would break the row for readers that take them for its end.
    text = " ".join(str(value).splitlines()).replace("\t", " ").replace("\0", " ")
    return f"'{text}" if isinstance(value, str) and text.lstrip(" ").startswith(_FORMULA) else text
