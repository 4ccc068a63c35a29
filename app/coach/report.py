"""What the coach says about one frame: samples for the plots, the lines to draw, faults, cues, events.

Everything here is an immutable answer of `CoachModel.update`; nothing in it refers back to the model.
Angles are degrees, forward +; heights named ``below_standing`` are positive when the head is lower than in
the runner's standing reference; ``_bh`` is a fraction of body height. NaN = not measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from app.coach.reps import DrillReport
from app.coach.types import Facing, FloatArray, ViewKind


class Mode(StrEnum):
    """What is judged: running, the starting-line stance, whichever of both is going on, or a drill."""

    RUN = "run"
    STANCE = "stance"
    AUTO = "auto"
    DRILL = "drill"


class Activity(StrEnum):
    """What the body is doing now."""

    NOBODY = "nobody"
    UNKNOWN = "unknown"
    STANDING = "standing"
    STANCE = "stance"
    WALKING = "walking"
    ON_THE_SPOT = "on_the_spot"
    RUNNING = "running"

    @property
    def words(self) -> str:
        """What to call it."""
        return self.value.replace("_", " ")

    @property
    def going(self) -> bool:
        """Whether the feet go, on a belt or on the spot."""
        return self in (Activity.WALKING, Activity.ON_THE_SPOT, Activity.RUNNING)


class FaultId(StrEnum):
    """Ids of the faults; the stance uses the same words (`tall`, `no_stagger` are its own)."""

    UPRIGHT = "upright"
    OVER_LEAN = "over_lean"
    PELVIS_DRIFT = "pelvis_drift"
    HIP_SQUEEZE = "hip_squeeze"
    ANKLE_LEAN = "ankle_lean"
    STANDING_UP = "standing_up"
    OVERSTRIDE = "overstride"
    TALL = "tall"
    NO_STAGGER = "no_stagger"


#: Hip to crown of an adult, BH (.290 trunk + .087 to the ear, biomechanics D; the rest to the top of the head).
HIP_TO_CROWN_BH = 0.44
GOOD = "good"
NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class FormSample:
    """The instantaneous numbers behind the live plots (NaN where not measured in this frame).

    Attributes:
        t_s: time of the frame.
        trunk_lean_deg: hip->shoulder inclination, relative to standing where there is a reference.
        hip_flexion_deg: trunk lean + thigh angle of the stance (lower) leg; hip bent +.
        knee_flexion_deg: of the stance (lower) leg; bent +.
        head_below_standing_bh: head (its top, else the ear) below its standing height, fraction of body height.
        head_below_standing_cm: the same in cm; NaN without a stature.
    """

    t_s: float
    trunk_lean_deg: float
    hip_flexion_deg: float
    knee_flexion_deg: float
    head_below_standing_bh: float
    head_below_standing_cm: float


@dataclass(frozen=True, slots=True, eq=False)
class TrunkLine:
    """The ear-to-rear-foot line of this frame, in image px, and how the body sits on it.

    Attributes:
        ear_px, foot_px: (2,) ends of the line: mean ear; rear ankle (stance) or rear toe (running).
        hip_px: (2,) mid-hip.
        hip_offset_bh: hip ahead of the line +, fraction of body height (minus standing in the stance).
        shoulder_offset_bh: the shoulder's offset, same sign.
        angle_deg: inclination of the line, forward +, relative to standing where there is a reference.
        judged: whether the line is judged: in a hold; in running once there are enough steps (the offset is then
            the newest push-offs' median, as nobody is straight at any other instant).
        good: whether the hip is on the line (within the band); False where not judged.
    """

    ear_px: FloatArray
    foot_px: FloatArray
    hip_px: FloatArray
    hip_offset_bh: float
    shoulder_offset_bh: float
    angle_deg: float
    judged: bool
    good: bool


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The tunnel as it stands now. The ``_y_px`` rows are image rows to draw, NaN where unknown.

    Attributes:
        standing_y_px, goal_y_px, roof_y_px, head_y_px: standing head, goal roof, personal roof, head now.
        roof_below_standing_bh: height of the roof below the standing head.
        clearance_bh: roof minus head now; negative = through the roof.
        steps, hits: steps counted and roof hits among them, under this roof or its provisional forerunner.
        hits_of_last_8: hits among the newest eight steps.
        clean_run, longest_clean_run: steps in a row inside, neither a hit nor below the floor, now and best.
        personal: False while the roof is still the goal (fewer than the steps a personal roof needs).
        risen: the newest three peaks together say that the runner has come up (shown at once; spoken of with hits).
        floor_y_px, floor_below_standing_bh: how low the head may sink; NaN until the roof is personal.
        below_floor: whether the newest step collapsed, through the floor or with its knees bent too far.
        below_floor_steps: how many did. share_inside: share of the counted steps inside the tunnel, 0..1.
    """

    standing_y_px: float
    goal_y_px: float
    roof_y_px: float
    head_y_px: float
    roof_below_standing_bh: float
    roof_below_standing_cm: float
    clearance_bh: float
    steps: int
    hits: int
    hits_of_last_8: int
    clean_run: int
    longest_clean_run: int
    personal: bool
    risen: bool = False
    floor_y_px: float = float("nan")
    floor_below_standing_bh: float = float("nan")
    below_floor: bool = False
    below_floor_steps: int = 0
    share_inside: float = float("nan")


@dataclass(frozen=True, slots=True)
class Step:
    """One finished running step (midstance to midstance) and what was measured in it.

    Attributes:
        t_s: midstance time. push_off_s: fastest upward trunk. initial_contact_s / toe_off_s: contact, NaN unknown.
        side: "near", "far", "left", "right" or "unknown" (the coach never trusts the network's leg labels).
        peak_below_standing_bh: highest head (its top, else the ear) of the step against standing; + below.
        trough_below_standing_bh: lowest head.
        trunk_lean_deg: mean over the step. hip_flexion_deg, knee_flexion_deg, shank_deg: at midstance.
        line_offset_bh: hip ahead of the ear->rear-toe line at push-off. line_angle_deg: the line's inclination.
        reach_ll: furthest-forward front ankle ahead of the hip, fraction of leg length.
        vertical_oscillation_bh: head's peak minus the mean of its two troughs.
        duration_s: midstance to midstance. hit: the head peak went through the roof.
        reach_of_travel: the reach as a share of the way the foot then goes back on the belt until toe-off; unlike
            ``reach_ll`` it hardly changes with speed.
        head_turned: the face was turned to or from the camera: ear and line are not where they seem, nothing is
            judged by this step.
        lean_from_hip_deg, lean_from_ankle_deg: at midstance, hip flexion and shank tilt of the stance leg, both
            relative to standing: what tips the trunk forward (lean = hip + ankle - knee flexion). NaN without standing
            angles.
        hip_share: hip / (hip + ankle) of those two, 0..1: 1 = all from the hip (hinge), 0 = all from the ankle.
        weight_shift: where the hip is between the rear toe as it leaves the ground (0) and the front ankle at its
            furthest reach (1).
        peak_below_roof_bh: head peak below the roof as it stood at this step, + clear, - through it; NaN before the
            roof counts.
        frames_per_s: rate of the frames that the step was measured from.
    """

    t_s: float
    push_off_s: float
    initial_contact_s: float
    toe_off_s: float
    side: str
    peak_below_standing_bh: float
    trough_below_standing_bh: float
    trunk_lean_deg: float
    hip_flexion_deg: float
    knee_flexion_deg: float
    shank_deg: float
    line_offset_bh: float
    line_angle_deg: float
    reach_ll: float
    vertical_oscillation_bh: float
    duration_s: float
    hit: bool
    reach_of_travel: float = float("nan")
    head_turned: bool = False
    lean_from_hip_deg: float = float("nan")
    lean_from_ankle_deg: float = float("nan")
    hip_share: float = float("nan")
    weight_shift: float = float("nan")
    peak_below_roof_bh: float = float("nan")
    frames_per_s: float = float("nan")

    @property
    def thigh_deg(self) -> float:
        """Thigh ahead of upright at midstance: hip flexion without the trunk's lean (the step's mean)."""
        return self.hip_flexion_deg - self.trunk_lean_deg

    @property
    def midstance_drop_bh(self) -> float:
        """How much lower the hips are at midstance than in standing: the head's trough less what the lean lowers it.

        A trunk and head of length HIP_TO_CROWN_BH, leaning by theta, lower the crown by that times (1 - cos theta). The
        crown is seen to 2 mm, so this tells a body that has risen far better than the network's knee does: SD of a
        step 0.3 % BH, where good form and standing up differ by 2 %.
        """
        return self.trough_below_standing_bh - HIP_TO_CROWN_BH * (1.0 - math.cos(math.radians(self.trunk_lean_deg)))


@dataclass(frozen=True, slots=True)
class StanceValues:
    """The starting-line measures of coaching D1; angles in deg, lengths in % of body height.

    theta_l: ear->rear-ankle line; theta_t: trunk lean; d_h: hip ahead of the line; front_load: front hip +
    knee flexion; drop: ear below standing; weight_shift: hip between rear (0) and front (1) ankle;
    stagger: ankles apart.
    """

    theta_l_deg: float
    theta_t_deg: float
    d_h_bh_pct: float
    front_load_deg: float
    front_knee_deg: float
    rear_knee_deg: float
    front_shank_deg: float
    drop_bh_pct: float
    weight_shift: float
    stagger_bh_pct: float


@dataclass(frozen=True, slots=True)
class Hold:
    """A still starting-line position: ``verdict`` is "good", a FaultId value or "not_judged"."""

    start_s: float
    end_s: float
    verdict: str
    values: StanceValues


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that is on now: the deciding value against its threshold, and over how many steps."""

    id: FaultId
    value: float
    threshold: float
    unit: str
    steps: int


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing to say now.

    Attributes:
        id: of the cue, e.g. "tunnel" or "praise"; names the sound file and the picture.
        spoken, shown: the words for the voice and (shorter) for the screen.
        t_s: when it was decided. expires_s: after this it must not be played any more.
        priority: lower number = more urgent.
        because: fault id that caused it ("" for praise and set-up). steps: numbers of the steps behind it.
        value, threshold, unit: the deciding measure. values: the same measure in each of ``steps``.
    """

    id: str
    spoken: str
    shown: str
    t_s: float
    expires_s: float
    priority: int
    because: str = ""
    steps: tuple[int, ...] = ()
    value: float = float("nan")
    threshold: float = float("nan")
    unit: str = ""
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class StandingStatus:
    """Where the standing reference stands.

    Attributes:
        source: "none", "height", "recorded", "stored" (of an earlier session) or "file".
        capturing: a capture is under way. progress: 0..1 of its still seconds.
        message: one line for the runner: what to do, why refused, or that it is taken.
    """

    source: str
    capturing: bool
    progress: float
    message: str


@dataclass(frozen=True, slots=True)
class CoachReport:
    """Everything the coach says about one frame.

    Attributes:
        step: the running step that was completed by this frame (None mostly). hold: the current still stance.
        faults: on now, most important first. cue: newly decided in this frame, else None.
        verdict: "good", a fault id, or "not_judged". not_judged_because: one line, "" when judged.
        cadence_spm: from the newest steps, NaN unknown.
        unsaid: why the newest step brought no cue, "" where it did.
        roof_hit: the head peak that this frame confirmed went through the roof: sound the bump now. (`step`
            follows only at the next midstance, too late for a bump.)
        drill: where the drill stands, None outside of one.
        silent: this is a minute without feedback, by the dose or for the retention.
    """

    t_s: float
    activity: Activity
    facing: Facing
    view: ViewKind
    yaw_deg: float
    sample: FormSample
    line: TrunkLine | None
    tunnel: Tunnel | None
    standing: StandingStatus
    step: Step | None
    hold: Hold | None
    faults: tuple[ActiveFault, ...]
    cue: Cue | None
    verdict: str
    not_judged_because: str
    cadence_spm: float
    roof_hit: bool = False
    unsaid: str = ""
    drill: DrillReport | None = None
    silent: bool = False

    def repeated(self) -> CoachReport:
        """Return the report without what must not happen twice."""
        return replace(self, step=None, cue=None, roof_hit=False)
