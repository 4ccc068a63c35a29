"""``--trc`` and ``--mot``: the landmarks and angles of a clip, collected while it runs, or of a kept session."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.capture.around import Around
from app.coach.errors import WorldError
from app.coach.types import Facing, ViewKind
from app.store.trc_export import NEEDS_HEIGHT, NoScaleError, Scale, Track, scale_by_height, write_trc

if TYPE_CHECKING:
    from pathlib import Path

    from app.capture.source import FrameSource
    from app.coach.standing import StandingReference
    from app.coach.summary import CoachSummary
    from app.session import Analysis
    from app.store.history import History

FROM_THE_FRONT = "--mot: seen from the front there are no angles of hip and knee: film from the side."


@dataclass(frozen=True, slots=True)
class ClipExports:
    """Which of the two files are wanted, None not."""

    trc: Path | None = None
    mot: Path | None = None

    @property
    def wanted(self) -> bool:
        """Whether there is anything to collect for."""
        return self.trc is not None or self.mot is not None

    def check(self, source_kind: str, height_cm: float | None) -> None:
        """Raise WorldError for what cannot be written, before the long work."""
        from app.store.atomic import require_writable

        if self.trc is not None and source_kind != "trc" and height_cm is None:
            raise NoScaleError(NEEDS_HEIGHT)
        for option, path in (("--trc", self.trc), ("--mot", self.mot)):
            if path is None:
                continue
            if str(path) == "-":
                raise WorldError(f"{option} -: give the path of a file.")
            require_writable(path)

    def write(
        self, track: Track, source: FrameSource, summary: CoachSummary, standing: StandingReference | None
    ) -> None:
        """Write what is wanted of a clip that has been judged.

        Args:
            track: its landmarks.
            source: where they came from.
            summary: what it came to.
            standing: its reference, None without one.

        Raises:
            WorldError: there is no scale, there are no angles from this view, or a file cannot be written.
        """
        if self.trc is not None:
            of_file = _scale_of_file(source)
            write_trc(self.trc, track, of_file or scale_by_height(track, summary.px_per_cm, summary.height_cm))
        if self.mot is not None:
            _write_mot(self.mot, track, summary.view, summary.facing, summary.yaw_deg, standing)

    def write_session(self, history: History, session: str, height_cm: float | None = None) -> None:
        """Write what is wanted of a session of the history.

        Args:
            history: where it is.
            session: its id, the beginning of one, or "last".
            height_cm: of the runner, where the session does not know it; None: as it was told then.

        Raises:
            WorldError: as of `write`, or the session is not closed.
        """
        details = history.get(session)
        if details.summary is None:
            raise WorldError(f"The session {details.row.id} is not closed yet: it is being recorded, or was cut off.")
        view, known = details.summary["view"], details.summary["standing"]["px_per_cm"]
        track = Track(history.frames(details.row.id))
        if self.trc is not None:
            px_per_cm = math.nan if known is None else float(known)
            if height_cm is not None and details.standing is not None:
                px_per_cm = details.standing.body_height_px / height_cm
            write_trc(self.trc, track, scale_by_height(track, px_per_cm, height_cm or details.profile.height_cm))
        if self.mot is not None:
            yaw_deg = view["yaw_deg"] or 0.0
            _write_mot(self.mot, track, ViewKind(view["kind"]), Facing(view["facing"]), yaw_deg, details.standing)


class Collector:
    """Collects the landmarks of every frame: an observer of the session."""

    def __init__(self) -> None:
        self.track = Track()

    def __call__(self, analysis: Analysis) -> None:
        """Take one frame."""
        self.track.add(analysis.pose)


def _write_mot(
    path: Path, track: Track, view: ViewKind, facing: Facing, yaw_deg: float, standing: StandingReference | None
) -> None:
    from app.store.mot_export import write_mot

    if view is ViewKind.FRONT:
        raise WorldError(FROM_THE_FRONT)
    write_mot(path, track, facing, yaw_deg, standing)


def _scale_of_file(source: FrameSource) -> Scale | None:
    """Return the scale of a landmark file, which gives back its own coordinates; None for any other source."""
    from app.capture.trc import TrcSource

    inner = source.inner if isinstance(source, Around) else source
    if not isinstance(inner, TrcSource):
        return None
    left_m, top_m = inner.origin_m
    return Scale(inner.px_per_m, (-left_m * inner.px_per_m, top_m * inner.px_per_m))
