"""The acts: virtual runners who run well, or act one fault, and what the coach makes of them.

The coach is the one `hingecoach analyze` uses, told the stature and nothing else, fed with the poses of the refined
network. Its thresholds were chosen on other seeds than these (below 500).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from app.coach.model import CoachModel
from app.coach.report import GOOD, NOT_JUDGED, Mode
from app.coach.types import Facing, RunnerProfile
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.look import LOOKS
from app.sim.scene import VirtualScene
from app.validation.changing import ChangingRunner
from app.validation.timed import Timed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.coach.summary import CoachSummary
    from app.coach.types import BodyPose, FloatArray

#: The forms that are told apart, good form first.
ACTS: tuple[Act, ...] = (
    Act.GOOD,
    Act.UPRIGHT,
    Act.OVER_LEAN,
    Act.PELVIS_DRIFT,
    Act.HIP_SQUEEZE,
    Act.ANKLE_LEAN,
    Act.STANDING_UP,
    Act.OVERSTRIDE,
)
#: Everything a run can come to.
VERDICTS: tuple[str, ...] = (*(act.value for act in ACTS), NOT_JUDGED)
SIZE_PX = (1280, 720)
STANDING_S = 3.0
#: Grain of the picture, grey levels, as in the scenes for the landmarks.
IMAGE_SD = 4.0
#: What is varied over the runs of every act.
SPEEDS_M_S = (2.5, 3.5, 4.5)
STATURES_CM = (160.0, 178.0, 195.0)
BODIES = (0.62, 0.72, 0.82)
#: Length of a run with a fault, of one that is there to see whether good form is left in peace, and of one in which
#: the fault comes in later: from the first contact after `CHANGE_S` on.
RUN_S, LONG_S, CHANGING_S, CHANGE_S = 13.0, 64.0, 18.0, 10.0
LONG_RUNS, HALF_RUNS, CHANGING_RUNS = 10, 4, 2
#: Seeds begin here; smaller ones were there for choosing thresholds.
FIRST_SEED = 500


class Purpose(StrEnum):
    """What a run is there for: the fault at full or half size, a minute of good form, good form that is lost."""

    FULL = "full"
    HALF = "half"
    LONG = "long"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class ActScene(Timed):
    """One run of a virtual runner before a camera, 1280 x 720, side-on.

    Attributes:
        name: unique. purpose: what it is for.
        act, magnitude, facing, height_cm, speed_m_s, seed: of the runner (`RunnerParams`).
        fps, seconds: as they say. look: clothes. body: the standing body's share of the picture's height.
    """

    name: str
    purpose: Purpose
    act: Act
    facing: Facing
    fps: float
    height_cm: float
    speed_m_s: float
    look: str
    body: float
    seed: int
    magnitude: float = 1.0
    seconds: float = RUN_S

    def virtual(self) -> VirtualScene:
        """Return the scene to render. One is for one thread."""
        params = RunnerParams(
            act=self.act,
            height_cm=self.height_cm,
            speed_m_s=self.speed_m_s,
            facing=self.facing,
            standing_s=STANDING_S,
            magnitude=self.magnitude,
            seed=self.seed,
        )
        camera = Camera.framing(SIZE_PX, body_fraction=self.body, stature_m=self.height_cm / 100.0)
        scene = VirtualScene(params, camera, LOOKS[self.look], Noise(image_sd=IMAGE_SD, seed=self.seed))
        if self.purpose is Purpose.CHANGE:
            scene.runner = ChangingRunner(params, CHANGE_S)
        return scene

    def fault_start_s(self) -> float:
        """Return when the act begins: with the first contact, or where good form is lost."""
        runner = self.virtual().runner
        if isinstance(runner, ChangingRunner):
            return runner.fault_s
        return min((c.initial_contact_s for c in runner.contacts(0.0, self.seconds)), default=self.seconds)


def _scene(
    purpose: Purpose, act: Act, facing: Facing, fps: float, places: tuple[int, int, int, int], seed: int
) -> ActScene:
    """Return a scene; ``places`` in `SPEEDS_M_S`, `STATURES_CM`, `LOOKS` and `BODIES`, counted round and round."""
    speed, stature, look, body = places
    speed_m_s, height_cm = SPEEDS_M_S[speed % 3], STATURES_CM[stature % 3]
    kind = "" if purpose is Purpose.FULL else f"{purpose}-"
    return ActScene(
        f"act-{kind}{act}-{facing}-{fps:.0f}-{speed_m_s:g}-{height_cm:.0f}-{seed}",
        purpose,
        act,
        facing,
        fps,
        height_cm,
        speed_m_s,
        list(LOOKS)[look % len(LOOKS)],
        BODIES[body % 3],
        seed,
        0.5 if purpose is Purpose.HALF else 1.0,
        {Purpose.LONG: LONG_S, Purpose.CHANGE: CHANGING_S}.get(purpose, RUN_S),
    )


_FACINGS = (Facing.RIGHT, Facing.LEFT)


def _all_scenes() -> tuple[ActScene, ...]:
    """Return twelve runs of every act, some of every fault at half size and coming in late, and long good ones.

    Every act meets every speed with every stature, at both rates and facings.
    """
    full = [
        (Purpose.FULL, act, facing, fps, (i, i + j + 2 * k + a, i + 2 * j + k + a, 2 * i + j + k + a))
        for a, act in enumerate(ACTS)
        for i in range(3)
        for j, fps in enumerate((30.0, 60.0))
        for k, facing in enumerate(_FACINGS)
    ]
    half = [
        (Purpose.HALF, act, _FACINGS[n % 2], 60.0 if n == HALF_RUNS - 1 else 30.0, (n + a, 2 * n + a, n, n + 2 * a))
        for a, act in enumerate(ACTS[1:])
        for n in range(HALF_RUNS)
    ]
    long = [(Purpose.LONG, Act.GOOD, _FACINGS[n % 2], 30.0, (n, n + n // 3, n // 2, n // 3)) for n in range(LONG_RUNS)]
    change = [
        (Purpose.CHANGE, act, _FACINGS[(a + n) % 2], 30.0, (a + n, 2 * n + a // 3, a, a + n))
        for a, act in enumerate(ACTS[1:])
        for n in range(CHANGING_RUNS)
    ]
    return tuple(_scene(*row, FIRST_SEED + n) for n, row in enumerate((*full, *half, *long, *change)))


#: Every run of the full validation.
ACT_SCENES = _all_scenes()


def quick_act_scenes() -> tuple[ActScene, ...]:
    """Return one run of each act, both facings, 30 frames a second, the middle speed."""
    return tuple(
        next(
            s
            for s in ACT_SCENES
            if s.purpose is Purpose.FULL
            and (s.act, s.facing, s.fps, s.speed_m_s) == (act, _FACINGS[a % 2], 30.0, SPEEDS_M_S[1])
        )
        for a, act in enumerate(ACTS)
    )


class CueGiven(NamedTuple):
    """One cue for a fault.

    Attributes:
        t_s: when it was given. because: the fault. roof: because of the roof, not of the fault's own measure.
        since_s: after the start of the act (`ActScene.fault_start_s`); negative before it.
        counted_steps: steps the coach had counted since then. true_steps: true initial contacts since then.
    """

    t_s: float
    because: str
    roof: bool
    since_s: float
    counted_steps: int
    true_steps: int

    def right(self, act: Act) -> bool:
        """Whether it is for the fault that is acted, and not before it is."""
        return self.because == act.value and self.since_s >= 0.0


class Found(NamedTuple):
    """A measure of one run: found through the network with its 95 % interval, and true."""

    value: float
    low: float
    high: float
    true: float


@dataclass(frozen=True, slots=True)
class ActRun:
    """What the coach made of one run.

    Attributes:
        verdict, why_not: of the whole run (`CoachSummary`).
        labels: the verdict on the screen at every counted step, oldest first.
        cues: given for faults. running_s: seconds it took for running. measures: by name.
    """

    scene: ActScene
    verdict: str
    why_not: str
    labels: tuple[str, ...]
    cues: tuple[CueGiven, ...]
    running_s: float
    measures: dict[str, Found]

    @property
    def judged(self) -> tuple[str, ...]:
        """Labels of the steps that were judged."""
        return tuple(label for label in self.labels if label != NOT_JUDGED)

    @property
    def right_steps(self) -> int:
        """Judged steps with the act's own label."""
        return self.judged.count(self.scene.act.value)

    @property
    def label_changes(self) -> int:
        """How often the label of a judged step differs from the one before."""
        return sum(a != b for a, b in itertools.pairwise(self.judged))

    @property
    def episodes(self) -> tuple[str, ...]:
        """Stretches of steps with one and the same fault label, by the fault."""
        starts = (b for a, b in itertools.pairwise((GOOD, *self.judged)) if a != b)
        return tuple(label for label in starts if label != GOOD)

    @property
    def first_right_cue(self) -> CueGiven | None:
        """The first cue for the fault that is acted."""
        return next((cue for cue in self.cues if cue.right(self.scene.act)), None)

    @property
    def wrong_cues(self) -> tuple[CueGiven, ...]:
        """Cues for faults that are not acted, or not yet."""
        return tuple(cue for cue in self.cues if not cue.right(self.scene.act))


