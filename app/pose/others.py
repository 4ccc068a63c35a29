"""How many other people are in the picture, for the set-up: a network of its own looks now and then."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from app.pose.engine import engine_for_many, make_network
from app.pose.subject import SAME_BODY, sighting_of, sightings_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.coach.types import BodyPose, Frame
    from app.pose.engine import Network

logger = logging.getLogger(__name__)

#: It finds several people more surely than LiteRT (`app.cli.people`); more than these need not be told apart.
ENGINE, MOST_PEOPLE = engine_for_many(), 3
#: Who is smaller than this share of the runner is far behind, and no trouble.
LEAST_SIZE = 0.35


class OthersCounter:
    """Counts; its network is loaded with the first look.

    Args:
        model_path: of the pose model; called with the first look.
        make: makes the network.

    """

    def __init__(
        self,
        model_path: Callable[[], Path],
        make: Callable[[Path], Network] = lambda path: make_network(ENGINE, path, people=MOST_PEOPLE),
    ) -> None:
        self._model_path, self._make = model_path, make
        self._network: Network | None = None
        self._closed = False

    def count(self, frame: Frame, pose: BodyPose) -> int:
        """Return how many people beside the one of ``pose`` are in the frame; a look that fails counts as none.

        Nobody seen in ``pose``: all but the largest one.
        """
        if self._closed:
            return 0
        try:
            if self._network is None:
                self._network = self._make(self._model_path())
            seen = sightings_of(self._network.find_all(frame))
        except Exception as error:  # noqa: BLE001 - a helper of the set-up must never end the session
            logger.warning("other people could not be looked for: %s", error)
            self.close()
            return 0
        if not seen:
            return 0
        runner = sighting_of(pose) if pose.seen else max(seen, key=lambda one: one.size_px)
        return sum(
            one.size_px >= LEAST_SIZE * runner.size_px
            and not np.hypot(*(one.hip_px - runner.hip_px)) <= SAME_BODY * runner.size_px
            for one in seen
        )

    def close(self) -> None:
        """Let the network go for good; idempotent."""
        self._closed = True
        self.rest()

    def rest(self) -> None:
        """Let the network go until somebody is to be counted again: it holds 100 MB, and running needs it not."""
        network, self._network = self._network, None
        if network is not None:
            network.close()
