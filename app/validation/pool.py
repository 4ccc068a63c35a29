"""The scenes spread over processes; the results come in the scenes' order, whoever is ready first."""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from app.coach.errors import WorldError
from app.pose.engine import Engine
from app.validation.acts_run import ActResult, Network, run_act
from app.validation.run import SceneResult, run_scene
from app.validation.stances import StanceRun, StanceScene, run_stance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from app.validation.acts import ActScene
    from app.validation.scenes import Scene


class _Named(Protocol):
    """What is run: it has a name of its own."""

    @property
    def name(self) -> str: ...


S = TypeVar("S", bound=_Named)
R = TypeVar("R")


def run_scenes(
    scenes: Sequence[Scene],
    model_path: Path,
    engine: Engine,
    jobs: int,
    done: Callable[[str], None],
) -> list[SceneResult]:
    """Return the results of ``scenes`` in their order, run in ``jobs`` processes (1: in this one).

    Args:
        scenes: what to run.
        model_path: of the pose model.
        engine: what runs the chain's network.
        jobs: processes.
        done: called with the name of each scene that is ready.

    Raises:
        WorldError: the model cannot be loaded, the engine is not installed, or a process was ended from outside.
    """
    work = partial(run_scene, model_path=model_path, engine=engine)
    return _spread(work, scenes, lambda s: s.frames * s.size_px[0] * s.size_px[1], jobs, done)


def run_acts(
    scenes: Sequence[ActScene],
    network: Network | None,
    jobs: int,
    done: Callable[[str], None],
    keep: Path | None = None,
    kept: Path | None = None,
) -> list[ActResult]:
    """Return the results of the acts' ``scenes`` in their order, like `run_scenes`; see `run_act`.

    Raises:
        WorldError: as `run_scenes`; or what was kept is missing or does not fit.
    """
    work = partial(run_act, network=network, keep=keep, kept=kept)
    return _spread(work, scenes, lambda s: s.frames, jobs, done)


def run_stances(
    scenes: Sequence[StanceScene],
    network: Network | None,
    jobs: int,
    done: Callable[[str], None],
    keep: Path | None = None,
    kept: Path | None = None,
) -> list[StanceRun]:
    """Return the results of the stances' ``scenes`` in their order, like `run_acts`; see `run_stance`.

    Raises:
        WorldError: as `run_acts`.
    """
    work = partial(run_stance, network=network, keep=keep, kept=kept)
    return _spread(work, scenes, lambda s: s.frames, jobs, done)


def _spread(
    work: Callable[[S], R], scenes: Sequence[S], size: Callable[[S], float], jobs: int, done: Callable[[str], None]
) -> list[R]:
    """Return ``work`` of every scene, in the scenes' order; ``size`` tells how long each takes beside the others."""
    if jobs > 1 and len(scenes) > 1:
        return _in_processes(work, scenes, size, jobs, done)
    results = []
    for scene in scenes:
        results.append(work(scene))
        done(scene.name)
    return results


def _in_processes(
    work: Callable[[S], R], scenes: Sequence[S], size: Callable[[S], float], jobs: int, done: Callable[[str], None]
) -> list[R]:
    # Not forked: a process forked from one with MediaPipe's threads hangs.
    context = multiprocessing.get_context("spawn")
    strangers = set(multiprocessing.active_children())
    by_name: dict[str, R] = {}
    with ProcessPoolExecutor(min(jobs, len(scenes)), mp_context=context, initializer=_end_silently) as pool:
        # The longest first, so that none is left alone at the end.
        ordered = sorted(scenes, key=lambda s: -size(s))
        try:
            futures = {pool.submit(work, scene): scene.name for scene in ordered}
            for future in as_completed(futures):
                name = futures[future]
                by_name[name] = future.result()
                done(name)
        except BrokenProcessPool as error:
            raise WorldError(
                "A process that ran a scene was ended from outside: it may need more memory; try --jobs 1."
            ) from error
        except BaseException:
            # A scene takes a minute: nobody who stops the command waits for it.
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(multiprocessing.active_children()) - strangers:
                child.terminate()
            raise
    return [by_name[scene.name] for scene in scenes]


def _end_silently() -> None:
    """Have Ctrl-C end a process that runs scenes at once; the first process tells the user."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
