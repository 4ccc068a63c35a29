"""What the user chose to look at and how: the window hands it to the factory that builds a session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.coach.report import Mode
from app.coach.types import Facing

#: How the acts of the virtual runner that are drills begin, and the one that sits the whole exam.
DRILL_ACT, EXAM_ACT = "drill_", "exam"
#: How those on the starting line begin, and good running.
STANCE_ACT, GOOD_ACT = "stance_", "good"


class SourceKind(StrEnum):
    """Where the frames come from."""

    CAMERA = "camera"
    VIRTUAL = "virtual"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Choice:
    """One source and one way of judging it.

    Attributes:
        kind: camera, virtual runner or clip.
        camera: index or name of the camera.
        size_px, fps: wanted picture size (width, height) and rate of the camera or the virtual runner.
        act: what the virtual runner acts out (a value of ``app.sim.acts.Act``).
        path: of the clip.
        mode: what is judged.
        facing: which way the runner faces, UNKNOWN = found out.
        height_cm: stature, None = not told.
        mirror: show the picture mirrored; None = as remembered.
        seed: of the virtual runner's noise.
        oracle: take the virtual runner's true landmarks instead of running the pose network.
        drill: which one is counted in the mode DRILL, "" = the one the virtual runner acts.
        reps, sets, rest_s: of a drill where they differ from its own; 0 repetitions: no end.
        drop_cm: how far below standing the roof of who is not known is; None: the usual inch.
        runner: name of who runs, as in the store of runners; "" = nobody known.
        slowmo_factor: how many times slower than life the clip plays; None = as it says itself.
        keep_video: keep the video of the session; None = as the settings say.

    """

    kind: SourceKind = SourceKind.CAMERA
    camera: int | str = 0
    size_px: tuple[int, int] = (1280, 720)
    fps: float = 60.0
    act: str = "good"
    path: str = ""
    mode: Mode = Mode.AUTO
    facing: Facing = Facing.UNKNOWN
    height_cm: float | None = None
    mirror: bool | None = None
    seed: int = 0
    oracle: bool = False
    drill: str = ""
    reps: int | None = None
    sets: int | None = None
    rest_s: float | None = None
    drop_cm: float | None = None
    runner: str = ""
    slowmo_factor: float | None = None
    keep_video: bool | None = None

    def source_alone(self) -> Choice:
        """Return the choice without what is judged: two that are then the same need no other session."""
        return replace(self, mode=Mode.AUTO, drill="", reps=None, sets=None, rest_s=None)


#: Acts of the virtual runner in menu order, with words for the menu ("" = a separator above the next group).
ACT_WORDS: tuple[tuple[str, str], ...] = (
    ("good", "Good form"),
    ("upright", "Upright trunk"),
    ("over_lean", "Leaning too far"),
    ("pelvis_drift", "Pelvis drifting forward"),
    ("hip_squeeze", "Squeezed hip"),
    ("ankle_lean", "Leaning from the ankles"),
    ("standing_up", "Standing up in the stride"),
    ("overstride", "Overstriding"),
    ("", ""),
    ("stance_good", "Starting line: good"),
    ("stance_upright", "Starting line: upright"),
    ("stance_over_lean", "Starting line: leaning too far"),
    ("stance_pelvis_drift", "Starting line: pelvis forward"),
    ("stance_hip_squeeze", "Starting line: squeezed hip"),
    ("stance_ankle_lean", "Starting line: ankle lean"),
    ("stance_tall", "Starting line: too tall"),
    ("exam", "Starting line: the whole exam"),
    ("", ""),
    ("drill_hinge", "Drill: hinge"),
    ("drill_start_line", "Drill: start line"),
    ("drill_athletic", "Drill: athletic position"),
    ("drill_tunnel_march", "Drill: tunnel march"),
)


def source_label(choice: Choice, cameras: tuple[tuple[int | str, str], ...] = ()) -> str:
    """Return the few words that name a source on the picker button."""
    if choice.kind is SourceKind.VIRTUAL:
        words = dict(ACT_WORDS).get(choice.act, choice.act)
        return f"Virtual · {words}"
    if choice.kind is SourceKind.FILE:
        return choice.path.replace("\\", "/").rsplit("/", 1)[-1] or "Clip"
    named = dict(cameras).get(choice.camera)
    return named or (choice.camera if isinstance(choice.camera, str) else f"Camera {choice.camera}")
