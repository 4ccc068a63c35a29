"""What a drill comes to: repetitions, what is to be said of them, and the log that the user can correct.

Plain facts without judgement; `app.coach.drills` makes them. Times are the frames' own seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

NAN = float("nan")
#: Verdicts that every drill has; the others are the ids of its changes in ``drills.toml``.
GOOD_REP, HALF_REP, BY_HAND = "good", "half", "by_hand"


class DrillId(StrEnum):
    """The drills, by the words after ``--drill``."""

    HINGE = "hinge"
    START_LINE = "start_line"
    ATHLETIC = "athletic"
    TUNNEL_MARCH = "tunnel_march"

    @property
    def words(self) -> str:
        """What to call it."""
        return self.value.replace("_", " ")


class DrillPhase(StrEnum):
    """Where the drill stands: nothing is counted while paused, resting or done."""

    PAUSED = "paused"
    ARMED = "armed"
    MOVING = "moving"
    HOLDING = "holding"
    RESTING = "resting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Tempo:
    """How long a repetition took down, at the bottom and up again."""

    down_s: float
    pause_s: float
    up_s: float


@dataclass(frozen=True, slots=True)
class Rep:
    """One attempt at a repetition, counted or not.

    Attributes:
        number: of the attempt, from 1. set_number: the set it was made in, from 1.
        start_s, end_s: from leaving the armed position until being back in it (steps: foot up until down).
        depth: how far it went, in ``unit``: hip bend in deg, good seconds of a hold in s, head below standing in
            bh_pct for a step. tempo: None where there is none.
        counted: whether it counts. verdict: "good", "half", or the id of what to change.
        good: ids of what was good. change: what to say about the one thing to change, "" for nothing.
        values: further measures by name (the unit is in the name); NaN = not measured.
        side: the rear foot of a stance, "left", "right" or "unknown".
        by_user: the user put it in or changed it.
    """

    number: int
    start_s: float
    end_s: float
    depth: float
    tempo: Tempo | None
    counted: bool
    verdict: str
    good: tuple[str, ...] = ()
    change: str = ""
    unit: str = "deg"
    set_number: int = 1
    values: tuple[tuple[str, float], ...] = ()
    side: str = "unknown"
    by_user: bool = False

    def value(self, name: str) -> float:
        """Return a further measure, NaN where it was not taken."""
        return dict(self.values).get(name, NAN)


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing to say now. ``expires_s``: after this it must not be said any more; lower priority = more urgent."""

    id: str
    spoken: str
    shown: str
    t_s: float
    expires_s: float
    priority: int


@dataclass(frozen=True, slots=True)
class DrillReport:
    """Where a drill stands in one frame.

    Attributes:
        drill: which. phase: see `DrillPhase`. reps: counted in this set, corrections included.
        progress: of this repetition, 0..1: the way to the least depth, or the share of the wanted hold.
        hold_s: good seconds of the hold under way. last_rep: the newest attempt; ``new_rep``: it ended in this frame.
        set_number, sets, target: this set from 1, how many there are, repetitions wanted in each.
        rest_left_s: of the rest, 0 outside of one. cadence_spm: of the newest steps, NaN where there are none.
        say: what to say now, most urgent first. paused_because: one line, "" unless paused.
        head_below_roof_bh: tunnel march: head below the roof, + under it, fraction of body height.
    """

    drill: DrillId
    phase: DrillPhase
    reps: int
    progress: float
    hold_s: float
    last_rep: Rep | None
    new_rep: bool
    set_number: int
    sets: int
    target: int
    rest_left_s: float
    say: tuple[Saying, ...]
    paused_because: str
    cadence_spm: float = NAN
    head_below_roof_bh: float = NAN


@dataclass(frozen=True, slots=True)
class LoggedRep:
    """A repetition as it was judged (None: the user put it in) and as it is now (None: the user took it out)."""

    original: Rep | None
    now: Rep | None


@dataclass(slots=True)
class DrillLog:
    """All attempts of a drill, in order; corrections keep the original."""

    _entries: list[LoggedRep] = field(default_factory=list)
    #: The set that `add` puts a repetition into; the drill keeps it.
    set_number: int = 1

    @property
    def entries(self) -> tuple[LoggedRep, ...]:
        """Every attempt with its original."""
        return tuple(self._entries)

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The attempts as they are now, in order of time."""
        return tuple(sorted((e.now for e in self._entries if e.now is not None), key=lambda rep: rep.end_s))

    @property
    def last(self) -> Rep | None:
        """The newest attempt that was not taken out."""
        reps = self.reps
        return reps[-1] if reps else None

    def count(self, set_number: int | None = None) -> int:
        """Return how many count, of one set or of all."""
        return sum(r.counted for r in self.reps if set_number is None or r.set_number == set_number)

    def take(self, rep: Rep) -> Rep:
        """Keep a judged attempt; its number is given here and returned with it."""
        numbered = replace(rep, number=len(self._entries) + 1, set_number=self.set_number)
        self._entries.append(LoggedRep(numbered, numbered))
        return numbered

    def remove(self, number: int) -> None:
        """Take an attempt out. Raises KeyError where there is none of that number."""
        self._entries[self._at(number)] = replace(self._entries[self._at(number)], now=None)

    def restore(self, number: int) -> None:
        """Undo what the user did to an attempt that was judged. Raises KeyError where there is none."""
        at = self._at(number)
        if self._entries[at].original is None:
            raise KeyError(f"repetition {number} was put in by hand: there is nothing to go back to")
        self._entries[at] = replace(self._entries[at], now=self._entries[at].original)

    def add(self, t_s: float, set_number: int | None = None) -> Rep:
        """Put a counted repetition in by hand at a time, into this set or another; return it."""
        number = len(self._entries) + 1
        into = self.set_number if set_number is None else set_number
        rep = Rep(number, t_s, t_s, NAN, None, True, BY_HAND, set_number=into, by_user=True)
        self._entries.append(LoggedRep(None, rep))
        return rep

    def set_verdict(self, number: int, verdict: str, counted: bool | None = None) -> Rep:
        """Change a verdict and, where told, whether it counts; return the changed one.

        Raises KeyError where there is none of that number, or it was taken out.
        """
        at = self._at(number)
        now = self._entries[at].now
        if now is None:
            raise KeyError(f"repetition {number} was taken out")
        kept = now.counted if counted is None else counted
        changed = replace(now, verdict=verdict, counted=kept, change="", by_user=True)
        self._entries[at] = replace(self._entries[at], now=changed)
        return changed

    def _at(self, number: int) -> int:
        if not 1 <= number <= len(self._entries):
            raise KeyError(f"there is no repetition {number}: there are {len(self._entries)}")
        return number - 1


@dataclass(frozen=True, slots=True)
class DrillResult:
    """What a whole drill came to.

    Attributes:
        drill, target, sets, rest_s: as it was set, target 0 for none. entries: every attempt with its original.
        reps: as they are now.
        pauses: (start, end, why) of each time nothing could be counted, end NaN where it lasted to the end.
        done: whether all sets were finished.
    """

    drill: DrillId
    target: int
    sets: int
    rest_s: float
    entries: tuple[LoggedRep, ...]
    reps: tuple[Rep, ...]
    pauses: tuple[tuple[float, float, str], ...]
    done: bool

    @property
    def counted(self) -> int:
        """How many repetitions count."""
        return sum(rep.counted for rep in self.reps)

    @property
    def good(self) -> int:
        """How many of these were good."""
        return sum(rep.counted and rep.verdict == GOOD_REP for rep in self.reps)
