"""The checks of the set-up guide: each looks at the newest second and says pass, fail or unknown, and with what value.

Thresholds beside each check, with where they come from. Words are in ``setup.toml``; a code names the way to fail.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.coach.geometry import NAN
from app.coach.setup_look import WINDOW_S, Watch
from app.coach.setup_words import CheckId
from app.coach.standing import LEVEL_LINE_DEG, LEVEL_LINE_MARKERS_DEG
from app.coach.types import Doubt, Facing, RunnerProfile, ViewKind

#: Frames per second: below the first the coach judges nothing (`model.LEAST_FPS`), from the second on it judges
#: everything but contact times, which take the third (contact ends are told to a frame: 20 ms of 230).
JUDGED_FPS, GOOD_FPS, CONTACT_FPS = 14.6, 24.0, 50.0
#: Luma, 0..255. Dark: the picture's mean and its bright parts are below these; the virtual room has 187 and 228, dimmed
#: to 0.3 of it 56 and 68, to 0.5 94 and 114. Flat: no contrast at all.
DARK_MEAN, DARK_HIGH = 60.0, 90.0
FLAT_CONTRAST = 8.0
#: Backlit: even the body's brighter places (skin among them) are dark, and the picture's bright parts are not.
BACKLIT_BODY, BACKLIT_HIGH = 55.0, 180.0
#: A camera that was moved is given so long to come to rest; one that moves again and again, so long.
MOVED_S, HELD_S = 1.5, 4.0
#: After a change of person somebody else is taken to be there still for so long, s.
OTHERS_S = 3.0
#: Body height over picture height (coaching.md); what is aimed at when told to move.
LEAST_SIZE, MOST_SIZE, AIM_SIZE = 0.60, 0.85, 0.72
#: Focal length of a laptop's camera over its picture's longer side (70 degrees wide).
FOCAL_PER_SIDE = 0.711
USUAL_STATURE_M, STEP_M = 1.72, 0.70
#: Room that must stay: over the crown for bounce and standing up (a runner's head moves within 6 % BH, below standing
#: height), below the feet, and around the hip for arms and legs (reach .17 BH ahead, rear toe .40 BH behind).
ROOM_ABOVE_BH, ROOM_BELOW = 0.03, 0.005
ROOM_AHEAD_BH, ROOM_BEHIND_BH = 0.30, 0.42
#: Share of frames without the point, or with leaps, from which something is in the way.
MISSING_SHARE, LEAPING_SHARE = 0.3, 0.15
#: Visibility of the better side below which the network itself takes hip or foot for hidden: free feet have .88 to .98
#: (in the dark .66), feet behind a board or outside the picture .35.
HIDDEN_VISIBILITY = 0.5
#: Turned further than this is told, though more is still judged (`view.SIDE_MAX_YAW_DEG`): a rendered runner who stands
#: turned by 30 degrees is read as 23 through the network, one side-on as 2 to 6.
TURNED_DEG = 18.0
#: Roll from which the camera is told to be tilted, deg (`reference.TILTED_DEG`).
TILTED_DEG = 3.5
NO_DETAIL: Mapping[str, str] = {}


class CheckState(StrEnum):
    """How a check stands."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Picture:
    """Brightness and contrast of one picture, luma 0..255, from a subsampled copy (`app.session.light`).

    Attributes:
        mean: of the whole picture. low, high: 5th and 95th percentile.
        body_high: 90th percentile of small patches at the body's landmarks; NaN without a body.
        camera_fps: frames per second that the camera gives, NaN unknown; that of the poses is measured here.
        rail: whether a rail was seen across the hips (`app.session.rail`).
    """

    mean: float
    low: float
    high: float
    body_high: float = NAN
    camera_fps: float = NAN
    rail: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says now.

    Attributes:
        code: of the way to fail ("" = passed, or nothing to say). value, unit: the measured number.
        detail: further words to fill in. blocking: False for what is told but may stay.
    """

    state: CheckState
    value: float = NAN
    unit: str = ""
    code: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    blocking: bool = True


UNKNOWN = Finding(CheckState.UNKNOWN)
#: A source without pictures has no light to judge.
NOT_LOOKED_AT = Finding(CheckState.UNKNOWN, blocking=False)


def _passed(value: float = NAN, unit: str = "") -> Finding:
    return Finding(CheckState.PASS, value, unit)


def _failed(
    code: str, value: float = NAN, unit: str = "", detail: Mapping[str, str] = NO_DETAIL, blocking: bool = True
) -> Finding:
    return Finding(CheckState.FAIL, value, unit, code, detail, blocking)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the checks look at: the watched poses, the newest picture, other people if counted, the runner."""

    watch: Watch
    picture: Picture | None
    others: int | None
    profile: RunnerProfile
    tunnel_only: bool


