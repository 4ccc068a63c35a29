"""The standing reference: the runner's own relaxed standing, from which everything is measured."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace

from app.coach.errors import WorldError
from app.coach.filters import median
from app.coach.geometry import NAN, Body, distance, inclination_deg, midpoint, offset_from_line, seen
from app.coach.report import StandingStatus
from app.coach.standing_quality import StandingQuality, standing_quality
from app.coach.types import Facing, RunnerProfile

#: Body height over standing ear height above the floor, and height of heel and toe landmarks above it, fraction of
#: body height (biomechanics D: 1.077; D1: ankle .062, heel .030 and toe .034 below it).
BH_PER_EAR_HEIGHT = 1.077
FOOT_LANDMARK_BH = 0.030
#: Segments as fractions of body height, and leg length (hip-knee-ankle) (biomechanics D1).
THIGH_BH, SHANK_BH, TRUNK_BH = 0.245, 0.240, 0.290
LEG_LENGTH_BH = THIGH_BH + SHANK_BH
#: Still seconds wanted, and the least that is taken when the runner moves off early.
STILL_WANTED_S = 3.0
STILL_LEAST_S = 1.0
#: Stillness is looked for over the last second.
STILL_WINDOW_S = 1.0
#: Stillness: ear and hip move less than this per second, fraction of body height (biomechanics D1).
STILL_SPEED_BH_S = 0.03
#: Refusal limits of a standing pose (biomechanics, open risks): trunk, knees, feet.
MAX_TRUNK_DEG = 8.0
MAX_KNEE_DEG = 15.0
MAX_FEET_APART_BH = 0.06
#: Shoulder width (between the joints) over body height of an adult: biacromial .204 BH (peers.md, section 3).
SHOULDERS_BH = 0.204
#: Feet side by side under the hips: standing feet may be so far apart, fraction of body height (.08 BH between the
#: ankles of the virtual runner).
MAX_FEET_APART_FRONT_BH = 0.16
#: A file's marker set may put the hip elsewhere; such a trunk is accepted with a warning up to here.
MAX_TRUNK_FILE_DEG = 15.0
#: A pose that is no standing for longer than this ends the capture; a single odd frame is left out.
ODD_FRAMES_S = 0.25
#: Legs of one body at one distance measure the same standing and running: to 2 % through the network on rendered
#: runners, to 2 % between the segments of a real one (biomechanics A). A separate recording beyond the first is
#: rescaled; a reference of this recording beyond the second is somebody else's, or the camera moved.
SAME_SCALE_TOLERANCE = 0.03
STALE_SCALE_TOLERANCE = 0.07
#: Ear over ankles in relaxed standing, as the network sees it with a level camera: 1.7 to 2.3 deg ahead (three looks,
#: both facings); a camera rolled by 3 deg moves it by 3.0. By the true joints of the virtual runner it is 0.8.
LEVEL_LINE_DEG, LEVEL_LINE_MARKERS_DEG = 2.0, 0.8


@dataclass(frozen=True, slots=True)
class StandingReference:
    """Medians of a relaxed standing.

    Attributes:
        source: "recorded", "stored" (recorded in another session), "file" or "height" (scale only, no angles).
        ear_y_px: ear height above the image origin (up +; meaningful in the same recording only).
        ear_height_px: ear height above the feet's lowest landmarks.
        crown_y_px, crown_height_px: the same of the top of the head; NaN where it was not seen.
        body_height_px, leg_length_px: BH and hip-knee-ankle length.
        leg_reach_px: straight distance from hip to ankle: the leg's length if its knee were straight.
        trunk_deg: absolute inclination hip->shoulder.
        line_deg: inclination of the mid-ankle->ear line.
        hip_offset_px, shoulder_offset_px: their offsets from that line, ahead +.
        knee_deg: absolute knee flexion of standing. shank_deg: absolute shank inclination.
        still_s: seconds it was taken over. height_cm: stature told by the runner or None.
        from_front: seen from the front: heights and scale only, no angles.
        facing, image_size_px: the way forward, and the picture's size, when it was taken.
        floor_y_px: height of the lowest foot point above the image origin (up +; as `ear_y_px`).
        level_deg: ``line_deg`` of a level camera, by this kind of landmarks; the rest is the camera's roll, or a lean.
        quality: how much the standing scattered, None unknown.
        stale: of a stored one: why its heights cannot hold here, known beforehand; "" nothing is known against them.
    """

    source: str
    ear_y_px: float
    ear_height_px: float
    body_height_px: float
    leg_length_px: float
    leg_reach_px: float
    trunk_deg: float
    line_deg: float
    hip_offset_px: float
    shoulder_offset_px: float
    knee_deg: float
    still_s: float
    height_cm: float | None = None
    crown_y_px: float = NAN
    crown_height_px: float = NAN
    shank_deg: float = NAN
    from_front: bool = False
    facing: Facing = Facing.UNKNOWN
    image_size_px: tuple[int, int] = (0, 0)
    floor_y_px: float = NAN
    level_deg: float = LEVEL_LINE_DEG
    quality: StandingQuality | None = None
    stale: str = ""

    @property
    def roll_deg(self) -> float:
        """Roll of the camera by the standing line, deg; + turns the picture counter-clockwise. NaN unknown.

        A runner who leans as he stands looks the same: good to 2 deg or so.
        """
        return math.nan if self.from_front else self.facing.sign * (self.level_deg - self.line_deg)

    @property
    def px_per_cm(self) -> float:
        """Scale in the runner's plane; NaN without a stature."""
        return self.body_height_px / self.height_cm if self.height_cm else NAN

    @property
    def has_angles(self) -> bool:
        """Whether the standing angles are known (not for a reference made from the stature alone)."""
        return math.isfinite(self.trunk_deg)

    @property
    def has_heights(self) -> bool:
        """Whether it is known how high the head stands."""
        return math.isfinite(self.ear_y_px)

    @property
    def provisional(self) -> bool:
        """Whether it was taken over less than the wanted still seconds: good until a full one comes."""
        return self.source == "recorded" and self.still_s < 0.75 * STILL_WANTED_S

    def without_heights(self) -> StandingReference:
        """Return the reference with angles and scale only: rows of another picture mean nothing in this one."""
        return replace(self, ear_y_px=NAN, crown_y_px=NAN, floor_y_px=NAN)

    def rescaled(self, factor: float) -> StandingReference:
        """Return the reference with every length multiplied by ``factor`` (another camera distance)."""
        return replace(
            self,
            ear_y_px=self.ear_y_px * factor,
            ear_height_px=self.ear_height_px * factor,
            crown_y_px=self.crown_y_px * factor,
            crown_height_px=self.crown_height_px * factor,
            floor_y_px=self.floor_y_px * factor,
            body_height_px=self.body_height_px * factor,
            leg_length_px=self.leg_length_px * factor,
            leg_reach_px=self.leg_reach_px * factor,
            hip_offset_px=self.hip_offset_px * factor,
            shoulder_offset_px=self.shoulder_offset_px * factor,
        )


