"""What the virtual runner acts out, and the parameters of one performance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.coach.errors import WorldError
from app.coach.types import Facing


class Act(StrEnum):
    """Good form, the acted faults of the running table, the starting-line poses, the whole exam, and the drills."""

    GOOD = "good"
    UPRIGHT = "upright"
    OVER_LEAN = "over_lean"
    PELVIS_DRIFT = "pelvis_drift"
    HIP_SQUEEZE = "hip_squeeze"
    ANKLE_LEAN = "ankle_lean"
    STANDING_UP = "standing_up"
    OVERSTRIDE = "overstride"
    STANCE_GOOD = "stance_good"
    STANCE_UPRIGHT = "stance_upright"
    STANCE_OVER_LEAN = "stance_over_lean"
    STANCE_PELVIS_DRIFT = "stance_pelvis_drift"
    STANCE_HIP_SQUEEZE = "stance_hip_squeeze"
    STANCE_ANKLE_LEAN = "stance_ankle_lean"
    STANCE_TALL = "stance_tall"
    EXAM = "exam"
    DRILL_HINGE = "drill_hinge"
    DRILL_START_LINE = "drill_start_line"
    DRILL_ATHLETIC = "drill_athletic"
    DRILL_TUNNEL_MARCH = "drill_tunnel_march"

    @property
    def is_running(self) -> bool:
        """Whether the act runs on a moving belt."""
        return self is not Act.EXAM and not self.value.startswith(("stance_", "drill_"))


@dataclass(frozen=True, slots=True)
class RunnerParams:
    """One performance of the virtual runner.

    Attributes:
        act: what is acted; it is reached smoothly from ``t_s = standing_s`` on.
        height_cm: stature, floor to crown, standing in shoes.
        speed_m_s: belt speed, 2.0 to 5.0 (running acts only).
        facing: image direction of running; LEFT is the exact mirror image of RIGHT.
        standing_s: length of the relaxed standing before the act.
        magnitude: size of the fault; 1 = the full acted fault, 0.5 = half, 0 = good form.
        seed: selects the natural step-to-step variation and the sway.
        variation: scale of that variation; 0 makes every step equal and standing perfectly still.

    Raises:
        WorldError: a value outside what a runner can be.
    """

    act: Act = Act.GOOD
    height_cm: float = 178.0
    speed_m_s: float = 3.3
    facing: Facing = Facing.RIGHT
    standing_s: float = 3.0
    magnitude: float = 1.0
    seed: int = 0
    variation: float = 1.0

    def __post_init__(self) -> None:
        if not 100.0 <= self.height_cm <= 230.0:
            raise WorldError(f"height must be 100 to 230 cm, got {self.height_cm:g}")
        if not 2.0 <= self.speed_m_s <= 5.0:
            raise WorldError(f"speed must be 2 to 5 m/s, got {self.speed_m_s:g}")
        if self.standing_s < 0.0:
            raise WorldError(f"standing time must not be negative, got {self.standing_s:g} s")
        if not 0.0 <= self.magnitude <= 2.0:
            raise WorldError(f"magnitude must be 0 to 2, got {self.magnitude:g}")
        if self.seed < 0 or self.variation < 0.0:
            raise WorldError("seed and variation must not be negative")

    @property
    def height_m(self) -> float:
        """Stature in metres."""
        return self.height_cm / 100.0
