"""Which standing reference holds now, and when it must be taken anew."""

from __future__ import annotations

from app.coach.geometry import Body
from app.coach.report import StandingStatus
from app.coach.standing import (
    LEVEL_LINE_DEG,
    SAME_SCALE_TOLERANCE,
    STALE_SCALE_TOLERANCE,
    StandingCapture,
    StandingReference,
)
from app.coach.stored import STORED, StoredWatch
from app.coach.types import Doubt, RunnerProfile, ViewKind

#: What follows from a stored standing that no longer holds.
STORED_FIX = "its angles and scale are used, heights are not; stand tall and still for 3 s for a new one"
#: A capture in the background (the reference so far was short) shows itself after so many still seconds.
SHOW_AFTER_S = 1.0
STALE = "the standing reference no longer fits: stand tall and still on the running spot"
#: What makes everything measured before void, and how it is told.
NEW_PLACE = {
    Doubt.CAMERA_MOVED: "the camera was moved: the standing reference taken before no longer held",
    Doubt.SOMEBODY_ELSE: "somebody else was followed: the standing reference taken before no longer held",
}
#: A standing line further off that of a level camera than this: the camera is told to be tilted.
TILTED_DEG = 3.5
#: Lens 1.2 m high and 2.0 m ahead: the leaning head comes nearer and is seen 45 mm too high (rendered runner).
HEIGHTS_FROM_FRONT = (
    "seen from the front a leaning head is nearer to the camera: its height holds against the roof, not standing"
)
UNSTEADY = "the camera is not still (held in the hand?): the height of the head was not judged"