def check_rate(scene: Scene) -> Finding:
    """True frames per second of the poses; who is slow, the camera or the computer, tells what to do."""
    fps = scene.watch.frames_per_s
    if fps != fps:
        return UNKNOWN
    if fps >= GOOD_FPS - 0.5:
        return _passed(fps, "fps")
    camera_fps = scene.picture.camera_fps if scene.picture is not None else NAN
    code = "computer" if camera_fps >= GOOD_FPS - 0.5 else "camera"
    return _failed(code, fps, "fps", blocking=fps < JUDGED_FPS)


def check_light(scene: Scene) -> Finding:
    """Too dark, nothing to see at all, or a dark body before a bright background."""
    picture = scene.picture
    if picture is None or not math.isfinite(picture.mean):
        return NOT_LOOKED_AT
    if picture.high - picture.low < FLAT_CONTRAST:
        return _failed("flat" if picture.mean >= DARK_MEAN else "dark", picture.mean, "luma")
    if picture.mean < DARK_MEAN and picture.high < DARK_HIGH:
        return _failed("dark", picture.mean, "luma")
    if picture.body_high < BACKLIT_BODY and picture.high > BACKLIT_HIGH:
        return _failed("backlit", picture.body_high, "luma")
    return _passed(picture.mean, "luma")


def check_steady(scene: Scene) -> Finding:
    """The camera stands still."""
    if scene.watch.doubted_within(Doubt.CAMERA_UNSTEADY, HELD_S):
        return _failed("held")
    if scene.watch.doubted_within(Doubt.CAMERA_MOVED, MOVED_S):
        return _failed("moved")
    return _passed() if scene.watch.span_s >= 0.5 * WINDOW_S else UNKNOWN


def check_person(scene: Scene) -> Finding:
    """Somebody is there, and nobody else."""
    watch = scene.watch
    if (scene.others or 0) > 0 or watch.absence or watch.doubted_within(Doubt.SOMEBODY_ELSE, OTHERS_S):
        return _failed("others", 1.0 + max(scene.others or 0, 1), "people")
    if watch.somebody:
        return _passed(1.0, "people")
    return _failed("nobody", 0.0, "people") if watch.span_s >= 0.5 * WINDOW_S else UNKNOWN


def check_size(scene: Scene) -> Finding:
    """How much of the picture's height the body fills, and by how much to move."""
    watch = scene.watch
    height_px = watch.image_size_px[1]
    if not (watch.somebody and height_px > 0):
        return UNKNOWN
    share = watch.usual("body_px") / height_px
    if share != share:
        return UNKNOWN
    if LEAST_SIZE <= share <= MOST_SIZE:
        return _passed(100.0 * share, "%")
    stature_m = (scene.profile.height_cm or 100.0 * USUAL_STATURE_M) / 100.0
    away_m = FOCAL_PER_SIDE * max(watch.image_size_px) * stature_m / (share * height_px)
    move_m = abs(share / AIM_SIZE - 1.0) * away_m
    steps = max(round(move_m / STEP_M), 1)
    by_steps = "one step" if steps == 1 else f"{steps} steps"
    exactly = f"about {10 * round(10.0 * move_m)} cm" if scene.profile.height_cm else f"about {by_steps}"
    detail = {"move": by_steps.capitalize(), "move_exactly": exactly}
    return _failed("near" if share > MOST_SIZE else "far", 100.0 * share, "%", detail)


