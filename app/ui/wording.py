"""The words of every state of the window outside judging: idle, opening, failed, and the status line."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.session import Phase
from app.ui.cue_card import WELCOME, CardContent
from app.ui.theme import Tone
from app.ui.words import mark, tr

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


#: In English: `idle_words` translates.
FAILED: Final = IdleWords(
    CardContent(mark("No picture"), mark("Space tries again"), Tone.OFF, "warn"),
    mark("Choose another source"),
    mark("Top left: another camera, a clip, or the virtual runner"),
)
STOPPING: Final = IdleWords(CardContent(mark("One moment"), "", Tone.CALM, "wait"), mark("Stopping …"))
OPENING: Final = IdleWords(STOPPING.card, mark("Opening …"))
PLACEMENT: Final = mark("Camera level, at chest height, 2 to 3 m from your side")
AGAIN: Final = IdleWords(replace(WELCOME, title=mark("Press Space to run again")), mark("Finished"), PLACEMENT)
READY: Final = IdleWords(WELCOME, mark("Ready"), PLACEMENT)

_PHASES: Final[dict[Phase, str]] = {
    Phase.STOPPED: mark("Stopped"),
    Phase.STARTING: mark("Starting"),
    Phase.RUNNING: mark("Running"),
    Phase.STOPPING: mark("Stopping"),
    Phase.FINISHED: mark("Finished"),
    Phase.FAULTED: mark("Faulted"),
}


def idle_words(failed: bool, opening: bool, starting: bool, phase: Phase, source: str) -> IdleWords:
    """Return what card and picture say while no new pictures come.

    ``opening``: a session is being opened or stopped; ``starting``: the newest wish was to start. A webcam may take
    seconds for both.
    """
    if failed:
        return _translated(FAILED)
    if opening:
        going = starting and phase is not Phase.STOPPING
        return _translated(replace(OPENING, detail=source) if going else STOPPING)
    return _translated(AGAIN if phase is Phase.FINISHED else READY)


def _translated(words: IdleWords) -> IdleWords:
    card = replace(words.card, title=tr(words.card.title), detail=tr(words.card.detail))
    return IdleWords(card, tr(words.title), tr(words.detail))


def error_words(status: SessionStatus | None) -> str:
    """Return the banner's line for a faulted session, in English ("" where all is well): translate it where shown."""
    if status is None or status.phase is not Phase.FAULTED:
        return ""
    if status.error_is_ours:
        return f"{mark('Something went wrong inside Hinge Coach.')} {status.error}"
    return status.error or mark("The source stopped.")


def state_words(status: SessionStatus | None, starting: bool, notice: str) -> StateLine:
    """Return phase, true frame rate, latency and drops."""
    parts = [tr(_PHASES[status.phase if status is not None else Phase.STARTING if starting else Phase.STOPPED])]
    tone = Tone.CALM
    if status is not None:
        tone = {Phase.RUNNING: Tone.GOOD, Phase.FAULTED: Tone.HIT}.get(status.phase, Tone.CALM)
        if status.phase is Phase.RUNNING:
            parts.append(tr("{n} fps").format(n=f"{status.fps_in:.0f}"))
            if math.isfinite(status.latency_ms_p50):
                parts.append(f"{status.latency_ms_p50:.0f} ms (95 %: {status.latency_ms_p95:.0f})")
            parts.append(tr("{n} dropped").format(n=status.dropped))
    if notice:
        parts.append(tr(notice))
    return StateLine("  ·  ".join(parts), tone)


def judge_words(status: SessionStatus | None, report: CoachReport | None) -> str:
    """Return the source's notice and what is not judged and why."""
    if status is None:
        return ""
    words = [tr(status.notice)] if status.notice else []
    if report is not None and report.not_judged_because:
        words.append(tr("Not judged: {why}").format(why=tr(report.not_judged_because)))
    return "  ·  ".join(words)
