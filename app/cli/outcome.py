"""What a run came to, for people (a table on stdout) and for programs (the JSON)."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

import app as package
from app.cli.build import DRILLS_NOT_JUDGED
from app.cli.drills import print_drill
from app.coach.report import GOOD, NOT_JUDGED, Mode
from app.pose.estimator import Tracking
from app.store.analysis_json import analysis_json, to_text
from app.store.atomic import require_writable, write_bytes
from app.store.session_facts import SessionFacts

if TYPE_CHECKING:
    from rich.console import Console

    from app.cli.build import Estimation
    from app.coach.summary import CoachSummary
    from app.session import Session

#: Row of the table: key in the JSON's "run", words, unit, digits.
_RUN_ROWS = (
    ("cadence_spm", "Cadence", "steps/min", 0),
    ("trunk_lean_deg", "Trunk lean", "°", 1),
    ("hip_flexion_midstance_deg", "Hip bend at midstance", "°", 1),
    ("knee_flexion_midstance_deg", "Knee bend at midstance", "°", 1),
    ("shank_midstance_deg", "Shank at midstance", "°", 1),
    ("line_offset_bh_pct", "Hip ahead of the ear-toe line", "% height", 1),
    ("reach_ll_pct", "Reach in front of the hip", "% leg", 1),
    ("vertical_oscillation_cm", "Bounce", "cm", 1),
    ("vertical_oscillation_bh_pct", "Bounce", "% height", 1),
    ("contact_time_ms", "Ground contact", "ms", 0),
    ("flight_time_ms", "Flight", "ms", 0),
)
#: What a key of the JSON is called in the warnings, for people.
_WORDS_OF = {
    **{key: words[0].lower() + words[1:] for key, words, _, _ in _RUN_ROWS},
    "peak_below_standing_cm": "the head's height",
    "peak_below_standing_bh_pct": "the head's height",
    "peak_below_roof_cm": "the head's room under the roof",
    "peak_below_roof_bh_pct": "the head's room under the roof",
    "lean_split": "what of the lean is hip and what ankle",
    "hip_share": "the hip's share of the lean",
    "push_off_s": "push-off",
    "duration_s": "its duration",
    "roof_below_standing_cm": "the roof's height",
    "height_cm": "the stature",
    "yaw_deg": "the angle of the view",
    "px_per_cm": "the scale",
    "fps_measured": "the frame rate",
    "initial_contact_s": "initial contact",
    "toe_off_s": "toe-off",
    "weight_shift": "the shift of weight",
    "theta_l_deg": "line",
    "theta_t_deg": "trunk",
    "d_h_bh_pct": "hip off the line",
    "front_load_deg": "front hip + knee",
    "front_knee_deg": "front knee",
    "rear_knee_deg": "rear knee",
    "drop_bh_pct": "drop",
}
_UNIT = re.compile(r"(?:_deg|_cm|_bh|_pct|_ms|_s|_spm)+$")
_KEY = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
#: Beginnings of warnings that go without saying where nobody else can be, and of what stderr has told already.
_OBVIOUS_WITHOUT_IMAGE = (
    "tracking: leg swaps and subject switches",
    "tracking: other people are looked for",
    "app: no network was used",
    DRILLS_NOT_JUDGED,
)
STDOUT = "-"


def check_json_place(name: str | None) -> None:
    """Raise WorldError unless the JSON can be written where it was asked for."""
    if name not in (None, STDOUT):
        require_writable(Path(name))


def check_video_place(name: str | Path | None) -> None:
    """Raise WorldError unless an MP4 can be written where it was asked for."""
    if name is not None:
        from app.store.video_file import require_mp4  # OpenCV comes with it, which doctor has to do without

        require_mp4(Path(name))
        require_writable(Path(name))


def document(session: Session, estimation: Estimation, elapsed_s: float) -> dict[str, Any]:
    """Return the JSON document of a session that has ended and took ``elapsed_s`` of wall clock."""
    status = session.status()
    pose, coach = status.stages_ms["pose"], status.stages_ms["coach"]
    notices = (*estimation.notices, *((status.notice,) if status.notice else ()))
    tracking = session.last.tracking if session.last is not None else Tracking()
    facts = SessionFacts(
        source_kind=session.source.kind,
        frames_per_s=status.frames / elapsed_s if elapsed_s > 0 else math.nan,
        pose_ms_p50=pose.p50_ms,
        coach_ms_p50=coach.p50_ms,
        coach_ms_p99=coach.p99_ms,
        version=package.__version__,
        model=estimation.model,
        model_sha256=estimation.model_sha256,
        engine=estimation.engine,
        other_people=estimation.other_people,
        notices=(*notices, *tracking.notices),
        leg_swaps_repaired=tracking.leg_swaps_repaired,
        subject_switches=tracking.subject_switches,
    )
    return analysis_json(session.summary(), facts)


def write_json(name: str, content: dict[str, Any]) -> None:
    """Write the document to a file, or to stdout for ``-``. Raises WorldError."""
    # A file's name in the warnings may hold bytes that are no character.
    data = to_text(content).encode(errors="replace")
    if name == STDOUT:
        # JSON is UTF-8 whatever the terminal is; the flush tells of a full disk while it can still be told.
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_bytes(Path(name), data)


def print_summary(summary: CoachSummary, content: dict[str, Any], title: str) -> None:
    """Print a readable summary on stdout."""
    from rich.console import Console  # where nothing is printed, as before a window, it would only hold up the start
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(title, style="bold"), soft_wrap=True)
    source, view, standing = content["source"], content["view"], content["standing"]
    console.print(
        f"{_frames_and_rate(source)}; "
        f"seen in {100 * content['tracking']['coverage']:.0f} %; {view['kind']} view, facing {view['facing']}; "
        f"standing reference: {standing['source']}",
        soft_wrap=True,
    )
    if summary.drill is not None:
        print_drill(console, content["drill"])
    elif summary.mode is Mode.STANCE:
        _print_stance(console, content["stance"])
    else:
        _print_run(console, content["run"])
    if content["cues"]:
        console.print("\nCues")
        for cue in content["cues"]:
            console.print(f"  {cue['t_s']:7.2f} s  {cue['spoken']}", soft_wrap=True)
    for line in notes(content):
        console.print(Text(f"note: {line}", style="dim"), soft_wrap=True)


def _frames_and_rate(source: dict[str, Any]) -> str:
    """Return how much there was; no rate where it is unknown."""
    frames, rate = source["frames"], source["fps_measured"]
    at = "" if rate is None else f" at {rate:.1f} fps"
    return f"{frames} {'frame' if frames == 1 else 'frames'}, {source['duration_s']} s{at}"


def notes(content: dict[str, Any]) -> list[str]:
    """Return the warnings as people read them: quantities by their names in the table, nothing about the obvious."""
    obvious = _OBVIOUS_WITHOUT_IMAGE if content["source"]["kind"] in ("virtual", "trc") else ()
    lines = [line for line in content["warnings"] if not line.startswith(obvious)]
    return [_KEY.sub(lambda key: _words_of_key(key[0]), line) for line in lines]


def _words_of_key(key: str) -> str:
    """Return what a key of the JSON is called for people; what has no unit may be a file's name and stays."""
    if key in _WORDS_OF:
        return _WORDS_OF[key]
    quantity = _UNIT.sub("", key)
    return key if quantity == key else _words(quantity)


