"""What the starting-line exam says: the names of its lines; the words are data (``[exam.say]`` in ``rules.toml``)."""

from __future__ import annotations

from enum import StrEnum


class ExamLine(StrEnum):
    """The lines of the exam: what to do, what came of it, and (from NOBODY on) why it pauses."""

    STAND_TALL = "stand_tall"
    ONE_FOOT_BACK = "one_foot_back"
    HOLD = "hold"
    HOLD_STILL = "hold_still"
    SIDE_PASSED = "side_passed"
    OTHER_FOOT_BACK = "other_foot_back"
    SAME_FOOT = "same_foot"
    BOTH_PASSED = "both_passed"
    DRIFT = "drift_on_purpose"
    GOOD_AGAIN = "good_again"
    SQUEEZE = "squeeze_on_purpose"
    TOLD_APART = "told_apart"
    NOT_TOLD_APART = "not_told_apart"
    NOBODY = "nobody"
    SOMEBODY = "somebody"
    SOMEBODY_ELSE = "somebody_else"
    FEET_HIDDEN = "feet_hidden"
    NOT_SIDE_ON = "not_side_on"
    OTHER_WAY = "other_way"
    HEAD_TURNED = "head_turned"
    CAMERA_MOVED = "camera_moved"
    CAMERA_UNSTEADY = "camera_unsteady"
    NO_REFERENCE = "no_reference"


#: Numbers of the exam: name in ``[exam]``, least and most.
EXAM_NUMBERS: dict[str, tuple[float, float]] = {
    "hold_s": (1.0, 30.0),
    "wrong_hold_s": (0.8, 10.0),
    "separable_sd": (1.0, 10.0),
}
