"""One scene through raw MediaPipe and through the refined chain, on the same frames; and with each part left out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.coach.types import BodyPose, Frame
from app.pose.engine import Engine, make_network
from app.pose.estimator import Estimate
from app.validation.scenes import Group, Scene
from app.validation.score import Outcome, Truths, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from app.pose.estimator import PoseEstimator
    from app.pose.refined import Part


#: Which parts are left out, one at a time, in which scenes; plain ones also tell what each part costs.
ABLATED: dict[Group, tuple[str, ...]] = {
    Group.PLAIN: ("head", "turn", "legs", "bump", "lock", "still"),
    Group.LEAN: ("mirror",),
    Group.TREADMILL: ("still", "legs", "lock"),
    Group.PEOPLE: ("lock",),
    Group.EVENT: ("turn", "bump"),
}
#: Parts that change what the network sees next: without them it has to look at every frame itself.
_OWN_LOOK: dict[Group, tuple[str, ...]] = {
    Group.LEAN: ("mirror",),
    Group.TREADMILL: ("still",),
    Group.PEOPLE: ("lock",),
}


@dataclass(frozen=True, slots=True)
class Costs:
    """Usual times of a scene's frames, ms (`usual`).

    Attributes:
        bare_ms: raw MediaPipe, without mask. network_ms: the chain's network with mask.
        refinement_ms: everything around the network. parts_ms: of that, what each part left out saved.
    """

    bare_ms: float
    network_ms: float
    refinement_ms: float
    parts_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SceneResult:
    """What one scene came to: raw MediaPipe, the chain, and the chain without each of some parts."""

    scene: Scene
    raw: Outcome
    refined: Outcome
    without: Mapping[str, Outcome]
    costs: Costs
    elapsed_s: float


class _Timed:
    """A network that remembers what it answered last and how long it took."""

    def __init__(self, network: PoseEstimator) -> None:
        self._network = network
        self.last: Estimate | None = None
        self.took_ms = 0.0

    def estimate(self, frame: Frame) -> Estimate:
        """Return the network's answer."""
        started_s = time.perf_counter()
        self.last = self._network.estimate(frame)
        self.took_ms = 1e3 * (time.perf_counter() - started_s)
        return self.last

    def restart(self) -> None:
        """Have the network look afresh."""
        self._network.restart()

    def close(self) -> None:
        """Close the network."""
        self._network.close()


class _Replay:
    """Answers what another network just answered: one look at a frame serves several chains."""

    def __init__(self, network: _Timed) -> None:
        self._network = network
        self.took_ms = 0.0

    def estimate(self, frame: Frame) -> Estimate:
        """Return the answer to this very frame."""
        assert self._network.last is not None
        return self._network.last

    def restart(self) -> None:
        """The network that is replayed is restarted by its own chain."""

    def close(self) -> None:
        """Nothing is held."""


class _Chain:
    """A chain of estimators with the poses it gave and the time it spent outside of its network."""

    def __init__(self, estimator: PoseEstimator, network: _Timed | _Replay) -> None:
        self.estimator = estimator
        self.network = network
        self.poses: list[BodyPose] = []
        self.network_ms: list[float] = []
        self.around_ms: list[float] = []

    def take(self, frame: Frame) -> None:
        """Have the chain look at a frame."""
        started_s = time.perf_counter()
        pose = self.estimator.estimate(frame).pose
        took_ms = 1e3 * (time.perf_counter() - started_s)
        self.poses.append(pose)
        self.network_ms.append(self.network.took_ms)
        self.around_ms.append(took_ms - self.network.took_ms)