def body_height_estimate_px(body: Body) -> float:
    """Return a first guess of body height, px, from the legs (any pose) or the trunk; NaN if neither shows."""
    leg_px = body.leg_length_px()
    return leg_px / LEG_LENGTH_BH if leg_px > 0 else body.trunk_px / TRUNK_BH


def reference_from_height(leg_length_px: float, profile: RunnerProfile) -> StandingReference:
    """Return a scale-only reference from the running leg length, for a runner never seen standing."""
    return StandingReference(
        source="height",
        ear_y_px=NAN,
        ear_height_px=NAN,
        body_height_px=leg_length_px / LEG_LENGTH_BH,
        leg_length_px=leg_length_px,
        leg_reach_px=leg_length_px,
        trunk_deg=NAN,
        line_deg=NAN,
        hip_offset_px=NAN,
        shoulder_offset_px=NAN,
        knee_deg=NAN,
        still_s=0.0,
        height_cm=profile.height_cm,
    )


def reference_from_bodies(bodies: list[Body], profile: RunnerProfile, source: str) -> StandingReference:
    """Return the medians of still, standing bodies. Raises WorldError where the whole body is not there."""

    def over(numbers: list[float]) -> float:
        return median(numbers)

    ear_height = over([b.ear[1] - b.feet_y_px for b in bodies])
    if not ear_height > 0:
        raise WorldError("no standing reference: ears and feet are not both in view; show the whole body")
    crowns = [b for b in bodies if seen(b.crown)]
    if len(crowns) < 0.5 * len(bodies):
        crowns = []
    lines = []
    for b in bodies:
        foot = midpoint(b.legs[0].ankle, b.legs[1].ankle)
        lines.append(
            (
                inclination_deg(foot, b.ear),
                offset_from_line(foot, b.ear, b.hip),
                offset_from_line(foot, b.ear, b.shoulder),
            )
        )
    body_height_px = BH_PER_EAR_HEIGHT * ear_height / (1.0 - BH_PER_EAR_HEIGHT * FOOT_LANDMARK_BH)
    return StandingReference(
        source=source,
        ear_y_px=over([b.ear[1] for b in bodies]),
        ear_height_px=ear_height,
        body_height_px=body_height_px,
        leg_length_px=over([b.leg_length_px() for b in bodies]),
        leg_reach_px=over([distance(b.hip, leg.ankle) for b in bodies for leg in b.known_legs]),
        trunk_deg=over([b.trunk_deg for b in bodies]),
        line_deg=over([line[0] for line in lines]),
        hip_offset_px=over([line[1] for line in lines]),
        shoulder_offset_px=over([line[2] for line in lines]),
        knee_deg=over([b.knee_deg(leg) for b in bodies for leg in b.known_legs]),
        still_s=bodies[-1].t_s - bodies[0].t_s,
        height_cm=profile.height_cm,
        crown_y_px=over([b.crown[1] for b in crowns]),
        crown_height_px=over([b.crown[1] - b.feet_y_px for b in crowns]),
        shank_deg=over([inclination_deg(leg.ankle, leg.knee) for b in bodies for leg in b.known_legs]),
        facing=bodies[-1].facing,
        image_size_px=bodies[-1].image_size_px,
        floor_y_px=over([b.lowest_y_px for b in bodies]),
        level_deg=LEVEL_LINE_MARKERS_DEG if bodies[-1].markers else LEVEL_LINE_DEG,
        quality=standing_quality(bodies, body_height_px),
    )


