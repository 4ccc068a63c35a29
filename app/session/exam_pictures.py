"""The moments of a starting-line exam in which a pose had been held: what is shown side by side and kept on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session.status import Analysis


@dataclass(frozen=True, slots=True, eq=False)
class ExamPicture:
    """One pose of the exam and the frame that completed it.

    Attributes:
        name: "good", or the fault that was shown on purpose. side: the foot behind, "left", "right" or "unknown".
        analysis: that frame, with its picture.

    """

    name: str
    side: str
    analysis: Analysis


class ExamPictures:
    """Observer of a session: keeps the frame of each pose as it is completed; a new exam begins anew."""

    def __init__(self) -> None:
        #: Replaced, never changed: any thread may read it.
        self.taken: tuple[ExamPicture, ...] = ()

    def __call__(self, analysis: Analysis) -> None:
        """Take one analysed frame."""
        if analysis.exam is None:
            return
        poses = analysis.exam.kept
        # Somebody else, a moved camera or a new exam voids poses: then their pictures go, too.
        self.taken = self.taken[: len(poses)]
        if len(poses) > len(self.taken):
            newest = poses[-1]
            self.taken = (*self.taken, ExamPicture(newest.name, newest.side, analysis))
