"""How often the acted running forms are named right, over speeds, statures, rates, facings and landmark noise.

On true landmarks (no network): what the rules can tell apart at all.
Run from the checkout: python -m benchmarks.acts
"""

from __future__ import annotations

from app.coach.faults import FAULTS
from app.coach.model import CoachModel
from app.coach.report import GOOD
from app.coach.types import Facing, RunnerProfile
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene
from benchmarks.common import Row, finish

SPEEDS_M_S = (2.5, 3.0, 3.5, 4.0, 4.5)
#: (seed, facing, frames per second, landmark noise px, stature cm)
VARIANTS = (
    (1, Facing.RIGHT, 30.0, 0.0, 175.0),
    (2, Facing.LEFT, 60.0, 0.0, 190.0),
    (3, Facing.RIGHT, 60.0, 3.0, 205.0),
)
SECONDS = 14


def verdict(act: Act, speed_m_s: float, variant: tuple[int, Facing, float, float, float]) -> tuple[str, bool]:
    """Return the run's verdict and whether a cue for another fault was given."""
    seed, facing, fps, noise_px, height_cm = variant
    params = RunnerParams(act=act, speed_m_s=speed_m_s, facing=facing, seed=seed, height_cm=height_cm)
    noise = Noise(landmark_sd_px=noise_px, seed=seed) if noise_px else None
    scene = VirtualScene(params, Camera.framing(stature_m=params.height_m), noise=noise)
    coach = CoachModel(profile=RunnerProfile(height_cm))
    for k in range(int(SECONDS * fps)):
        coach.update(scene.landmarks_at(k / fps))
    coach.finish()
    summary = coach.summary()
    return summary.verdict, any(cue.because not in ("", act.value) for cue in summary.cues)


def main() -> None:
    acts = [Act(name) for name in (GOOD, *(fault.value for fault in FAULTS))]
    right = wrong_cues = total = 0
    rows = []
    for speed_m_s in SPEEDS_M_S:
        results = [(*verdict(act, speed_m_s, variant), act) for act in acts for variant in VARIANTS]
        good = sum(named == act.value for named, _, act in results)
        rows.append(Row(f"{speed_m_s} m/s: named right of {len(results)}", good, ""))
        right, total = right + good, total + len(results)
        wrong_cues += sum(cue for _, cue, _ in results)
    finish(
        f"{total} acted runs of {SECONDS} s, eight forms, true landmarks, 0 and 3 px of noise",
        [
            *rows,
            Row("share named right", right / total, "", 0.95, at_least=True),
            Row("runs with a cue for another fault", wrong_cues, "", 6),
        ],
    )


if __name__ == "__main__":
    main()