def check_frame(scene: Scene) -> Finding:
    """Head and feet are inside the picture, with room for the bounce, the arms and the legs.

    The value is the room left at the tightest place, % of body height (negative: cut off).
    """
    watch = scene.watch
    width_px, height_px = watch.image_size_px
    body_px = watch.usual("body_px")
    if not (watch.somebody and height_px > 0 and body_px > 0.0):
        return UNKNOWN
    # Where the network sees no feet at all, they are where the trunk says: hip + legs.
    foot_y = watch.usual("foot_y")
    if foot_y != foot_y:
        foot_y = watch.usual_y("hip") + 0.53 * watch.usual("trunk_body_px")
    above, below = watch.usual("head_y") / body_px, (height_px - 1 - foot_y) / body_px
    if below < ROOM_BELOW:
        return _failed("feet", 100.0 * below, "%")
    if above < ROOM_ABOVE_BH:
        return _failed("head" if above < 0.0 else "room_above", 100.0 * above, "%")
    hip_x = watch.usual_x("hip")
    left, right = hip_x / body_px, (width_px - 1 - hip_x) / body_px
    facing = watch.view.facing
    ahead, behind = (left, right) if facing is Facing.LEFT else (right, left)
    if watch.view.kind is ViewKind.SIDE and facing is not Facing.UNKNOWN:
        if ahead < ROOM_AHEAD_BH:
            return _failed("ahead", 100.0 * (ahead - ROOM_AHEAD_BH), "%")
        if behind < ROOM_BEHIND_BH:
            return _failed("behind", 100.0 * (behind - ROOM_BEHIND_BH), "%")
    return _passed(100.0 * min(above, below), "%")


def check_covered(scene: Scene) -> Finding:
    """Nothing stands over hips or feet: they are found, held for visible, and do not leap while the head is still."""
    watch = scene.watch
    if not watch.somebody:
        return UNKNOWN
    for name, code in (("hip", "hips"), ("ankle", "feet")):
        missing = watch.missing_share(name)
        if missing > MISSING_SHARE:
            return _failed(code, 100.0 * missing, "%")
    if watch.usual("hip_visibility") < HIDDEN_VISIBILITY:
        return _failed("hips", 100.0 * watch.usual("hip_visibility"), "%")
    if watch.usual("foot_visibility") < HIDDEN_VISIBILITY:
        return _failed("feet", 100.0 * watch.usual("foot_visibility"), "%")
    leaping = watch.leaping_share()
    if leaping != leaping:
        return UNKNOWN
    if leaping > LEAPING_SHARE:
        return _failed("jumping", 100.0 * leaping, "%")
    if scene.picture is not None and scene.picture.rail:
        # Told, and it may stay: the lean is off by up to 3 degrees, most of which standing takes out.
        return _failed("rail", blocking=False)
    return _passed(100.0 * leaping, "%")


def check_side(scene: Scene) -> Finding:
    """The camera looks at the runner's side; the front is recognised, and good for the tunnel alone."""
    view, watch = scene.watch.view, scene.watch
    if not watch.somebody or view.kind is ViewKind.UNKNOWN:
        return UNKNOWN
    if view.kind is ViewKind.FRONT:
        return _passed(view.yaw_deg, "deg") if scene.tunnel_only else _failed("front", view.yaw_deg, "deg")
    if view.kind is ViewKind.OBLIQUE or view.yaw_deg > TURNED_DEG:
        return _failed("turned", view.yaw_deg, "deg")
    if view.facing is Facing.UNKNOWN:
        return UNKNOWN
    if watch.wrong_way:
        detail = {"seen": view.facing.value, "wanted": watch.wanted_facing.value}
        return _failed("wrong_way", view.yaw_deg, "deg", detail)
    return _passed(view.yaw_deg, "deg")


def check_level(scene: Scene) -> Finding:
    """The camera's roll, from the line ankles - ear of who stands straight; which side is up is in the words."""
    watch = scene.watch
    if not watch.somebody or watch.view.kind in (ViewKind.UNKNOWN, ViewKind.OBLIQUE):
        return UNKNOWN
    line_deg = watch.upright_line_deg()
    if line_deg != line_deg:
        return Finding(CheckState.UNKNOWN, code="stand")
    usual_deg = LEVEL_LINE_MARKERS_DEG if watch.markers else LEVEL_LINE_DEG
    if watch.view.kind is ViewKind.FRONT:
        usual_deg = 0.0
    roll_deg = watch.view.facing.sign * (usual_deg - line_deg)
    if abs(roll_deg) < TILTED_DEG:
        return _passed(abs(roll_deg), "deg")
    # A picture turned counter-clockwise is that of a camera turned clockwise, its left side up (seen from behind it).
    return _failed("tilted", abs(roll_deg), "deg", {"lower": "left" if roll_deg > 0.0 else "right"})


CHECKS: Mapping[CheckId, Callable[[Scene], Finding]] = {
    CheckId.RATE: check_rate,
    CheckId.LIGHT: check_light,
    CheckId.STEADY: check_steady,
    CheckId.PERSON: check_person,
    CheckId.SIZE: check_size,
    CheckId.FRAME: check_frame,
    CheckId.COVERED: check_covered,
    CheckId.SIDE: check_side,
    CheckId.LEVEL: check_level,
}