def judge(scene: ActScene, poses: Sequence[BodyPose]) -> ActRun:
    """Return what the coach makes of a run's poses, one a frame."""
    virtual = scene.virtual()
    contacts_s = np.array([(c.initial_contact_s, c.toe_off_s) for c in virtual.contacts(0.0, scene.seconds)])
    contacts_s = contacts_s.reshape(-1, 2)
    labels, cues, summary = _coached(scene, poses, contacts_s)
    exact = _coached(scene, (virtual.landmarks_at(float(t)) for t in scene.times_s()), contacts_s)[-1]
    measures = _measures(summary, exact, contacts_s)
    return ActRun(scene, summary.verdict, summary.not_judged_because, labels, cues, summary.running_s, measures)


def _coached(
    scene: ActScene, poses: Iterable[BodyPose], contacts_s: FloatArray
) -> tuple[tuple[str, ...], tuple[CueGiven, ...], CoachSummary]:
    """Return the coach's label at every step, its cues for faults, and its summary; ``contacts_s`` (n, 2) are true."""
    coach = CoachModel(mode=Mode.RUN, profile=RunnerProfile(scene.height_cm))
    labels: list[str] = []
    cues: list[CueGiven] = []
    start_s, counted = scene.fault_start_s(), 0
    for pose in poses:
        report = coach.update(pose)
        if report.step is not None:
            labels.append(report.verdict)
            counted += report.t_s >= start_s
        cue = report.cue
        if cue is not None and cue.because:
            # The roof is cued under the name of a fault while no fault is on.
            by_roof = report.verdict != cue.because
            contacts = int(((contacts_s[:, 0] >= start_s) & (contacts_s[:, 0] <= cue.t_s)).sum())
            cues.append(CueGiven(cue.t_s, cue.because, by_roof, cue.t_s - start_s, counted, contacts))
    coach.finish()
    return tuple(labels), tuple(cues), coach.summary()


def _measures(found: CoachSummary, exact: CoachSummary, contacts_s: FloatArray) -> dict[str, Found]:
    """Return the measures that were found, each beside what is true.

    True is what the same coach finds on the exact landmarks; of cadence, contact and flight, the runner's own
    contacts (n, 2).
    """
    true = {name: measure.value for name, measure in exact.measures.items() if measure is not None}
    if len(contacts_s) > 2:
        true["cadence_spm"] = 60.0 * (len(contacts_s) - 1) / float(contacts_s[-1, 0] - contacts_s[0, 0])
        true["contact_time_ms"] = 1e3 * float(np.median(contacts_s[:, 1] - contacts_s[:, 0]))
        true["flight_time_ms"] = 1e3 * float(np.median(contacts_s[1:, 0] - contacts_s[:-1, 1]))
    return {
        name: Found(measure.value, *measure.ci95, true[name])
        for name, measure in found.measures.items()
        if measure is not None and name in true
    }
