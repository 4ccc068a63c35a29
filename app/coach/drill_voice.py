"""What a drill says: counts, the one thing to change, sets, rest, why it is paused. The words are data.

Everything that is said is also shown, and has an end: a count that comes late is worse than none.
"""

from __future__ import annotations

from collections import deque

from app.coach.drill_rules import DrillRules, DrillSpec
from app.coach.filters import NAN
from app.coach.reps import GOOD_REP, HALF_REP, DrillId, Rep, Saying

#: A count belongs to its repetition, what is said of sets may wait for the voice.
COUNT_LIFE_S, WORDS_LIFE_S = 1.5, 4.0
#: Lower is more urgent; faults of running lie between 10 and 60, praise at 90.
SET_PRIORITY, COUNT_PRIORITY, PAUSE_PRIORITY = 3, 4, 2
REST_SOON_S = 10.0
#: The same change is said again after so many repetitions, the same pause after so long.
CHANGE_AGAIN_REPS = 3
PAUSE_AGAIN_S = 12.0
NEWEST_STEPS = 8


class DrillVoice:
    """Collects what is to be said in one frame."""

    def __init__(self, rules: DrillRules, spec: DrillSpec) -> None:
        self._said, self._spec = rules.said, spec
        self._now_s = NAN
        self._waiting: list[Saying] = []
        self._change, self._since_change = "", 0
        self._told_s: dict[str, float] = {}
        self._armed_said = self._begun = False
        self._second = 0
        self._rest_told = False
        self._steps: deque[bool] = deque(maxlen=NEWEST_STEPS)
        self._roof_s = NAN

    def begin(self, t_s: float) -> None:
        """A new frame begins."""
        self._now_s = t_s

    def take(self) -> tuple[Saying, ...]:
        """Return what came up in this frame, most urgent first."""
        taken, self._waiting = tuple(sorted(self._waiting, key=lambda s: s.priority)), []
        return taken

    def _say(self, name: str, life_s: float, priority: int, **slots: object) -> None:
        words = self._said[name]
        spoken, shown = words.spoken.format(**_all(slots)), words.shown.format(**_all(slots))
        self._waiting.append(Saying(f"drill_{name}", spoken, shown, self._now_s, self._now_s + life_s, priority))

    # ------------------------------------------------------------------ occasions

    def armed(self) -> None:
        """The armed position was taken; said once, and again after a pause that was said."""
        if not self._armed_said:
            self._say("armed", WORDS_LIFE_S, SET_PRIORITY)
        self._armed_said = self._begun = True
        self._second = 0

    def moved(self) -> None:
        """The feet left their place in the middle of it."""
        self._armed_said = False
        if not self._repeated("moved"):
            self._say("moved", WORDS_LIFE_S, PAUSE_PRIORITY)

    def paused(self, why: str, lasted_s: float, after_s: float) -> None:
        """Nothing can be counted, for so long; said once it has lasted ``after_s``, and now and then again."""
        if lasted_s < after_s:
            return
        self._armed_said = False
        if not self._repeated(why):
            # Before the first start it is no pause.
            self._say("paused" if self._begun else "set_up", WORDS_LIFE_S, PAUSE_PRIORITY, change=why)

    def _repeated(self, why: str) -> bool:
        """Whether it was said lately."""
        if self._now_s - self._told_s.get(why, -PAUSE_AGAIN_S) < PAUSE_AGAIN_S:
            return True
        self._told_s[why] = self._now_s
        return False

    def rep(self, rep: Rep, count: int) -> None:
        """An attempt ended; ``count``: repetitions of this set."""
        self._second = 0
        if self._spec.id is DrillId.TUNNEL_MARCH:
            self._step(rep, count)
            return
        if not rep.counted:
            half = "half" if rep.verdict == HALF_REP else "count_change"
            self._say(half, COUNT_LIFE_S, COUNT_PRIORITY, n=count, change=rep.change)
            return
        change = rep.change if rep.verdict != GOOD_REP else ""
        self._since_change += 1
        if change and (change != self._change or self._since_change > CHANGE_AGAIN_REPS):
            self._change, self._since_change = change, 0
            self._say("count_change", COUNT_LIFE_S, COUNT_PRIORITY, n=count, change=change)
        elif count % self._spec.say_every == 0:
            # Of a hold the seconds were counted just before.
            self._say("count" if rep.unit == "deg" else "hold_count", COUNT_LIFE_S, COUNT_PRIORITY, n=count)

    def _step(self, rep: Rep, count: int) -> None:
        """One step of a march: counts now and then, the roof when it was hit often."""
        self._steps.append(rep.verdict != GOOD_REP)
        band = self._spec.band
        if sum(self._steps) >= band["hits_of_8"] and not self._now_s - self._roof_s < band["say_again_s"]:
            self._roof_s = self._now_s
            words = self._spec.change["roof"]
            self._waiting.append(
                Saying("tunnel", words.spoken, words.shown, self._now_s, self._now_s + COUNT_LIFE_S, COUNT_PRIORITY)
            )
        elif count % self._spec.say_every == 0:
            self._say("count", COUNT_LIFE_S, COUNT_PRIORITY, n=count)

    def seconds(self, held_s: float, wanted_s: float) -> None:
        """A hold goes on: count its good seconds, and tell when they are enough."""
        second = int(held_s)
        if held_s <= 0.0 or second == self._second:
            return
        before, self._second = self._second, second
        if second < before:
            return
        if held_s >= wanted_s:
            if before < wanted_s:
                self._say("hold_done", WORDS_LIFE_S, SET_PRIORITY)
        else:
            self._say("seconds", 0.9, COUNT_PRIORITY, n=second)

    def set_done(self, count: int, number: int, rest_s: float) -> None:
        """The set is done, rest begins."""
        self._armed_said, self._rest_told, self._second = False, rest_s < 1.5 * REST_SOON_S, 0
        self._say("set_done", WORDS_LIFE_S, SET_PRIORITY, n=count, set=number, rest=f"{rest_s:.0f}")

    def rest(self, left_s: float) -> None:
        """Rest goes on."""
        if not self._rest_told and left_s <= REST_SOON_S:
            self._rest_told = True
            self._say("rest_soon", WORDS_LIFE_S, SET_PRIORITY)

    def next_set(self, number: int, sets: int) -> None:
        """Rest is over."""
        self._say("next_set", WORDS_LIFE_S, SET_PRIORITY, set=number, sets=sets)

    def done(self, count: int, reps: int) -> None:
        """All sets are done."""
        self._say("done", WORDS_LIFE_S, SET_PRIORITY, n=count, reps=reps)


def _all(slots: dict[str, object]) -> dict[str, object]:
    """Return the slots with the missing ones empty: a coach's own words may ask for any."""
    return {"n": "", "set": "", "sets": "", "target": "", "rest": "", "change": "", "reps": "", **slots}
