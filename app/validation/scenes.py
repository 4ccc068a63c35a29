"""The virtual runners that the chain is tried on, and what is true of each at any instant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import Facing
from app.sim.acts import Act, RunnerParams
from app.sim.body import smoothstep
from app.sim.camera import Camera
from app.sim.extras import Bystander, BystanderKind, Extras, RailStyle
from app.sim.landmarks import Noise
from app.sim.look import LOOKS
from app.sim.runner import RUN_TRANSITION_S, Instant, Runner
from app.sim.scene import VirtualScene
from app.validation.timed import Timed

if TYPE_CHECKING:
    from app.sim.body import Figure

#: What the runner of every scene measures, and told the coach.
HEIGHT_CM = 178.0
STANDING_S = 3.0
#: From here on the runner runs at full stride; and a little later, for what remembers.
UNDER_WAY_S = STANDING_S + RUN_TRANSITION_S
RUNNING_FROM_S = UNDER_WAY_S + 0.3
#: Relaxed standing, without its first moments, in which the network finds the body.
STANDING_FROM_S, STANDING_UNTIL_S = 0.8, STANDING_S - 0.1
#: The rise that has to be noticed, an inch, and how long it takes: one step.
RISE_M, RISE_TAKES_S = 0.025, 0.35


class Group(StrEnum):
    """What a scene is there for."""

    PLAIN = "plain"
    SIZE = "size"
    LEAN = "lean"
    TREADMILL = "treadmill"
    CLUTTER = "clutter"
    VIEW = "view"
    PEOPLE = "people"
    RISE = "rise"
    EVENT = "event"


#: Groups whose scenes the target table is about, as far as they are 720p with a body of at least 60 % of the frame.
CORE_GROUPS = frozenset({Group.PLAIN, Group.LEAN, Group.TREADMILL, Group.CLUTTER})


@dataclass(frozen=True, slots=True)
class Scene(Timed):
    """One virtual runner before a camera.

    Attributes:
        name: unique. group: what it is for.
        facing, fps, size_px, body, look, seconds: as they say; ``body`` is the standing body's share of the height.
        act, magnitude, speed_m_s, seed: of the runner (`RunnerParams`).
        yaw_deg: of the camera. noise_sd, exposure_s: grain in grey levels and shutter time.
        extras: what else happens.
        rise_s: from here on the whole runner runs `RISE_M` higher; None never.
    """

    name: str
    group: Group
    facing: Facing = Facing.RIGHT
    fps: float = 60.0
    size_px: tuple[int, int] = (1280, 720)
    body: float = 0.75
    look: str = "dawn"
    seconds: float = 11.0
    act: Act = Act.GOOD
    magnitude: float = 1.0
    speed_m_s: float = 3.3
    seed: int = 0
    yaw_deg: float = 0.0
    noise_sd: float = 4.0
    exposure_s: float = 0.0
    extras: Extras = field(default_factory=Extras)
    rise_s: float | None = None

    @property
    def core(self) -> bool:
        """Whether the target table is about this scene: 720p, body of 60 % of the frame or more, from the side."""
        return self.group in CORE_GROUPS and self.size_px[1] == 720 and self.body >= 0.6

    def virtual(self) -> VirtualScene:
        """Return the scene to render. One is for one thread."""
        params = RunnerParams(
            act=self.act,
            height_cm=HEIGHT_CM,
            speed_m_s=self.speed_m_s,
            facing=self.facing,
            standing_s=STANDING_S,
            magnitude=self.magnitude,
            seed=self.seed,
        )
        camera = Camera.framing(self.size_px, body_fraction=self.body, yaw_deg=self.yaw_deg)
        noise = Noise(image_sd=self.noise_sd, exposure_s=self.exposure_s, seed=self.seed)
        scene = VirtualScene(params, camera, LOOKS[self.look], noise, extras=self.extras)
        if self.rise_s is not None:
            scene.runner = RisingRunner(params, self.rise_s)
        return scene


class RisingRunner(Runner):
    """A runner who from ``rise_s`` on runs `RISE_M` higher, everything else equal: body and treadmill shift apart.

    As in the landmark study (section 2, "the same run rendered lower"): only a change of height can be noticed.
    """

    def __init__(self, params: RunnerParams, rise_s: float) -> None:
        super().__init__(params)
        self._rise_s = rise_s

    def at(self, t_s: float) -> Instant:
        """Return the figure at a time."""
        now = super().at(t_s)
        risen_bh = RISE_M / self.params.height_m * smoothstep((t_s - self._rise_s) / RISE_TAKES_S)
        return replace(now, figure=_lifted(now.figure, risen_bh)) if risen_bh > 0.0 else now


def _lifted(figure: Figure, by_bh: float) -> Figure:
    """Return the figure with every point raised."""
    points = (
        "hip",
        "shoulder",
        "ear",
        "knee",
        "ankle",
        "heel",
        "toe",
        "elbow",
        "wrist",
        "hand",
        "nose",
        "eye",
        "crown",
    )
    return replace(figure, **{name: getattr(figure, name) + np.array((0.0, by_bh)) for name in points})


#: Acts and magnitudes whose mean trunk leans are -3.4, 1.6, 6.6, 11.6, 16.6 and 20.0 deg (good form: 11.6).
_LEANS = (
    (Act.UPRIGHT, 1.5),
    (Act.UPRIGHT, 1.0),
    (Act.UPRIGHT, 0.5),
    (Act.GOOD, 1.0),
    (Act.OVER_LEAN, 0.36),
    (Act.OVER_LEAN, 0.6),
)
_L, _R = Facing.LEFT, Facing.RIGHT


def _plain() -> list[Scene]:
    settings = ((_R, "dawn", 60.0), (_L, "dawn", 60.0), (_R, "lake", 60.0), (_L, "ember", 60.0))
    slow = ((_L, "lake", 30.0), (_R, "ember", 30.0))
    scenes = [
        Scene(
            f"{look}-{facing}-{fps:.0f}",
            Group.PLAIN,
            facing,
            fps,
            look=look,
            seed=k,
            exposure_s=0.008 if k < 2 else 0.0,
        )
        for k, (facing, look, fps) in enumerate((*settings, *slow))
    ]
    return [*scenes, Scene("blur-dim-right-30", Group.PLAIN, _R, 30.0, noise_sd=8.0, exposure_s=0.016, seed=6)]


def _sizes() -> list[Scene]:
    def scene(facing: Facing, size_px: tuple[int, int], body_px: int, fps: float, look: str, seed: int) -> Scene:
        name = f"{size_px[1]}p-body{body_px}-{facing}-{fps:.0f}"
        body = body_px / size_px[1]
        seconds = 9.0 if size_px[1] > 720 else 11.0
        return Scene(name, Group.SIZE, facing, fps, size_px, body, look, seconds, seed=seed)

    return [
        scene(_R, (640, 480), 380, 60.0, "dawn", 10),
        scene(_L, (640, 480), 300, 30.0, "lake", 11),
        scene(_R, (1920, 1080), 900, 30.0, "ember", 12),
        scene(_L, (1920, 1080), 500, 30.0, "dawn", 13),
        scene(_R, (1280, 720), 250, 30.0, "dawn", 14),
        scene(_L, (1280, 720), 350, 60.0, "ember", 15),
    ]


def _leans() -> list[Scene]:
    return [
        Scene(
            f"lean-{facing}-{k + 1}",
            Group.LEAN,
            facing,
            30.0,
            look=look,
            seconds=9.5,
            act=act,
            magnitude=magnitude,
            seed=20 + k,
        )
        for facing, look in ((_R, "dawn"), (_L, "lake"))
        for k, (act, magnitude) in enumerate(_LEANS)
    ]


def _treadmills() -> list[Scene]:
    hips, handle, rail = (Extras(rail_style=style) for style in (RailStyle.HIPS, RailStyle.HANDLE, RailStyle.RAIL))
    messy = Extras(rail_style=RailStyle.HANDLE, clutter=3)
    rows = (
        ("rail-hips-right-60", _R, 60.0, "dawn", hips),
        ("rail-hips-left-30", _L, 30.0, "ember", hips),
        ("handle-right-60", _R, 60.0, "ember", handle),
        ("handle-left-30", _L, 30.0, "ember", handle),
        ("rail-right-30", _R, 30.0, "ember", rail),
        ("handle-clutter-right-30", _R, 30.0, "lake", messy),
    )
    scenes = [
        Scene(name, Group.TREADMILL, facing, fps, look=look, seconds=10.0, seed=30 + k, extras=extras)
        for k, (name, facing, fps, look, extras) in enumerate(rows)
    ]
    clutter = [
        Scene(f"clutter-{f}-30", Group.CLUTTER, f, 30.0, look=look, seed=40 + k, extras=Extras(clutter=k))
        for k, (f, look) in enumerate(((_R, "lake"), (_L, "dawn")))
    ]
    return scenes + clutter


def _views() -> list[Scene]:
    return [
        Scene(f"yaw{yaw:+.0f}", Group.VIEW, f, 30.0, seconds=9.0, yaw_deg=yaw, seed=50 + k)
        for k, (yaw, f) in enumerate(((-20.0, _R), (-10.0, _L), (10.0, _R), (20.0, _L)))
    ]


def _people() -> list[Scene]:
    kinds = BystanderKind
    rows = (
        ("beside-right", _R, Bystander(kinds.BESIDE)),
        ("behind-left", _L, Bystander(kinds.BEHIND)),
        ("cross-behind-right", _R, Bystander(kinds.CROSS_BEHIND, start_s=5.5, end_s=8.5)),
        ("cross-behind-left", _L, Bystander(kinds.CROSS_BEHIND, start_s=5.5, end_s=8.5, backward=True)),
        ("cross-front-right", _R, Bystander(kinds.CROSS_FRONT, start_s=5.5, end_s=8.5)),
        ("cross-front-left", _L, Bystander(kinds.CROSS_FRONT, start_s=5.5, end_s=8.5, backward=True)),
    )
    return [
        Scene(name, Group.PEOPLE, f, 30.0, seconds=11.0, seed=60 + k, extras=Extras(others=(other,)))
        for k, (name, f, other) in enumerate(rows)
    ]


def _rises() -> list[Scene]:
    rows = ((_R, 60.0, "dawn"), (_L, 30.0, "lake"), (_R, 30.0, "ember"))
    return [
        Scene(f"rise-{f}-{fps:.0f}", Group.RISE, f, fps, look=look, seconds=16.0, seed=70 + k, rise_s=14.0)
        for k, (f, fps, look) in enumerate(rows)
    ]


def _events() -> list[Scene]:
    turns = Extras(head_turn=((5.5, 7.0, 70.0), (8.5, 9.5, 45.0)))
    bump = Extras(bump=(7.0, (25.0, -12.0), 1.04, 1.0))
    drift = Extras(drift_m=0.05, drift_period_s=12.0)
    return [
        Scene("head-turn-right", Group.EVENT, _R, 30.0, seed=80, extras=turns),
        Scene("head-turn-left", Group.EVENT, _L, 30.0, look="lake", seed=81, extras=turns),
        Scene("bump-right", Group.EVENT, _R, 30.0, seed=82, extras=bump),
        Scene("bump-left", Group.EVENT, _L, 60.0, look="ember", seconds=9.0, seed=83, extras=bump),
        Scene("drift-right", Group.EVENT, _R, 30.0, seconds=16.0, seed=84, extras=drift),
    ]


#: Every scene of the full run.
SCENES: tuple[Scene, ...] = (
    *_plain(),
    *_sizes(),
    *_leans(),
    *_treadmills(),
    *_views(),
    *_people(),
    *_rises(),
    *_events(),
)
#: Names, and lengths in s, of the scenes of ``--quick``.
_QUICK = {
    "dawn-right-60": 8.2,
    "lake-left-30": 8.2,
    "lean-right-1": 8.2,
    "lean-right-4": 8.2,
    "lean-right-6": 8.2,
    "handle-left-30": 8.2,
    "cross-front-right": 10.5,
    "rise-left-30": 16.0,
}


def quick_scenes() -> tuple[Scene, ...]:
    """Return a few of the scenes, shortened and without blur: a look at what can go wrong in two minutes."""
    return tuple(replace(s, seconds=_QUICK[s.name], exposure_s=0.0) for s in SCENES if s.name in _QUICK)
