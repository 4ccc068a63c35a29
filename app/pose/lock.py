"""Keeps to one person while running: nobody is judged while somebody else has the network's attention.

A network that follows one person is dragged along by whoever walks between the camera and the runner: measured on
rendered scenes (a walker 0.4 to 1.2 m in front, 0.8 to 1.4 m/s), the landmarks move over to the walker within 0.1 s,
0.3 trunk lengths a frame, while the upper body grows by a third, and come back only when the walker has left the
picture. People beside did not disturb it, a head right behind the runner's only LiteRT. So a body that leaps
sideways, or grows within half a second, is not the runner: the lock gives nobody and asks for a fresh start of the
network until a body of the runner's size is again, and stays, where the runner was.

What is compared is the middle of the trunk and the length shoulder to hip plus ear to shoulder. Neither depends on
legs and arms: sitting down, jumping, a hinge or a turn of the body leave them where they are. Over six rendered runs
(30 and 60 fps, both directions) and the two real clips the sideways leap was at most 0.06 trunk lengths (0.10 with
somebody walking behind), the growth at most 9 %.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from app.coach.geometry import distance, midpoint, seen
from app.coach.types import Landmark

if TYPE_CHECKING:
    from app.coach.types import BodyPose

#: The runner's own place and size are medians over this long; the newest part may already be somebody else's.
REFERENCE_S = 2.0
UNSURE_S = 0.25
#: The straight line of the runner's motion is laid through the frames of the last half second but the newest, s.
MOTION_S = (0.5, 0.08)
#: A leap off that line, sideways, trunk lengths (setting off at 4 m/s^2 gives 0.25); a jump goes up and does not count.
LEAP = 0.30
#: A smaller leap (still 1.5 times the largest of any runner alone) counts where the body also grew, shares.
DRAGGED = 0.15
DRAGGED_GROWTH = 1.10
#: Growth within half a second that is nobody's own: walking straight at the camera, 3 m away, gives 1.15.
GROWTH = 1.25
#: Somebody else's head: the ear is so far from where it was about the hip in the last half second (median), trunk
#: lengths, and the size changed by more than a share, or the ear leapt: trunk lengths, plus so many a second. With
#: somebody right behind the runner, head beside head, LiteRT's ear hops over for some frames, by 0.6 to 0.7, and the
#: size falls by a third; bending down quickly moves the ear 2 a second, and keeps the size.
OTHER_HEAD = 0.25
OTHER_HEAD_SIZE = 1.18
OTHER_HEAD_LEAP = (0.2, 3.0)
#: Lasting longer than this, it is the runner's own head after all (bent towards the camera), s.
OTHER_HEAD_S = 0.6
#: Frames closer together than this are not remembered (slow motion at 240 fps).
SPACING_S = 1.0 / 70.0
#: A body is where the runner was: within so many trunk lengths, sideways and up, and of so nearly the same size;
#: it must stay there so long, moving less than this (a walker makes 0.5 trunk lengths in that time).
NEAR = 0.6
NEAR_SIZE = 1.18
RESUME_S = 0.18
RESUME_RANGE = 0.2
#: A longer gap without a body (or frames) than this, and the motion says nothing: the place must do.
GAP_S = 0.2
#: The same person, once settled: another place on the belt, another way to stand.
SAME_PLACE = 1.0
SAME_SIZE = 1.2
#: Settled: within so many trunk lengths for so long.
SETTLED_RANGE = 0.6
SETTLED_S = 1.0
SETTLE_EVERY_S = 0.5
#: After so long with only somebody else, who stays, that one is the runner; after that long whoever is there.
ACCEPT_S = 3.0
ACCEPT_MOVING_S = 8.0
#: Nobody for so long: the place is free.
RELEASE_S = 2.5
#: While paused, the network is started afresh at most so often (a start costs MediaPipe 20 frames' time).
RESTART_EVERY_S = 0.5

IN_FRONT = "somebody is in front of the runner"
BEHIND = "somebody is right behind the runner"
SOMEBODY_ELSE = "somebody else is in the picture"
WAITING = "waiting for the chosen person"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a pose is the runner's.

    Attributes:
        keep: it is (or nobody was seen); False: do not judge it.
        why: one line for the runner where not kept, else "".
        restart: the network must look for a person afresh.
    """

    keep: bool
    why: str = ""
    restart: bool = False


