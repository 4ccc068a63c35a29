"""What an analysis is written with besides what the coach knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What the coach does not know about a run.

    Attributes:
        source_kind: "video", "trc", "virtual" or "camera".
        frames_per_s, pose_ms_p50, coach_ms_p50, coach_ms_p99: speed of this run (NaN unknown).
        version: of the app. model: "full", "lite", "heavy", "own" or "none" (landmarks came with the input).
        model_sha256: "" without a model. engine: what ran it, "none" without one.
        other_people: how many besides the runner were found in the clip, None = nobody looked.
        leg_swaps_repaired: frames in which the legs' labels were exchanged; subject_switches: how often somebody else
            was followed instead; None where nobody looked.
        notices: lines of the source and the model, to stand among the warnings.

    """

    source_kind: str
    frames_per_s: float
    pose_ms_p50: float
    coach_ms_p50: float
    coach_ms_p99: float
    version: str
    model: str = "none"
    model_sha256: str = ""
    other_people: int | None = None
    notices: tuple[str, ...] = ()
    leg_swaps_repaired: int | None = None
    subject_switches: int | None = None
    engine: str = "none"
