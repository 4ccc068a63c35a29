"""Whose leg is whose: steps counted where the legs pass each other, and a vote on which of the two is the right one.

The network's left and right are wrong in up to a third of the frames of a side view, but which leg is in front and
which is behind it sees well. In running each passing of the legs exchanges them, so counting passings keeps the two
legs apart ("parity"), whatever the labels say. Lengths here are in trunk lengths (hip to shoulder) of the runner,
body frame: forward +, up +.

All thresholds were measured on 22 rendered clips through the network (2.6 to 4.2 m/s, both facings, 30 and 60 fps)
and two real ones; trunk lengths make them independent of the picture's size.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from app.coach.filters import NAN, median

#: The rear ankle is raised over the front one by this before the legs pass (0.3 to 0.7 seen), the legs this far apart.
ARM_RISE, ARM_SPLIT = 0.20, 0.50
#: The legs have passed once the rear ankle is lower than the front one by this (0.2 to 0.5 seen), no further apart,
PASSED_RISE, PASSED_SPLIT = -0.12, 0.90
#: or once the rear-most ankle, having come forward from its furthest back by the first (0.6 seen, noise 0.05), goes
#: back again by the second while the legs part by the third.
CAME_FORWARD, WENT_BACK, PARTED = 0.25, 0.10, 0.25
#: Ankles close in at 6 to 9 trunk lengths a second at 3.3 and 4.2 m/s. A split that shrinks faster is a frame in which
#: the network put both legs into one; the slack is for noise.
CLOSING_PER_S, CLOSING_SLACK = 12.0, 0.15
#: Steps are this long; the count is lost when none came for longer, or nothing was seen for longer than the gap.
STEP_LEAST_S, STEP_MOST_S = 0.20, 0.80
GAP_S = 0.25
#: A passing may not follow another sooner than this share of the usual step.
REFRACTORY_SHARE = 0.7
#: Steps in a row that make striding.
STRIDING_STEPS = 2
#: The vote: steps it needs and remembers, and how clear it must be (landmarks.md, section 3: below 0.1, ask).
VOTE_STEPS, VOTE_MEMORY, VOTE_CONTRAST = 8, 24, 0.10
#: So many newest steps against the decision, so clearly, are a step that was missed or invented.
SLIP_STEPS, SLIP_CONTRAST = 6, 0.60


@dataclass(slots=True)
class Ankles:
    """The two ankles of one frame.

    Attributes:
        t_s: time. rear: the rear-most ankle ahead (+) of the hip. split: front minus rear ankle, never negative.
        rise: rear ankle's height over the front one's.
    """

    t_s: float
    rear: float
    split: float
    rise: float


class StepParity:
    """Counts the passings of the legs as the frames stream in."""

    def __init__(self) -> None:
        #: Which of the two legs (0 or 1, arbitrary names) is in front now.
        self.front = 0
        #: Passings in a row since striding began; 0 while standing.
        self.steps = 0
        #: Time of the newest passing, and whether it came with the newest frame.
        self.passed_s = NAN
        self.passed_now = False
        #: Before the passing: the rear leg swings forward, and the front one is, or is about to be, the stance leg.
        self.before_passing = False
        self._furthest_back = NAN
        self._furthest_forward = NAN
        self._seen_s = NAN
        self._split = NAN
        self._split_s = NAN
        self._durations: deque[float] = deque(maxlen=5)

    def reset(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    @property
    def striding(self) -> bool:
        """Whether the legs keep passing each other."""
        return self.steps >= STRIDING_STEPS

    @property
    def swinging(self) -> bool:
        """Whether the rear leg is on its way forward: the other has landed, or is about to."""
        return self.before_passing and self._furthest_forward > self._furthest_back + 0.5 * CAME_FORWARD

    def merged(self, ankles: Ankles) -> bool:
        """Whether the split shrank faster than legs move."""
        since_s = ankles.t_s - self._split_s
        return self.striding and ankles.split < self._split - CLOSING_PER_S * since_s - CLOSING_SLACK

    def lapse(self, t_s: float) -> None:
        """Lose count where too long nothing was seen, or no passing came; call once per frame, before `update`."""
        self.passed_now = False
        if self._seen_s == self._seen_s and (t_s - self._seen_s > GAP_S or t_s < self._seen_s - GAP_S):
            self.reset()
        elif self.passed_s == self.passed_s and t_s - self.passed_s > STEP_MOST_S:
            front, seen_s = self.front, self._seen_s
            self.reset()
            self.front, self._seen_s = front, seen_s

    def update(self, ankles: Ankles) -> None:
        """Take one good frame: both ankles seen, neither impossible nor merged. Times that do not grow are ignored."""
        if self._seen_s == self._seen_s and ankles.t_s <= self._seen_s:
            return
        self._seen_s = self._split_s = ankles.t_s
        self._split = ankles.split
        if not self.before_passing:
            if ankles.rise > ARM_RISE and ankles.split > ARM_SPLIT:
                self.before_passing = True
                self._furthest_back = self._furthest_forward = ankles.rear
            return
        if ankles.rear < self._furthest_back:
            self._furthest_back = self._furthest_forward = ankles.rear
        self._furthest_forward = max(self._furthest_forward, ankles.rear)
        if self._have_passed(ankles):
            self._pass(ankles.t_s)

    def _have_passed(self, ankles: Ankles) -> bool:
        if self._durations and ankles.t_s - self.passed_s < REFRACTORY_SHARE * median(self._durations):
            return False
        if ankles.rise < PASSED_RISE and ankles.split < PASSED_SPLIT:
            return True
        came = self._furthest_forward - self._furthest_back > CAME_FORWARD
        back = self._furthest_forward - ankles.rear > WENT_BACK
        return came and back and ankles.split > PARTED and ankles.rise < ARM_RISE

    def _pass(self, t_s: float) -> None:
        duration_s = t_s - self.passed_s
        self.before_passing = False
        self.front = 1 - self.front
        self.passed_s, self.passed_now = t_s, True
        if STEP_LEAST_S <= duration_s <= STEP_MOST_S:
            self._durations.append(duration_s)
            self.steps += 1
        else:
            self._durations.clear()
            self.steps = 1


class NearVote:
    """Asks the network's labels, over many steps, which of the two legs is the right one.

    A network that calls the front leg "right" whichever it is would win every vote of the frames in which it is in
    front: frames with a leg in front and frames with it behind count equally, however many there are.
    """

    def __init__(self) -> None:
        #: Which leg (0 or 1) is the right one; None until decided.
        self.right: int | None = None
        #: The user said so: no vote overrules it until the count is lost.
        self.told = False
        self._guess = 0
        self._steps: deque[tuple[list[int], list[int]]] = deque(maxlen=VOTE_MEMORY)

    def reset(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def new_step(self) -> None:
        """A step is over: decide, if that is possible now."""
        if not self.told:
            self._decide()
        self._steps.append(([0, 0], [0, 0]))

    def add(self, front: int, front_is_right: bool) -> None:
        """Take the label of one frame with legs well apart: leg ``front`` was in front, and called right or left."""
        if self._steps:
            counts = self._steps[-1][front]
            counts[int(front_is_right)] += 1
            if self.right is None:
                self._guess = self._likely()

    def support(self, newest: int = VOTE_MEMORY) -> float:
        """Return how clearly the labels call leg 0 the right one, -1..1, over the newest steps; NaN where unknown."""
        shares = []
        for front in (0, 1):
            called = [step[front] for step in list(self._steps)[-newest:]]
            left, right = sum(c[0] for c in called), sum(c[1] for c in called)
            if left + right == 0:
                return NAN
            zero_is_right = right if front == 0 else left
            shares.append(zero_is_right / (left + right))
        return shares[0] + shares[1] - 1.0

    @property
    def steps(self) -> int:
        """Steps the vote rests on."""
        return len(self._steps)

    @property
    def likely_right(self) -> int:
        """The leg that is more likely the right one, decided or not."""
        if self.right is not None:
            return self.right
        return self._guess

    def _likely(self) -> int:
        """Return what the labels so far make likely: the balanced support, or that of the one side seen yet."""
        support = self.support()
        if support != support:
            calls = [step[front] for step in self._steps for front in (0, 1)]
            support = sum((c[1] - c[0]) * (1 if k % 2 == 0 else -1) for k, c in enumerate(calls))
        if support == 0.0:
            return self._guess
        return 1 if support < 0.0 else 0

    def tell(self, right: int) -> None:
        """The user has said which leg is the right one."""
        self.right, self.told = right, True

    def _decide(self) -> None:
        if len(self._steps) < VOTE_STEPS:
            return
        if self.right is not None:
            lately = self.support(SLIP_STEPS)
            against = -lately if self.right == 0 else lately
            if against > SLIP_CONTRAST:
                self.right = 1 - self.right
                while len(self._steps) > SLIP_STEPS:
                    self._steps.popleft()
                return
        support = self.support()
        if abs(support) > VOTE_CONTRAST:
            self.right = 0 if support > 0.0 else 1
        elif not abs(support) > 0.5 * VOTE_CONTRAST:
            self.right = None
