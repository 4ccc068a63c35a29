"""What the window keeps of the starting line: each passed side's picture, and the best stance as a ghost."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING

from app.coach.errors import WorldError
from app.coach.report import GOOD
from app.ui.ghost import Ghost, ghost_from
from app.ui.overlay_base import body_height_px
from app.ui.side_work import SideWork

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from app.session import ExamPicture
    from app.store.keepsakes import Keepsakes

logger = logging.getLogger(__name__)


class Keeping:
    """Writes in a thread of its own; a disk that is full or slow never stops a session.

    Attributes:
        ghost: the best stance of this runner, None while there is none.
        kept: pictures written so far, newest last. problem: why the last one could not be, "" where all is well.

    Args:
        keepsakes: where; None: nothing is kept, the ghost lasts as long as the window.

    """

    def __init__(self, keepsakes: Keepsakes | None) -> None:
        self._keepsakes = keepsakes
        self._work = SideWork("keepsakes")
        self._waiting: list[Future[Path]] = []
        self._runner = ""
        self._offset_bh_pct = float("inf")
        self.ghost: Ghost | None = None
        self.kept: list[Path] = []
        self.problem = ""

    def begin(self, runner: str) -> None:
        """Somebody runs now ("" nobody known): his best stance is the ghost."""
        self._runner = runner
        self.ghost, self._offset_bh_pct = None, float("inf")
        text = self._keepsakes.stance(runner) if self._keepsakes is not None else ""
        if not text:
            return
        try:
            kept = json.loads(text)
            self.ghost, self._offset_bh_pct = Ghost.from_json(kept["ghost"]), abs(float(kept["offset_bh_pct"]))
        except (ValueError, TypeError, KeyError) as error:
            logger.warning("the kept stance of %s was not understood and is left alone: %s", runner or "nobody", error)

    def take(self, picture: ExamPicture) -> None:
        """Keep a passed side; what was wrong on purpose is only shown."""
        analysis = picture.analysis
        if picture.name != GOOD or analysis.exam is None or not analysis.exam.kept:
            return
        offset = abs(analysis.exam.kept[-1].values.d_h_bh_pct)
        at = datetime.now()
        name = f"{picture.name}_{picture.side}"
        keepsakes, runner, pose, report = self._keepsakes, self._runner, analysis.pose, analysis.report
        if keepsakes is not None:
            self._submit(lambda: keepsakes.keep_picture(runner, name, at, analysis.frame, pose, report))
        # The best stance is the one with the hip nearest to the line.
        if offset < self._offset_bh_pct:
            try:
                ghost = ghost_from(pose, report.facing, body_height_px(report, pose))
            except ValueError as error:
                logger.warning("no ghost of this stance: %s", error)
                return
            self.ghost, self._offset_bh_pct = ghost, offset
            if keepsakes is not None:
                text = json.dumps({"ghost": ghost.to_json(), "offset_bh_pct": round(offset, 3)})
                self._submit(lambda: keepsakes.keep_stance(runner, text))

    def poll(self) -> None:
        """Take over what was written since the last time; call it at leisure."""
        done = [future for future in self._waiting if future.done()]
        self._waiting = [future for future in self._waiting if not future.done()]
        for future in done:
            error = future.exception()
            if error is None:
                self.problem = ""
                if future.result().suffix == ".jpg":
                    self.kept.append(future.result())
                continue
            self.problem = str(error) if isinstance(error, WorldError) else f"{type(error).__name__}: {error}"
            logger.error("a picture was not kept: %s", self.problem)

    def close(self) -> None:
        """Write what waits and end the thread, which is not waited for for long; idempotent."""
        self._work.close()
        self.poll()

    def _submit(self, write: Callable[[], Path]) -> None:
        self._waiting.append(self._work.submit(write))
