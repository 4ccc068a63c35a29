"""What may be asked of a running session from any thread: carried out by the analysing one, before its next frame."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.coach.model import CoachModel
    from app.coach.report import Mode
    from app.coach.setup import SetupGuide
    from app.pose.estimator import Box, Steerable
    from app.session.judging import Judging, Task


class Asking:
    """The asking side of `Session`: two queues, for who judges and for who looks."""

    def __init__(self) -> None:
        self._requests: SimpleQueue[Callable[[Judging], None]] = SimpleQueue()
        self._steering: SimpleQueue[Callable[[Steerable], None]] = SimpleQueue()

    def ask(self, request: Callable[[CoachModel], None]) -> None:
        """Have ``request`` called with the coach in the analysing thread, before its next update."""
        self._requests.put(lambda judging: request(judging.coach))

    def ask_guide(self, request: Callable[[SetupGuide], None]) -> None:
        """Have ``request`` called with the set-up guide, as `ask`; nothing where there is none."""
        self._requests.put(lambda judging: judging.ask_guide(request))

    def turn_to(self, make: Callable[[CoachModel], Task]) -> None:
        """Judge by another task from the next frame on; ``make`` gets the present coach, whose standing it may keep."""
        self._requests.put(lambda judging: judging.turn_to(make(judging.coach)))

    def restart_exam(self) -> None:
        """Begin the exam anew from the next frame on; nothing where none is sat."""
        self._requests.put(lambda judging: judging.restart_exam())

    def calibrate(self) -> None:
        """Capture a new standing reference, from the next frame on."""
        self.ask(lambda coach: coach.start_calibration())

    def mark(self) -> None:
        """Mark this moment in the recording, to find it again; nothing where nothing is recorded."""
        self._requests.put(lambda judging: judging.mark())

    def set_mode(self, mode: Mode) -> None:
        """Judge running, the stance, or whichever is going on, from the next frame on."""
        self.ask(lambda coach: coach.set_mode(mode))

    def choose(self, point_px: tuple[float, float]) -> None:
        """Follow the person at a point of the picture, from the next frame on; nothing where nobody can choose."""
        self._steering.put(lambda estimator: estimator.choose(point_px))

    def exchange_sides(self) -> None:
        """Exchange left and right leg, from the next frame on: the user sees that they are the wrong way round."""
        self._steering.put(lambda estimator: estimator.exchange_sides())

    def paint_out(self, box: Box | None) -> None:
        """Hide a box of the picture from the pose network, from the next frame on; None = none."""
        self._steering.put(lambda estimator: estimator.paint_out(box))
