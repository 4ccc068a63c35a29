"""What a folder of clips came to: a table for people, ``summary.json`` and ``summary.csv`` for programs."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

import app as package
from app.capture.source import one_line
from app.cli.folder_worker import Done, Failed
from app.coach.report import GOOD, NOT_JUDGED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.cli.folder_clips import FoundClip, Job

SCHEMA = "hingecoach.folder/1"
DONE, FAILED = "done", "failed"
#: So wide is a table that goes to a file: every row is one line.
ANY_WIDTH = 10_000
#: So many letters of a clip's name stand in the table.
NAME_LETTERS = 80


@dataclass(frozen=True, slots=True)
class Row:
    """A clip in the summary; None: not measured, or there is none of it.

    Attributes:
        clip: its name within the folder. state: "done" or "failed". error: why it failed, "" if not.
        output: what its files are called, without ending; "" where it failed. mode: run, stance or drill.
        verdict, not_judged_because: as in its JSON. note: its warnings about the file itself.
        duration_s: of what was analyzed.
        trunk_lean_deg, cadence_spm: medians of the run. steps: measured; tunnel_steps, tunnel_hits: of those under the
        roof that is known. holds: of a stance. reps, good_reps: counted of a drill. cues, warnings: how many.
    """

    clip: str
    state: str
    error: str = ""
    output: str = ""
    mode: str | None = None
    verdict: str | None = None
    not_judged_because: str | None = None
    note: str = ""
    duration_s: float | None = None
    trunk_lean_deg: float | None = None
    cadence_spm: float | None = None
    steps: int | None = None
    tunnel_steps: int | None = None
    tunnel_hits: int | None = None
    holds: int | None = None
    reps: int | None = None
    good_reps: int | None = None
    cues: int | None = None
    warnings: int | None = None

    @classmethod
    def of(cls, job: Job, outcome: Done | Failed) -> Row:
        """Return the row of a job that is over."""
        if isinstance(outcome, Failed):
            return cls(job.clip.name, FAILED, outcome.why)
        document = outcome.document
        run, stance, drill = (document.get(part) or {} for part in ("run", "stance", "drill"))
        judged, tunnel = {} if drill else run or stance, run.get("tunnel") or {}
        return cls(
            job.clip.name,
            DONE,
            output=job.stem,
            mode="drill" if drill else document["mode"],
            verdict=judged.get("verdict"),
            not_judged_because=judged.get("not_judged_because"),
            # Cut short, slowed, trimmed: what is told of a file begins with its name.
            note=" ".join(line for line in document["warnings"] if line.startswith(one_line(job.clip.path.name))),
            duration_s=document["source"]["duration_s"],
            trunk_lean_deg=_value(run, "trunk_lean_deg"),
            cadence_spm=_value(run, "cadence_spm"),
            steps=len(run["steps"]) if run else None,
            tunnel_steps=tunnel.get("steps"),
            tunnel_hits=tunnel.get("hits"),
            holds=len(stance["holds"]) if stance and not drill else None,
            reps=drill.get("counted"),
            good_reps=drill.get("good"),
            cues=len(document["cues"]),
            warnings=len(document["warnings"]),
        )

    @classmethod
    def unread(cls, clip: FoundClip) -> Row:
        """Return the row of what could not even be looked at."""
        return cls(clip.name, FAILED, clip.error)

    @property
    def verdict_words(self) -> str:
        """The verdict for people."""
        if self.state == FAILED:
            return FAILED
        if self.reps is not None:
            return f"{self.good_reps} of {self.reps} good"
        return (self.verdict or NOT_JUDGED).replace("_", " ")

    @property
    def told(self) -> str:
        """All of it in one line."""
        if self.state == FAILED:
            return f"failed: {self.error}"
        found = [self.verdict_words]
        if self.trunk_lean_deg is not None:
            found.append(f"lean {self.trunk_lean_deg:.1f}°")
        if self.cadence_spm is not None:
            found.append(f"cadence {self.cadence_spm:.0f}")
        return "; ".join([", ".join(found), *filter(None, (self.not_judged_because, self.note))])


def _value(part: dict[str, Any], name: str) -> float | None:
    found = part.get(name)
    return None if found is None else found["value"]


def print_rows(rows: Sequence[Row]) -> None:
    """Print the table on stdout: on a terminal as wide as that, else one line a clip."""
    wide = sys.stdout is not None and sys.stdout.isatty()
    console = Console(highlight=False, width=None if wide else ANY_WIDTH)
    table = Table("clip", "verdict", "lean", "cadence", "tunnel hits", "", box=None, pad_edge=False)
    for column in table.columns[2:5]:
        column.justify, column.no_wrap = "right", True
    table.columns[0].overflow = "fold"
    for row in rows:
        hits = "" if not row.tunnel_steps else f"{row.tunnel_hits} of {row.tunnel_steps}"
        colour = {GOOD: "green", FAILED: "red", NOT_JUDGED.replace("_", " "): ""}.get(row.verdict_words, "yellow")
        table.add_row(
            Text(one_line(row.clip, NAME_LETTERS)),
            Text(row.verdict_words, style=colour),
            "" if row.trunk_lean_deg is None else f"{row.trunk_lean_deg:.1f}°",
            "" if row.cadence_spm is None else f"{row.cadence_spm:.0f}",
            hits,
            Text("; ".join(filter(None, (row.error, row.not_judged_because, row.note))), style="dim"),
        )
    with console.capture() as caught:
        console.print(table)
    for line in caught.get().splitlines():
        typer.echo(line.rstrip())


def document(folder: Path, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the summary for ``summary.json``; the same clips and options give the same, whatever the jobs."""
    return {
        "schema": SCHEMA,
        "folder": one_line(folder.resolve().name, 200),
        "clips": [
            asdict(row) | {"error": row.error or None, "output": row.output or None, "note": row.note or None}
            for row in rows
        ],
        "failed": sum(row.state == FAILED for row in rows),
        "app": {"version": package.__version__},
    }


def table_text(rows: Sequence[Row]) -> str:
    """Return the summary for ``summary.csv``: an empty cell is not measured."""
    from app.store.csv_export import table_text as written

    names = [field.name for field in fields(Row)]
    return written(names, ([getattr(row, name) for name in names] for row in rows))