class Place(NamedTuple):
    """A body at an instant: trunk middle px, trunk length px, trunk plus neck to ear px (its size), ear from hip px."""

    t_s: float
    x_px: float
    y_px: float
    trunk_px: float
    size_px: float
    ear_x_px: float
    ear_y_px: float


class _State(Enum):
    FREE = auto()
    FOLLOWING = auto()
    PAUSED = auto()


_KEEP = Verdict(True)


class SubjectLock:
    """Judges, frame by frame, whether the network still follows the runner.

    Attributes:
        switches: how often another person became the runner.
    """

    def __init__(self) -> None:
        self.switches = 0
        self.reset()

    def reset(self) -> None:
        """Forget the runner; whoever comes next is the runner. The count of switches stays."""
        self._state = _State.FREE
        self._trail: deque[Place] = deque()
        self._last: Place | None = None
        self._runner: Place | None = None
        self._home: Place | None = None
        self._before: Place | None = None
        self._odd_since_s = math.inf
        self._others: deque[Place] = deque()
        self._why = ""
        self._paused_s = self._restarted_s = self._settled_s = self._time_s = -math.inf
        self._point_px: tuple[float, float] | None = None
        self._verdict = _KEEP

    def choose(self, point_px: tuple[float, float]) -> None:
        """Make the next body whose box holds this image point the runner; nobody else is kept for 3 s."""
        self.reset()
        self._point_px = point_px

    @property
    def place_px(self) -> tuple[float, float] | None:
        """Where in the picture a fresh start does well to look for the runner; None while the runner is followed."""
        if self._point_px is not None:
            return self._point_px
        return (self._runner.x_px, self._runner.y_px) if self._state is _State.PAUSED and self._runner else None

    def judge(self, pose: BodyPose) -> Verdict:
        """Return whether ``pose`` is the runner's.

        Frames come in the order of their time; a repeated one changes nothing, an earlier one starts over.
        """
        t_s = pose.t_s
        if not math.isfinite(t_s) or t_s == self._time_s:
            return Verdict(self._verdict.keep, self._verdict.why)
        if t_s < self._time_s:  # a clip played again
            point_px = self._point_px
            self.reset()
            self._point_px = point_px
        self._time_s = t_s
        body = place_of(pose)
        if self._point_px is not None:
            self._verdict = self._waited(pose, body)
        elif body is None:
            self._verdict = self._missed()
        elif self._state is _State.PAUSED:
            self._verdict = self._doubted(body)
        else:
            self._verdict = self._followed(body)
        return self._verdict

    def _waited(self, pose: BodyPose, body: Place | None) -> Verdict:
        """Wait for the chosen person."""
        assert self._point_px is not None
        t_s = self._time_s
        if self._paused_s == -math.inf:
            self._paused_s = t_s
        if body is None:
            return Verdict(False, WAITING)
        if _holds(pose, self._point_px) or t_s - self._paused_s > ACCEPT_S:
            self._point_px = None
            return self._follow([body])
        restart = t_s - self._restarted_s >= RESTART_EVERY_S
        self._restarted_s = t_s if restart else self._restarted_s
        return Verdict(False, WAITING, restart)

    def _missed(self) -> Verdict:
        """Nobody is seen: after a while the place is free."""
        since_s = self._others[-1].t_s if self._others else self._last.t_s if self._last else -math.inf
        if self._state is not _State.FREE and self._time_s - since_s > RELEASE_S:
            self._before, self._home = self._home or self._before, None
            self._state = _State.FREE
            self._trail.clear()
            self._others.clear()
            self._last = None
        return Verdict(False, self._why) if self._state is _State.PAUSED else _KEEP

    def _followed(self, body: Place) -> Verdict:
        """Judge a body while the runner is followed, or take it for the runner."""
        last = self._last
        if self._state is _State.FREE or last is None:
            self._state = _State.FOLLOWING
        else:
            why = self._not_him(body, last)
            if why and self._trail[-1].t_s - self._trail[0].t_s < MOTION_S[0]:
                self._trail.clear()  # hardly looked at yet: the network is still finding its way
            elif why:
                return self._pause(body, why)
            elif self._other_head(body, last):
                return Verdict(False, BEHIND)
        self._remember(body)
        self._settle()
        return _KEEP

    def _pause(self, body: Place, why: str) -> Verdict:
        sure = [p for p in self._trail if p.t_s <= self._trail[-1].t_s - UNSURE_S]
        self._runner = _median_place(sure or list(self._trail))
        self._state, self._why, self._paused_s = _State.PAUSED, why, body.t_s
        self._restarted_s = -math.inf
        self._others.clear()
        return self._doubted(body)

    def _doubted(self, body: Place) -> Verdict:
        """Judge a body while somebody else may be in front."""
        runner = self._runner
        assert runner is not None
        self._others.append(body)
        _forget(self._others, body.t_s - 2.0 * SETTLED_S)
        recent = _newest(self._others, RESUME_S)
        if _stay(recent, RESUME_RANGE) and all(_near(p, runner) for p in recent):
            return self._follow(recent)
        waited_s = body.t_s - self._paused_s
        stays = _stay(_newest(self._others, SETTLED_S), SETTLED_RANGE)
        if (waited_s > ACCEPT_S and stays) or waited_s > ACCEPT_MOVING_S:
            self._before, self._home = self._home or self._before or runner, None
            return self._follow(list(self._others))
        away = abs(body.x_px - runner.x_px) > NEAR * runner.trunk_px
        restart = (away or waited_s > RESTART_EVERY_S) and not _near(body, runner)
        restart = restart and body.t_s - self._restarted_s >= RESTART_EVERY_S
        self._restarted_s = body.t_s if restart else self._restarted_s
        return Verdict(False, self._why, restart)

    def _follow(self, places: list[Place]) -> Verdict:
        """Take the person at these places for the runner."""
        self._state, self._why = _State.FOLLOWING, ""
        self._trail.clear()
        self._others.clear()
        for place in places:
            self._remember(place)
        self._settle()
        return _KEEP

    def _remember(self, body: Place) -> None:
        if not self._trail or body.t_s - self._trail[-1].t_s >= SPACING_S:
            self._trail.append(body)
            _forget(self._trail, body.t_s - REFERENCE_S - UNSURE_S)
        self._last = body

    def _settle(self) -> None:
        """Look now and then where the person followed stays: that is home, and tells whether it is the one before."""
        now_s = self._trail[-1].t_s
        if now_s - self._settled_s < SETTLE_EVERY_S:
            return
        self._settled_s = now_s
        recent = _newest(self._trail, SETTLED_S)
        if _stay(recent, SETTLED_RANGE):
            self._home = _median_place(recent)
            self.switches += self._before is not None and not _same(self._home, self._before)
            self._before = None

    def _not_him(self, body: Place, last: Place) -> str:
        """Return why this cannot be the person followed, "" where it can."""
        gap_s = body.t_s - last.t_s
        if gap_s > GAP_S and self._odd_since_s == math.inf:
            return "" if self._found_again(body, last, gap_s) else SOMEBODY_ELSE
        past = [p for p in self._trail if MOTION_S[1] <= body.t_s - p.t_s <= MOTION_S[0]]
        if len(past) < 3 or past[-1].t_s - past[0].t_s < 0.4 * MOTION_S[0]:
            return IN_FRONT if abs(body.x_px - last.x_px) > (LEAP + 6.0 * gap_s) * last.trunk_px else ""
        trunk_px = median(p.trunk_px for p in past)
        leap = abs(body.x_px - _ahead([(p.t_s, p.x_px) for p in past], body.t_s)) / trunk_px
        growth = body.size_px / median(p.size_px for p in past)
        dragged = leap > DRAGGED and growth > DRAGGED_GROWTH
        return IN_FRONT if leap > LEAP or growth > GROWTH or dragged else ""

    def _other_head(self, body: Place, last: Place) -> bool:
        """Return whether head and hip cannot be of one body: the head is somebody's behind."""
        past = [p for p in self._trail if body.t_s - p.t_s <= MOTION_S[0]]
        if len(past) < 3:
            return False
        usual = _median_place(past)
        ratio = body.size_px / usual.size_px
        resized = not 1.0 / OTHER_HEAD_SIZE <= ratio <= OTHER_HEAD_SIZE
        gap_s = body.t_s - last.t_s
        leapt = _head_moved(body, last) > OTHER_HEAD_LEAP[0] + OTHER_HEAD_LEAP[1] * gap_s
        if not (_head_moved(body, usual) > OTHER_HEAD and (resized or leapt)):
            self._odd_since_s = math.inf
            return False
        self._odd_since_s = min(self._odd_since_s, body.t_s)
        if body.t_s - self._odd_since_s <= OTHER_HEAD_S:
            return True
        self._trail.clear()
        return False

    def _found_again(self, body: Place, last: Place, gap_s: float) -> bool:
        """Return whether a body after a gap is the one before it: as large, and where its motion led or it stayed."""
        past = [p for p in self._trail if last.t_s - p.t_s <= MOTION_S[0]]
        span_s = past[-1].t_s - past[0].t_s if past else 0.0
        way_px = (past[-1].x_px - past[0].x_px) / span_s * gap_s if span_s > 0.4 * MOTION_S[0] else 0.0
        off_px = abs(body.x_px - last.x_px - 0.5 * way_px) - 0.5 * abs(way_px)
        ratio = body.size_px / last.size_px
        return off_px <= (NEAR + 0.5 * gap_s) * last.trunk_px and 1.0 / GROWTH <= ratio <= GROWTH