def reference_from_front(bodies: list[Body], profile: RunnerProfile) -> StandingReference:
    """Return heights and scale of a standing seen from the front; its angles are not known.

    The scale is the mean of what leg length and shoulder width say: the toes, nearer to the camera and below it,
    would make the runner 8 % too tall.
    """
    leg_px = median(b.leg_length_px() for b in bodies)
    shoulders_px = median(abs(b.shoulder_width_px) for b in bodies)
    crowns = [b for b in bodies if seen(b.crown)]
    if len(crowns) < 0.5 * len(bodies):
        crowns = []
    return StandingReference(
        source="recorded",
        ear_y_px=median(b.ear[1] for b in bodies),
        ear_height_px=median(b.ear[1] - b.feet_y_px for b in bodies),
        body_height_px=(leg_px / LEG_LENGTH_BH + shoulders_px / SHOULDERS_BH) / 2.0,
        leg_length_px=leg_px,
        leg_reach_px=leg_px,
        trunk_deg=NAN,
        line_deg=NAN,
        hip_offset_px=NAN,
        shoulder_offset_px=NAN,
        knee_deg=NAN,
        still_s=bodies[-1].t_s - bodies[0].t_s,
        height_cm=profile.height_cm,
        crown_y_px=median(b.crown[1] for b in crowns),
        crown_height_px=median(b.crown[1] - b.feet_y_px for b in crowns),
        from_front=True,
        image_size_px=bodies[-1].image_size_px,
        floor_y_px=median(b.lowest_y_px for b in bodies),
    )


def why_not_standing(
    body: Body, body_height_px: float, max_trunk_deg: float = MAX_TRUNK_DEG, max_apart_bh: float = MAX_FEET_APART_BH
) -> str:
    """Return why this pose is no relaxed standing, as one line for the runner; "" where it is one."""
    if not body.trunk_seen or not body.known_legs or not math.isfinite(body.lowest_y_px):
        return "Step back until the camera sees you from head to feet"
    if abs(body.trunk_deg) > max_trunk_deg:
        return "Stand tall and relaxed: the trunk is leaning"
    if max(abs(body.knee_deg(leg)) for leg in body.known_legs) > MAX_KNEE_DEG:
        return "Stand tall: straighten your knees"
    if body.split_px > max_apart_bh * body_height_px:
        return "Feet together, side by side"
    return ""


