"""What is recorded of the sessions of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.coach.summary import CoachSummary
    from app.session.recordings import Recordings
    from app.ui.choice import Choice

#: Who did less than this only walked through the picture: nothing is kept of it.
LEAST_STEPS = 10


class FoundBy(Protocol):
    """How poses are found: `app.cli.build.Estimation`."""

    @property
    def model(self) -> str:
        """Name of the model."""

    @property
    def model_sha256(self) -> str:
        """Its hash."""

    @property
    def engine(self) -> str:
        """What runs it."""

    @property
    def notices(self) -> tuple[str, ...]:
        """Lines for the warnings."""


def records_of(
    choice: Choice, source_kind: str, camera: str, data_folder: Path, estimation: Callable[[], FoundBy]
) -> Recordings:
    """Return what records a session.

    Args:
        choice: what is looked at.
        source_kind: of its source.
        camera: what the camera is called among a runner's standings.
        data_folder: of the app.
        estimation: returns how poses are found, when it is known.

    """
    import app
    from app.session.recordings import Recordings
    from app.store.sessions.recipe import Recipe
    from app.store.sessions.start import SessionStart
    from app.ui.choice import SourceKind, source_label

    def start(recipe: Recipe) -> SessionStart:
        by = estimation()
        return SessionStart(
            recipe,
            person=choice.runner,
            source_kind=source_kind,
            source=source_label(choice),
            camera=camera,
            app_version=app.__version__,
            model=by.model,
            model_sha256=by.model_sha256,
            engine=by.engine,
            notices=by.notices,
        )

    # The pictures of a clip are kept already: in the clip.
    video = bool(choice.keep_video) and choice.kind is not SourceKind.FILE
    return Recordings(start, data_folder, worth_keeping, video)


def worth_keeping(summary: CoachSummary) -> bool:
    """Return whether anything was done: some steps, a hold, or a repetition."""
    reps = summary.drill is not None and summary.drill.counted > 0
    return len(summary.steps) >= LEAST_STEPS or bool(summary.holds) or reps