def run_scene(scene: Scene, model_path: Path, engine: Engine = Engine.MEDIAPIPE, ablate: bool = True) -> SceneResult:
    """Return what a scene came to.

    Raises:
        WorldError: the model cannot be loaded, or the engine is not installed.
    """
    started_s = time.perf_counter()
    chains = _chains(scene, model_path, engine, ablate)
    try:
        virtual = scene.virtual()
        for index, t in enumerate(scene.times_s()):
            frame = Frame(index, float(t), virtual.image_at(float(t), index))
            for chain in _in_turn(chains, index):
                chain.take(frame)
    finally:
        for chain in chains.values():
            chain.estimator.close()
    truths = Truths.of(scene)
    outcomes = {name: outcome(scene, truths, chain.poses) for name, chain in chains.items()}
    raw, refined = outcomes.pop("raw"), outcomes.pop("refined")
    costs = _costs(chains)
    return SceneResult(scene, raw, refined, outcomes, costs, time.perf_counter() - started_s)


def _in_turn(chains: Mapping[str, _Chain], index: int) -> list[_Chain]:
    """Return the chains in the order to run: they take turns, as the picture is cold for the first that reads it.

    Those that replay still come after the one they replay.
    """
    first, second, *rest = chains.values()
    turn = index % len(rest) if rest else 0
    rest = rest[turn:] + rest[:turn]
    return [second, first, *rest] if index % 2 else [first, second, *rest]


def _chains(scene: Scene, model_path: Path, engine: Engine, ablate: bool) -> dict[str, _Chain]:
    """Return the chains by name: raw, refined, then each part that is left out; those that replay come last."""
    from app.pose.mediapipe_estimator import MediaPipeEstimator
    from app.pose.refined import ALL_PARTS, Part, RefinedEstimator

    def chain(network: _Timed | _Replay, parts: frozenset[Part]) -> _Chain:
        return _Chain(RefinedEstimator(network, parts=parts), network)

    bare = _Timed(MediaPipeEstimator(model_path, smoothed=True))
    chains = {"raw": _Chain(bare, bare)}
    make = network_maker(model_path, engine)
    main = _Timed(make())
    chains["refined"] = chain(main, ALL_PARTS)
    # The replayed picture has been cleaned already, so the replaying chains have no `still` of their own.
    cleaned = ALL_PARTS - {Part.STILL}
    for name in ABLATED.get(scene.group, ()) if ablate else ():
        part = Part(name)
        if name in _OWN_LOOK.get(scene.group, ()):
            chains[name] = chain(_Timed(make()), ALL_PARTS - {part})
        else:
            chains[name] = chain(_Replay(main), cleaned - {part})
    return chains


def network_maker(model_path: Path, engine: Engine) -> Callable[[], PoseEstimator]:
    """Return what makes a network with a mask."""
    return lambda: make_network(engine, model_path, with_mask=True)


def _costs(chains: Mapping[str, _Chain]) -> Costs:
    """Return the costs; a part's is what all the others took less than with it, frame by frame."""
    refined = chains["refined"]
    replays = {name: c for name, c in chains.items() if isinstance(c.network, _Replay)}
    parts_ms: dict[str, float] = {}
    # "still" left out of a replay is the whole chain but for it: what the other parts are measured against.
    whole = replays.get("still")
    if whole is not None:
        parts_ms["still"] = _saved_ms(refined, whole)
        parts_ms |= {name: _saved_ms(whole, chain) for name, chain in replays.items() if chain is not whole}
    return Costs(
        usual(chains["raw"].network_ms),
        usual(refined.network_ms),
        usual(refined.around_ms),
        parts_ms,
    )


def _saved_ms(more: _Chain, less: _Chain) -> float:
    return usual([a - b for a, b in zip(more.around_ms, less.around_ms, strict=True)])


def usual(times_ms: Sequence[float]) -> float:
    """Return the mean of times without the highest and lowest twentieth; NaN for none.

    A mean, as some parts work in every n-th frame only; without the ends, as other programs interrupt.
    """
    ordered = sorted(times_ms)
    cut = len(ordered) // 20
    kept = ordered[cut : len(ordered) - cut]
    return sum(kept) / len(kept) if kept else float("nan")
