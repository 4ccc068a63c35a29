"""The words of every state of the window outside judging: idle, opening, failed, and the status line."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.session import Phase
from app.ui.cue_card import WELCOME, CardContent
from app.ui.theme import Tone

if TYPE_CHECKING:
    from app.coach.report import CoachReport
    from app.session import SessionStatus


@dataclass(frozen=True, slots=True)
class IdleWords:
    """What card and picture say while no new pictures come: title and detail lie over the picture."""

    card: CardContent
    title: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StateLine:
    """The left half of the status line and the tone of its dot."""

    text: str
    tone: Tone


FAILED: Final = IdleWords(
    CardContent("No picture", "Space tries again", Tone.OFF, "warn"),
    "Choose another source",
    "Top left: another camera, a clip, or the virtual runner",
)
STOPPING: Final = IdleWords(CardContent("One moment", "", Tone.CALM, "wait"), "Stopping …")
PLACEMENT: Final = "Camera level, at chest height, 2 to 3 m from your side"


def idle_words(failed: bool, opening: bool, starting: bool, phase: Phase, source: str) -> IdleWords:
    """Return what card and picture say while no new pictures come.

    ``opening``: a session is being opened or stopped; ``starting``: the newest wish was to start. A webcam may take
    seconds for both.
    """
    if failed:
        return FAILED
    if opening:
        going = starting and phase is not Phase.STOPPING
        return IdleWords(STOPPING.card, "Opening …", source) if going else STOPPING
    if phase is Phase.FINISHED:
        return IdleWords(replace(WELCOME, title="Press Space to run again"), "Finished", PLACEMENT)
    return IdleWords(WELCOME, "Ready", PLACEMENT)


def error_words(status: SessionStatus | None) -> str:
    """Return the banner's line for a faulted session, "" where all is well."""
    if status is None or status.phase is not Phase.FAULTED:
        return ""
    if status.error_is_ours:
        return f"Something went wrong inside Hinge Coach. {status.error}"
    return status.error or "The source stopped."


def state_words(status: SessionStatus | None, starting: bool, notice: str) -> StateLine:
    """Return phase, true frame rate, latency and drops."""
    parts = [status.phase.value.capitalize() if status is not None else "Starting" if starting else "Stopped"]
    tone = Tone.CALM
    if status is not None:
        tone = {Phase.RUNNING: Tone.GOOD, Phase.FAULTED: Tone.HIT}.get(status.phase, Tone.CALM)
        if status.phase is Phase.RUNNING:
            parts.append(f"{status.fps_in:.0f} fps")
            if math.isfinite(status.latency_ms_p50):
                parts.append(f"{status.latency_ms_p50:.0f} ms (95 %: {status.latency_ms_p95:.0f})")
            parts.append(f"{status.dropped} dropped")
    if notice:
        parts.append(notice)
    return StateLine("  ·  ".join(parts), tone)


def judge_words(status: SessionStatus | None, report: CoachReport | None) -> str:
    """Return the source's notice and what is not judged and why."""
    if status is None:
        return ""
    words = [status.notice] if status.notice else []
    if report is not None and report.not_judged_because:
        words.append(f"Not judged: {report.not_judged_because}")
    return "  ·  ".join(words)
