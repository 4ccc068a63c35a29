"""What else happens in a scene: drift on the belt, glances, a knocked camera, other people, clutter, a rail.

Everything is off by default, and a scene without extras draws byte for byte what it drew before. Directions are those
of the runner: x forward, z toward the camera, metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from app.coach.errors import WorldError
from app.sim.body import smoothstep
from app.sim.look import LOOKS, Look

if TYPE_CHECKING:
    from app.sim.camera import Camera

#: How long the head takes to turn, and to turn back.
TURN_RAMP_S = 0.2


class RailStyle(StrEnum):
    """What of the treadmill rises to the runner's hips."""

    NONE = "none"
    #: A thin steel rail that ends at the hip, post and console ahead.
    RAIL = "rail"
    #: A rail across the hips before the body, from end to end of the belt.
    HIPS = "hips"
    #: A thick dark handle ahead of the hip that the pose network takes for a leg (see `app.sim.rails`).
    HANDLE = "handle"


class BystanderKind(StrEnum):
    """Who else is in the picture."""

    #: Runs on another treadmill, 1.2 m further from the camera and 1 m ahead.
    BESIDE = "beside"
    #: Stands (or runs) behind the runner, as seen from the camera.
    BEHIND = "behind"
    #: Walks through the picture behind the runner, or between runner and camera.
    CROSS_BEHIND = "cross_behind"
    CROSS_FRONT = "cross_front"

    @property
    def crosses(self) -> bool:
        """Whether this person walks from edge to edge of the picture."""
        return self in (BystanderKind.CROSS_BEHIND, BystanderKind.CROSS_FRONT)


#: Default place (x forward, z toward the camera) of each kind, m; who crosses moves along x.
PLACES_M: dict[BystanderKind, tuple[float, float]] = {
    BystanderKind.BESIDE: (1.0, -1.2),
    BystanderKind.BEHIND: (0.0, -1.0),
    BystanderKind.CROSS_BEHIND: (0.0, -0.9),
    BystanderKind.CROSS_FRONT: (0.0, 0.7),
}


@dataclass(frozen=True, slots=True)
class Bystander:
    """Another person in the picture, drawn by the same renderer.

    Attributes:
        kind: who it is; decides the place and the motion. A plain string is accepted.
        start_s, end_s: present in [start_s, end_s); who crosses enters the frame at the one and has left it at the
            other, so that the walking speed follows (3 s in front of a laptop camera: 1.3 m/s).
        look: clothes, skin and hair.
        height_cm: stature.
        x_m, z_m: another place than the kind's (see `PLACES_M`).
        running: BEHIND only: runs on the spot instead of standing.
        backward: goes (or faces) against the runner's direction.
        speed_m_s: belt speed of those who run.
        seed: of their gait.
    """

    kind: BystanderKind | str = BystanderKind.BESIDE
    start_s: float = 0.0
    end_s: float = math.inf
    look: Look = LOOKS["lake"]
    height_cm: float = 170.0
    x_m: float | None = None
    z_m: float | None = None
    running: bool = False
    backward: bool = False
    speed_m_s: float = 2.9
    seed: int = 11

    def __post_init__(self) -> None:
        try:
            kind = BystanderKind(self.kind)
        except ValueError as error:
            kinds = ", ".join(BystanderKind)
            raise WorldError(f"no bystander is called {self.kind!r}; there are {kinds}") from error
        object.__setattr__(self, "kind", kind)
        if kind.crosses and self.end_s == math.inf:
            object.__setattr__(self, "end_s", self.start_s + 3.0)
        if not self.start_s < self.end_s:
            raise WorldError(f"a bystander must leave after {self.start_s:g} s, got {self.end_s:g} s")

    @property
    def place_m(self) -> tuple[float, float]:
        """Place (x forward, z toward the camera), m."""
        x, z = PLACES_M[BystanderKind(self.kind)]
        return (x if self.x_m is None else self.x_m), (z if self.z_m is None else self.z_m)

    def present(self, t_s: float) -> bool:
        """Whether the person may be in the picture."""
        return self.start_s <= t_s < self.end_s