def place_of(pose: BodyPose) -> Place | None:
    """Return where a body is and how large; None where trunk and head are not all there."""
    xy = pose.xy_px.tolist()
    ear, shoulder, hip = (
        midpoint(tuple(xy[left]), tuple(xy[left + 1]))
        for left in (Landmark.LEFT_EAR, Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP)
    )
    if not (seen(ear) and seen(shoulder) and seen(hip)):
        return None
    trunk_px, (x, y) = distance(hip, shoulder), midpoint(hip, shoulder)
    size_px = trunk_px + distance(shoulder, ear)
    if not (trunk_px > 0.0 and math.isfinite(size_px)):
        return None
    return Place(pose.t_s, x, y, trunk_px, size_px, ear[0] - hip[0], ear[1] - hip[1])


def _forget(places: deque[Place], before_s: float) -> None:
    while places and places[0].t_s < before_s:
        places.popleft()


def _median_place(places: list[Place]) -> Place:
    """Return the median of each coordinate; the time of the newest."""
    x, y, trunk, size, ear_x, ear_y = (median(p[i] for p in places) for i in range(1, 7))
    return Place(places[-1].t_s, x, y, trunk, size, ear_x, ear_y)


def _near(body: Place, runner: Place) -> bool:
    """Return whether a body is where the runner was, and of that size."""
    off_px = max(abs(body.x_px - runner.x_px), abs(body.y_px - runner.y_px))
    return off_px <= NEAR * runner.trunk_px and 1.0 / NEAR_SIZE <= body.size_px / runner.size_px <= NEAR_SIZE


