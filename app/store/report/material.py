"""What a report is made of: plain facts of one session, wherever they come from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.coach.rules import Rules, default_rules
from app.store.sessions.derived import BOTH_PASSED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.coach.types import BodyPose
    from app.store.sessions.derived import ToldCue
    from app.store.sessions.tables import JudgedStep
    from app.store.trends import Digest

#: What a moment can be about besides a fault.
ROOF, PASSED = "roof", "passed"
#: What the exam asks for when both sides are passed, and what it says at its end.
WRONG_ON_PURPOSE = ("pelvis_drift", "hip_squeeze")
EXAM_OVER = ("exam_apart", "exam_alike")


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One of the best or the worst moments.

    Attributes:
        best: which of both. t_s: the instant to look at.
        about: "good", "passed", a fault id, "roof", or the verdict of a repetition.
        value, threshold, unit: what decided; NaN and "" where it is no number.
        held_s: of a stance, NaN for others. number: of the step or the repetition, 0 unknown.
        on_purpose: shown wrong on purpose, in the exam.
        at_push_off: the line to draw is that of running: ear to rear toe; else ear to rear ankle.
        jpeg: the picture with everything drawn on it, b"" where there is none. size_px: its width and height.
        pose: to be drawn where there is no picture. under_roof_px: how far below the roof the head is in it, px of the
            image, through it -; NaN where no roof is to be drawn.
    """

    best: bool
    t_s: float
    about: str
    value: float = math.nan
    threshold: float = math.nan
    unit: str = ""
    held_s: float = math.nan
    number: int = 0
    on_purpose: bool = False
    at_push_off: bool = True
    jpeg: bytes = b""
    size_px: tuple[int, int] = (0, 0)
    pose: BodyPose | None = None
    under_roof_px: float = math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Everything that a report tells of.

    Attributes:
        document: the contract's analysis JSON.
        title: of the file or the session, one line. person: who ran, "" nobody named. started_at: ISO 8601, "" unknown.
        source: act, file or camera in words. session: its id in the history, "" for a clip.
        steps, cues: in order of time. first_s: time of the first frame.
        moments: the worst first, then the best; at most three each.
        note: what somebody wrote about it, "" nothing. marked: the moments that somebody marked, in order.
        now, before: digests of this session and of the last one of the same person; None where there is none.
        rules: that judged. rules_hash: SHA-256, "" unknown.
        notices: lines on what could not be told.
    """

    document: Mapping[str, Any]
    title: str
    person: str = ""
    started_at: str = ""
    source: str = ""
    session: str = ""
    steps: Sequence[JudgedStep] = ()
    cues: Sequence[ToldCue] = ()
    first_s: float = 0.0
    moments: Sequence[Moment] = ()
    note: str = ""
    marked: Sequence[Moment] = ()
    now: Digest | None = None
    before: Digest | None = None
    rules: Rules = field(default_factory=default_rules, repr=False)
    rules_hash: str = ""
    notices: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What was done: "run", "stance" or "drill"."""
        if "drill" in self.document:
            return "drill"
        return "stance" if "stance" in self.document else "run"

    @property
    def is_photo(self) -> bool:
        """Whether it is of a photo, in which nothing lasts."""
        return bool(self.document["source"]["kind"] == "photo")

    @property
    def height_cm(self) -> float:
        """The runner's stature, NaN unknown."""
        height_cm = self.document["standing"]["height_cm"]
        return math.nan if height_cm is None else float(height_cm)

    @property
    def against_standing(self) -> bool:
        """Whether angles are relative to the runner's own standing."""
        lean = (self.document.get("run") or {}).get("trunk_lean_deg")
        return lean is None or bool(lean.get("relative_to_standing", True))

    @property
    def holds(self) -> list[dict[str, Any]]:
        """The still stances of a starting line."""
        return list((self.document.get("stance") or {}).get("holds", ()))

    @property
    def on_purpose(self) -> list[dict[str, Any]]:
        """The stances that were shown wrong on purpose: the exam asks for them once both sides are passed."""
        passed = ((self.document.get("stance") or {}).get("exam") or {}).get("passed", ())
        both_s = [event["t_s"] for event in passed][1:2]
        both_s += [cue.t_s for cue in self.cues if cue.teller == "exam" and cue.id == BOTH_PASSED]
        after_s = min(both_s, default=math.inf)
        over_s = [cue.t_s for cue in self.cues if cue.id in EXAM_OVER and cue.t_s > after_s]
        until_s = min(over_s, default=math.inf)
        asked = [hold for hold in self.holds if after_s <= hold["start_s"] <= until_s]
        return [hold for hold in asked if hold["verdict"] in WRONG_ON_PURPOSE]

    @property
    def meant(self) -> list[dict[str, Any]]:
        """The stances that were meant to be good."""
        wrong = self.on_purpose
        return [hold for hold in self.holds if hold not in wrong]

    @property
    def reps(self) -> list[dict[str, Any]]:
        """The repetitions of a drill."""
        return list((self.document.get("drill") or {}).get("reps", ()))