def _print_run(console: Console, run: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table("", "median", "95 %", "steps", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for key, words, unit, digits in _RUN_ROWS:
        if (found := run[key]) is not None:
            low, high = (f"{bound:.{digits}f}" if bound is not None else "-" for bound in found["ci95"])
            unit_words = unit if unit == "°" else f" {unit}"
            words += " (absolute)" if found.get("relative_to_standing") is False else ""
            table.add_row(words, f"{found['value']:.{digits}f}{unit_words}", f"{low} to {high}", str(found["n"]))
    if (tunnel := run["tunnel"]) is not None and tunnel["steps"]:
        hits = f"{tunnel['hits']} of {tunnel['steps']} steps hit the roof"
        table.add_row("Tunnel", hits, f"best {tunnel['longest_clean_steps']} clean", "")
    if table.row_count:
        console.print(table)
    if tunnel is not None and 0 < tunnel["steps"] < len(run["steps"]):
        counted = f"{tunnel['steps']} of {len(run['steps'])} steps"
        console.print(f"  Tunnel: hits are counted once the roof is known ({counted})", soft_wrap=True)
    for fault in run["faults"]:
        console.print(
            f"  {_words(fault['id'])}: on in {100 * fault['share_of_steps']:.0f} % of the judged steps "
            f"({_or_dash(fault['value'], 1)} {fault['unit']}, threshold {_or_dash(fault['threshold'], 1)})",
            soft_wrap=True,
        )
    _print_verdict(console, run["verdict"], run["not_judged_because"])


def _print_stance(console: Console, stance: dict[str, Any]) -> None:
    for hold in stance["holds"]:
        values = hold["values"]
        console.print(
            f"  {hold['start_s']:.1f} to {hold['end_s']:.1f} s: {_words(hold['verdict'])}; "
            f"line {_or_dash(values['theta_l_deg'], 1)}°, trunk {_or_dash(values['theta_t_deg'], 1)}°, "
            f"hip off the line {_or_dash(values['d_h_bh_pct'], 1)} % height, "
            f"front hip + knee {_or_dash(values['front_load_deg'], 0)}°",
            soft_wrap=True,
        )
    exam = stance.get("exam")
    if exam is not None and exam["passed"]:
        console.print(f"Exam: held well with the foot behind: {', '.join(p['foot_behind'] for p in exam['passed'])}.")
        for separation in exam["separations"]:
            apart = "can" if separation["separable"] else "cannot"
            console.print(f"  {_words(separation['fault'])} {apart} be told apart here", soft_wrap=True)
    _print_verdict(console, stance["verdict"], stance["not_judged_because"])


def _print_verdict(console: Console, verdict: str, why_not: str | None) -> None:
    colour = {GOOD: "green", NOT_JUDGED: "default"}.get(verdict, "yellow")
    reason = f": {why_not}" if verdict == NOT_JUDGED and why_not else ""
    console.print(f"Verdict: [bold {colour}]{_words(verdict)}[/]{reason}", soft_wrap=True)


def _words(identifier: str) -> str:
    return identifier.replace("_", " ")


def _or_dash(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def say_interrupted(seconds: float) -> None:
    """Tell on stderr that what follows is a part only."""
    typer.echo(f"Interrupted: the summary is of the first {seconds:.1f} s; no file was written.", err=True)