def _same(body: Place, before: Place) -> bool:
    """Return whether somebody who settled may be the person from before."""
    ratio = body.size_px / before.size_px
    return abs(body.x_px - before.x_px) <= SAME_PLACE * before.trunk_px and 1.0 / SAME_SIZE <= ratio <= SAME_SIZE


def _newest(places: deque[Place], span_s: float) -> list[Place]:
    """Return the newest places, oldest first, that just cover a time; none where all of them do not."""
    found: list[Place] = []
    for place in reversed(places):
        found.append(place)
        if found[0].t_s - place.t_s >= span_s:
            return found[::-1]
    return []


def _stay(places: list[Place], range_trunks: float) -> bool:
    """Return whether there are places, and they lie sideways within so many trunk lengths."""
    x_px = [p.x_px for p in places]
    return bool(places) and max(x_px) - min(x_px) <= range_trunks * places[-1].trunk_px


def _head_moved(body: Place, before: Place) -> float:
    """Return how far the ear is from where it was about the hip, trunk lengths."""
    moved_px = math.hypot(body.ear_x_px - before.ear_x_px, body.ear_y_px - before.ear_y_px)
    return moved_px / before.trunk_px


def _ahead(samples: list[tuple[float, float]], t_s: float) -> float:
    """Return where the straight line through (time, value) samples leads: least squares."""
    n = len(samples)
    mean_s = sum(s for s, _ in samples) / n
    mean = sum(v for _, v in samples) / n
    spread = sum((s - mean_s) ** 2 for s, _ in samples)
    slope = sum((s - mean_s) * (v - mean) for s, v in samples) / spread if spread > 0.0 else 0.0
    return mean + slope * (t_s - mean_s)


def _holds(pose: BodyPose, point_px: tuple[float, float]) -> bool:
    """Return whether a body's box, a tenth wider and higher (hair, shoes), holds a point."""
    xy = [(x, y) for x, y in pose.xy_px.tolist() if x == x and y == y]
    xs, ys = [float(x) for x, _ in xy], [float(y) for _, y in xy]
    margin_px = 0.1 * (max(ys) - min(ys))
    inside_x = min(xs) - margin_px <= point_px[0] <= max(xs) + margin_px
    return inside_x and min(ys) - margin_px <= point_px[1] <= max(ys) + margin_px
