"""A stored session judged again: the same poses, the same requests at the same frames, the same coach or another."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.coach.model import CoachModel
from app.store.sessions.chunks import Chunk, KeptEvent
from app.store.sessions.derived import Derived
from app.store.sessions.recipe import Recipe
from app.store.sessions.requests import repeat


@dataclass(slots=True)
class Replay:
    """A judging under way; feed it the chunks in order, then `end`.

    Attributes:
        coach: what judges. derived: steps, cues and faults found. finished: whether the coach was told that it is over.
        tracking: the newest totals kept.
    """

    coach: CoachModel
    derived: Derived
    finished: bool = False
    tracking: dict[str, Any] = field(default_factory=dict)
    _waiting: deque[KeptEvent] = field(default_factory=deque)

    @classmethod
    def of(cls, recipe: Recipe) -> Replay:
        """Begin one."""
        return cls(recipe.make(), Derived())

    def feed(self, chunk: Chunk) -> None:
        """Take a chunk. Raises DamagedError for a request that makes no sense."""
        self._waiting.extend(chunk.events)
        self.tracking = chunk.tracking or self.tracking
        for pose in chunk.poses:
            self._events_before(self.derived.frames)
            self.derived.frame(self.coach.update(pose), pose.t_s)

    def end(self) -> None:
        """The frames are over."""
        self._events_before(None)
        self.derived.finish()

    def _events_before(self, frame: int | None) -> None:
        while self._waiting and (frame is None or self._waiting[0].frame <= frame):
            event = self._waiting.popleft()
            self.derived.event(event)
            if event.kind == "request":
                repeat(self.coach, event.name, event.value)
                self.finished = self.finished or event.name == "finish"


def replayed(recipe: Recipe, chunks: Iterable[Chunk]) -> Replay:
    """Return the session judged to its end. Raises DamagedError."""
    replay = Replay.of(recipe)
    for chunk in chunks:
        replay.feed(chunk)
    replay.end()
    return replay