class ReferenceKeeper:
    """Holds the reference and captures a new one when there is none, when asked, or when the old may not fit.

    A reference of a short standing is provisional: a full one replaces it. After an absence the next full standing
    replaces it too, as somebody else may have come. One that does not fit the running legs is stale: not used. Of a
    stored one angles and scale are used at once, heights once they are known to hold; a full standing replaces it.
    """

    def __init__(self, profile: RunnerProfile, standing: StandingReference | None) -> None:
        self._stored = StoredWatch(standing) if standing is not None and standing.source == STORED else None
        self.standing = standing if self._stored is None else self._stored.start()
        self.stale = False
        self._by_camera = self._front = False
        self._capture = StandingCapture(profile)
        self._asked = standing is None
        self._capturing = standing is None or self._stored is not None
        #: Whether the newest change of the reference came of standing still, not of what was stored.
        self.by_standing = False

    @property
    def judgeable(self) -> bool:
        """Whether there are standing angles that fit."""
        return self.standing is not None and self.standing.has_angles and not self.stale

    def has_heights(self, front: bool) -> bool:
        """Whether it is known how high the head stands as seen from the front, or from the side."""
        standing = self.standing
        return standing is not None and standing.has_heights and standing.from_front is front and not self.stale

    @property
    def tilt_note(self) -> str:
        """One line where the standing line tells of a camera that is not level (or of leaning), or of one ahead."""
        standing = self.standing
        if self._stored is not None:
            return f"{self._stored.stale}: {STORED_FIX}" if self._stored.stale else ""
        if standing is not None and standing.from_front:
            return HEIGHTS_FROM_FRONT
        if standing is None or not abs(standing.line_deg - LEVEL_LINE_DEG) > TILTED_DEG:
            return ""
        off_deg = abs(standing.line_deg - LEVEL_LINE_DEG)
        return (
            f"the camera seems tilted by about {off_deg:.0f} deg, or you leaned while standing: level it and calibrate"
        )

    def ask(self) -> None:
        """Take a new reference from the next still seconds; the old one holds until then."""
        self._capture.reset()
        self._capturing = self._asked = True

    def interrupt(self) -> None:
        """Forget the capture in progress: the body was lost or turned round."""
        self._capture.reset()

    def new_place(self, by_camera: bool) -> bool:
        """The picture moved as a whole, or it is another person: nothing holds. Return whether a reference fell."""
        self._capture.reset()
        standing = self.standing
        if standing is None or standing.source not in ("recorded", STORED) or self.stale:
            return False
        self.stale = self._capturing = True
        self._by_camera = by_camera
        return True

    def unsteady(self) -> None:
        """The camera moves all the time: its first moves made the reference no worse than it is, heights apart."""
        if self._by_camera:
            self.stale = self._by_camera = False

    def absent(self) -> None:
        """Nobody was there for a while: whoever comes back may be somebody else."""
        if self.standing is not None and self.standing.source == "recorded":
            self._capturing = True

    def update(self, body: Body, view: ViewKind) -> bool:
        """Take one frame; return whether a new reference was taken in it."""
        self._front = front = view is ViewKind.FRONT
        settled = view is ViewKind.SIDE and self._settle_stored(body)
        self.by_standing = False
        if view is ViewKind.OBLIQUE or not self._captures(front):
            return settled
        taken = self._capture.update(body, front)
        wanted = self.stale or self._asked or self._only_from_front(front) or self._stored_elsewhere(front)
        good_enough = self.standing is not None and not wanted
        if taken is None or (good_enough and taken.provisional and not self._rolled(taken)):
            return settled
        self.standing = taken
        self._stored, self.by_standing = None, True
        self.stale = self._asked = self._by_camera = False
        self._capturing = taken.provisional
        return True

    def _settle_stored(self, body: Body) -> bool:
        """Compare what was stored with this frame; return whether its scale or its heights are settled now."""
        settled = self._stored.update(body) if self._stored is not None and not self.stale else None
        if settled is None or self._stored is None:
            return False
        if self._stored.turned:
            # A rolled camera leans the other way then: its angles are of no use, and a new standing is taken.
            self.standing, self._stored, self._capturing, self._asked = None, None, True, True
            return True
        self.standing = settled
        return True

    def _rolled(self, taken: StandingReference) -> bool:
        """Whether a short standing shows that the camera is rolled otherwise than when the standing was stored.

        Even the stored angles are wrong then, and the short standing is better.
        """
        return self._stored is not None and not taken.from_front and self._stored.rolled(taken)

    def _captures(self, front: bool) -> bool:
        """Whether standing still would be taken as seen now: facing the camera takes no side view's reference away."""
        if front and self.standing is not None and not (self.stale or self._asked):
            return self._capturing and (self.standing.from_front or self._stored is not None)
        return self._capturing or self._only_from_front(front)

    def _stored_elsewhere(self, front: bool) -> bool:
        """Whether only a stored standing is there whose heights do not hold as seen now."""
        return self._stored is not None and (front or bool(self._stored.stale))

    def _only_from_front(self, front: bool) -> bool:
        """Whether the reference was taken from the front and the runner is now seen from the side."""
        return not front and self.standing is not None and self.standing.from_front

    def check_scale(self, leg_ratio: float) -> str:
        """Compare running with standing leg length; return a warning line if something follows from it, else ""."""
        standing = self.standing
        if standing is None or not standing.has_angles:
            return ""
        off = abs(leg_ratio - 1.0)
        if standing.source == "file" and off > SAME_SCALE_TOLERANCE:
            self.standing = standing.rescaled(leg_ratio)
            return f"the standing recording was taken at another distance: scaled by {leg_ratio:.2f} to the running"
        if self._front and standing.source == STORED:
            return ""  # legs seen from the front are no measure of those stored from the side
        if standing.source in ("recorded", STORED) and off > STALE_SCALE_TOLERANCE and not self.stale:
            self.stale = self._capturing = True
            return "the standing reference no longer fitted the runner: another distance, or another runner"
        return ""

    def status(self, running: bool) -> StandingStatus:
        """Return what to show of it."""
        source = self.standing.source if self.standing is not None else "none"
        wanted = self._asked or self.stale or self._capture.still_s > SHOW_AFTER_S
        if self._capturing and wanted and not running:
            return self._capture.status(source)
        message = "Standing reference taken" if self.standing is not None else "No standing reference"
        if self._stored is not None:
            message = "Standing of an earlier session" + ("" if self._stored.confirmed else ": angles and scale only")
        return StandingStatus(source, False, 1.0 if self.standing is not None else 0.0, message)