class StandingCapture:
    """Collects still standing seconds and makes the reference of them.

    Runs always while there is no reference (walk in, stand still: taken), and on request afterwards.
    """

    def __init__(self, profile: RunnerProfile) -> None:
        self._profile = profile
        self._bodies: deque[Body] = deque()
        self._why = ""
        self._odd_since_s = NAN
        self._from_front = False

    def reset(self) -> None:
        """Forget what was collected."""
        self._bodies.clear()
        self._why = ""
        self._odd_since_s = NAN

    @property
    def still_s(self) -> float:
        """Still standing seconds collected so far."""
        return self._bodies[-1].t_s - self._bodies[0].t_s if self._bodies else 0.0

    def status(self, source: str) -> StandingStatus:
        """Return the state to show while capturing."""
        progress = min(self.still_s / STILL_WANTED_S, 1.0)
        if progress > 0.1:
            message = "Stand tall and still"
        else:
            message = self._why or "Stand tall, side-on to the camera, arms down"
        return StandingStatus(source, True, progress, message)

    def update(self, body: Body, from_front: bool = False) -> StandingReference | None:
        """Take one frame; return the reference when enough still seconds are there.

        Moving off after STILL_LEAST_S gives the shorter reference: a runner who starts early is still judged.
        """
        height_px = body_height_estimate_px(body)
        if from_front is not self._from_front:
            self.reset()
            self._from_front = from_front
        apart_bh = MAX_FEET_APART_FRONT_BH if from_front else MAX_FEET_APART_BH
        why = why_not_standing(body, height_px, max_apart_bh=apart_bh)
        if not why:
            self._odd_since_s = NAN
            self._bodies.append(body)
        elif self._odd_since_s != self._odd_since_s:
            self._odd_since_s = body.t_s
        odd = bool(why) and (not self._bodies or body.t_s - self._odd_since_s >= ODD_FRAMES_S)
        if odd or not self._still(height_px):
            self._why = why
            taken = self._finish() if self.still_s >= STILL_LEAST_S else None
            self._bodies.clear()
            return taken
        return self._finish() if self.still_s >= STILL_WANTED_S else None

    def _still(self, height_px: float) -> bool:
        """Whether ear and hip stayed put over the last second: medians of its halves, so that noise averages."""
        bodies = self._bodies
        if len(bodies) > 1 and bodies[-1].t_s - bodies[-2].t_s > 0.5:
            return False
        recent = [b for b in bodies if bodies[-1].t_s - b.t_s <= STILL_WINDOW_S]
        if len(recent) < 4 or recent[-1].t_s - recent[0].t_s < 0.6 * STILL_WINDOW_S:
            return True
        older, newer = recent[: len(recent) // 2], recent[len(recent) // 2 :]
        span_s = median(b.t_s for b in newer) - median(b.t_s for b in older)
        allowed_px = max(STILL_SPEED_BH_S * span_s * height_px, 1.5)
        numbers = (lambda b: b.ear[0], lambda b: b.ear[1], lambda b: b.hip[0])
        return all(abs(median(map(n, newer)) - median(map(n, older))) < allowed_px for n in numbers)

    def _finish(self) -> StandingReference:
        # The first and last tenths hold the settling in and the moving off.
        bodies = list(self._bodies)
        edge = len(bodies) // 10
        kept = bodies[edge : len(bodies) - edge] if len(bodies) >= 10 else bodies
        self._bodies.clear()
        if self._from_front:
            return reference_from_front(kept, self._profile)
        return reference_from_bodies(kept, self._profile, "recorded")


def reference_from_recording(bodies: list[Body], profile: RunnerProfile) -> tuple[StandingReference, str]:
    """Return the reference of a separate standing recording and a warning ("" for none).

    Uses the frames that show a standing body. Raises WorldError, with the reason, if fewer than half do.
    """
    usable, reasons = [], []
    for body in bodies:
        why = why_not_standing(body, body_height_estimate_px(body), MAX_TRUNK_FILE_DEG)
        if why:
            reasons.append(why)
        else:
            usable.append(body)
    if not usable or len(usable) < 0.5 * len(bodies):
        reason = max(set(reasons), key=reasons.count) if reasons else "nobody is in it"
        raise WorldError(f"the standing recording shows no relaxed standing ({reason}); record 3 s of standing tall")
    reference = reference_from_bodies(usable, profile, "file")
    warning = ""
    if abs(reference.trunk_deg) > MAX_TRUNK_DEG:
        warning = (
            f"the standing recording leans {reference.trunk_deg:.1f} deg: its markers or its pose are unusual; "
            "angles are relative to it all the same"
        )
    return reference, warning