class HeadTurn(NamedTuple):
    """A glance: from ``start_s`` to ``end_s`` the head is turned, + toward the camera, - away from it."""

    start_s: float
    end_s: float
    angle_deg: float


class Bump(NamedTuple):
    """A knock at the camera: from ``t_s`` on the picture is scaled and turned about its middle, then shifted.

    ``shift_px`` is (right, down); ``roll_deg`` turns the picture counter-clockwise.
    """

    t_s: float
    shift_px: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    roll_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Extras:
    """What happens besides the running.

    Attributes:
        drift_m, drift_period_s: amplitude and period of a slow sideways drift on the belt, first toward the camera,
            a sine from the moment the run is under way.
        head_turn: glances, `HeadTurn` or plain (start_s, end_s, angle_deg).
        bump: a knock at the camera, `Bump` or plain (t_s, shift_px, scale, roll_deg).
        others: further people.
        clutter: seed of a cluttered gym wall, None for the bare wall.
        rail_style: what of the treadmill rises to the runner's hips.
        brightness: gain of the whole picture; 0.3 is a dim room.

    Raises:
        WorldError: a value that no scene can have.
    """

    drift_m: float = 0.0
    drift_period_s: float = 60.0
    head_turn: tuple[tuple[float, float, float], ...] = ()
    bump: tuple[float, tuple[float, float], float, float] | None = None
    others: tuple[Bystander, ...] = ()
    clutter: int | None = None
    rail_style: RailStyle | str = RailStyle.NONE
    brightness: float = 1.0

    def __post_init__(self) -> None:
        try:
            style = RailStyle(self.rail_style)
        except ValueError as error:
            raise WorldError(f"no rail is called {self.rail_style!r}; there are {', '.join(RailStyle)}") from error
        object.__setattr__(self, "rail_style", style)
        object.__setattr__(self, "head_turn", tuple(HeadTurn(*turn) for turn in self.head_turn))
        object.__setattr__(self, "others", tuple(self.others))
        if self.bump is not None:
            object.__setattr__(self, "bump", Bump(*self.bump))
        if self.drift_period_s <= 0.0 or self.brightness <= 0.0:
            raise WorldError("drift period and brightness must be above 0")
        if self.bump is not None and self.bump[2] <= 0.0:
            raise WorldError(f"a bump's scale must be above 0, got {self.bump[2]:g}")

    @classmethod
    def none(cls) -> Extras:
        """Return no extras."""
        return cls()

    def depth_m(self, run_s: float) -> float:
        """Return the drift toward the camera, m, ``run_s`` seconds after the run was under way (0 before)."""
        if run_s <= 0.0 or self.drift_m == 0.0:
            return 0.0
        return self.drift_m * math.sin(2.0 * math.pi * run_s / self.drift_period_s)

    def head_turn_deg(self, t_s: float) -> float:
        """Return how far the head is turned toward the camera (+), deg; glances that overlap add up."""
        angle_deg = 0.0
        for start_s, end_s, full_deg in self.head_turn:
            rise, fall = (t_s - start_s) / TURN_RAMP_S, (t_s - end_s) / TURN_RAMP_S + 1.0
            angle_deg += full_deg * smoothstep(rise) * (1.0 - smoothstep(fall))
        return angle_deg

    def camera_at(self, camera: Camera, t_s: float) -> Camera:
        """Return the camera as it stands at a time: the given one up to the bump, the knocked one after it."""
        if self.bump is None or t_s < self.bump[0]:
            return camera
        _, (right_px, down_px), scale, roll_deg = self.bump
        roll_rad = math.radians(camera.roll_deg + roll_deg)
        c, s = math.cos(roll_rad), math.sin(roll_rad)
        # The camera shifts before it rolls, so the wanted shift is turned back first.
        return replace(
            camera,
            focal_px=scale * camera.focal,
            roll_deg=camera.roll_deg + roll_deg,
            shift_px=scale * camera.shift - (s * right_px + c * down_px),
            shift_x_px=scale * camera.shift_x_px + c * right_px - s * down_px,
        )
