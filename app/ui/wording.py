"""The words of every state of the window outside judging: idle, opening, failed, and the status line."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.coach.report import Activity
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
    CardContent(mark("No picture"), mark("{key} tries again"), Tone.OFF, "warn"),
    mark("Choose another source"),
    mark("Top left: another camera, a clip, or the virtual runner"),
)
STOPPING: Final = IdleWords(CardContent(mark("One moment"), "", Tone.CALM, "wait"), mark("Stopping …"))
OPENING: Final = IdleWords(STOPPING.card, mark("Opening …"))
PLACEMENT: Final = mark("Camera level, at chest height, 2 to 3 m from your side")
AGAIN: Final = IdleWords(replace(WELCOME, title=mark("Press {key} to run again")), mark("Finished"), PLACEMENT)
READY: Final = IdleWords(replace(WELCOME, title=mark("Press {key} to start")), mark("Ready"), PLACEMENT)
LOOK_BACK: Final = mark("{key}: look back at this set")

_PHASES: Final[dict[Phase, str]] = {
    Phase.STOPPED: mark("Stopped"),
    Phase.STARTING: mark("Starting"),
    Phase.RUNNING: mark("Running"),
    Phase.STOPPING: mark("Stopping"),
    Phase.FINISHED: mark("Finished"),
    Phase.FAULTED: mark("Stopped by an error"),
}


#: Reasons that name what the body does, and none that anybody could put right.
_NO_NEWS: Final = frozenset({"", *(activity.words for activity in Activity)})


@dataclass(frozen=True, slots=True)
class Hints:
    """The keys that the idle card names, as they are called on this machine; "" where one has no key."""

    start: str = "Space"
    review: str = "5"


def idle_words(
    failed: bool,
    opening: bool,
    starting: bool,
    phase: Phase,
    source: str,
    hints: Hints = Hints(),
    has_set: bool = False,
) -> IdleWords:
    """Return what card and picture say while no new pictures come.

    Args:
        failed: the source has failed.
        opening: a session is being opened or stopped; a webcam may take seconds for both.
        starting: the newest wish was to start.
        phase: of the session.
        source: what is opened, in words.
        hints: the keys to name.
        has_set: there is a set to look back at.

    """
    if failed:
        return _translated(FAILED, hints)
    if opening:
        going = starting and phase is not Phase.STOPPING
        return _translated(replace(OPENING, detail=source) if going else STOPPING, hints)
    words = AGAIN if phase is Phase.FINISHED else READY
    if has_set and hints.review:
        words = replace(words, card=replace(words.card, detail=LOOK_BACK))
        return _translated(words, hints, hints.review)
    return _translated(words, hints)


def _translated(words: IdleWords, hints: Hints, in_detail: str = "") -> IdleWords:
    title = tr(words.card.title).format(key=hints.start or tr("Start"))
    detail = tr(words.card.detail).format(key=in_detail or hints.start or tr("Start"))
    return IdleWords(replace(words.card, title=title, detail=detail), tr(words.title), tr(words.detail))


def error_words(status: SessionStatus | None) -> str:
    """Return the banner's line for a faulted session, in English ("" where all is well): translate it where shown."""
    if status is None or status.phase is not Phase.FAULTED:
        return ""
    if status.error_is_ours:
        return mark("Something went wrong inside Hinge Coach. The log file has the details.")
    return status.error or mark("The source stopped.")


def state_words(status: SessionStatus | None, starting: bool, notice: str, detailed: bool = True) -> StateLine:
    """Return phase and true frame rate; ``detailed``: latency and drops, too."""
    parts = [tr(_PHASES[status.phase if status is not None else Phase.STARTING if starting else Phase.STOPPED])]
    tone = Tone.CALM
    if status is not None:
        tone = {Phase.RUNNING: Tone.GOOD, Phase.FAULTED: Tone.HIT}.get(status.phase, Tone.CALM)
        if status.phase is Phase.RUNNING:
            parts.append(tr("{n} fps").format(n=f"{status.fps_in:.0f}"))
            if detailed and math.isfinite(status.latency_ms_p50):
                parts.append(f"{status.latency_ms_p50:.0f} ms (95 %: {status.latency_ms_p95:.0f})")
            if detailed:
                parts.append(tr("{n} dropped").format(n=status.dropped))
    if notice:
        parts.append(tr(notice))
    return StateLine("  ·  ".join(parts), tone)


def judge_words(status: SessionStatus | None, report: CoachReport | None) -> str:
    """Return the source's notice and, where running is judged, what is not and why.

    Whoever is known only to stand or to move has done nothing that could be judged: that is no news.
    """
    if status is None:
        return ""
    words = [tr(status.notice)] if status.notice else []
    if report is not None and report.not_judged_because not in _NO_NEWS:
        words.append(tr("Not judged: {why}").format(why=tr(report.not_judged_because)))
    return "  ·  ".join(words)
