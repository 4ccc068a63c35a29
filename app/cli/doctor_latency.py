"""The latency self-test of ``hingecoach doctor``: the app's own chain, the camera's delay by flashes, the models."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from app.cli.terminal import notice

if TYPE_CHECKING:
    from app.cli.doctor_children import OwnProcesses
    from app.validation.checkup.parts import Asked

#: Time limits, s.
CHAIN_LIMIT_S, FLASH_LIMIT_S, NETWORK_LIMIT_S, SOUND_LIMIT_S = 180.0, 90.0, 60.0, 15.0
#: How long the chain runs live, s.
CHAIN_S: Final = 12.0


def latency(
    asked: Asked, children: OwnProcesses, budget_ms: float, virtual_ms: float | None, chain: bool = True
) -> dict[str, Any]:
    """Return the latencies of this machine as in docs/formats.md; what cannot be measured is None, and why.

    Args:
        asked: the camera, its size and rate, the model.
        children: start the processes.
        budget_ms: from a picture to its sound.
        virtual_ms: look at the screen with a camera of this known delay instead of a real one.
        chain: run the app's own chain, too.
    """
    from app.validation.checkup.asking import load
    from app.validation.checkup.latency import chain_of, judged_models, recommended

    found: dict[str, Any] = {"budget_ms": budget_ms, "virtual_ms": virtual_ms}
    measured, found["chain_why"] = _chain(asked, children) if chain else (None, "It was not asked for.")
    found["chain"] = None if measured is None else chain_of(measured)
    found["sound_buffer_ms"] = children("sound", SOUND_LIMIT_S).told.get("buffer_ms")
    found["loop"], found["loop_why"] = _loop(asked, children, virtual_ms)
    took_ms = _models(children)
    found["models"] = judged_models(took_ms, found["chain"], found["sound_buffer_ms"], budget_ms)
    found["load"] = load()
    found["recommended"] = recommended(found["models"])
    found["movement_to_sound_ms"] = _all_in_all(found)
    return found


def _all_in_all(found: dict[str, Any]) -> float | None:
    """Return camera + chain + what waits in front of the loudspeaker; None where one of the first two is not known."""
    loop, chain = found["loop"], found["chain"]
    if found["virtual_ms"] is not None or not loop or loop.get("delay_ms") is None or not chain:
        return None
    decided = chain.get("captured_to_decided", {}).get("p50")
    if decided is None:
        return None
    asked_ms = chain.get("decided_to_sound_asked", {}).get("p50") or 0.0
    # A movement falls anywhere between two pictures: what is seen first counts, not the bare delay.
    return round(float(loop["seen_ms"] + decided + asked_ms + (found["sound_buffer_ms"] or 0.0)), 1)


def _chain(asked: Asked, children: OwnProcesses) -> tuple[dict[str, Any] | None, str]:
    """Run the part of `hingecoach bench` that has the window, with a few pictures; (document, why not)."""
    from app.pose.model import model_status

    if not model_status(asked.model).valid:
        return None, "The pose model is not here yet: hingecoach model fetch"
    notice("Measuring the app's own chain on the virtual runner, without a screen (about half a minute) ...")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chain.json"
        words = ["bench", "--quick", "--only", "window", "--seconds", f"{CHAIN_S:g}", "--model", asked.model]
        answer = children.run([*words, "--json", str(path)], CHAIN_LIMIT_S, no_screen=True)
        try:
            return dict(json.loads(path.read_text(encoding="utf-8"))), ""
        except (OSError, ValueError):
            return None, answer.problem or "It told nothing."


def _loop(asked: Asked, children: OwnProcesses, virtual_ms: float | None) -> tuple[dict[str, Any] | None, str]:
    """Flash and look; (what came out, why not)."""
    from app.validation.checkup.loop import FLASHES, PERIOD_S

    if virtual_ms is None and asked.camera is None:
        return None, asked.no_camera
    if virtual_ms is None and _no_camera_here():
        return None, "There is no camera."
    if virtual_ms is None:
        asked.about_to_open(asked.camera or "")
        notice("Point it at the screen; a laptop's own sees it in a mirror, or on a face near it in a dark room.")
    notice(f"A window flashes white about once a second, {FLASHES} times ({FLASHES * PERIOD_S:.0f} s) ...")
    answer = children(
        "flash", FLASH_LIMIT_S, camera=asked.camera, size_px=list(asked.size_px), fps=asked.fps, flashes=FLASHES,
        delay_ms=virtual_ms, no_screen=virtual_ms is not None,
    )  # fmt: skip
    if answer.code != 0 or not answer.told:
        return None, answer.problem or "It told nothing."
    return dict(answer.told), str(answer.told.get("problem", ""))


def _no_camera_here() -> bool:
    from app.validation.checkup import probes_camera

    nodes = probes_camera.camera_facts().nodes
    return nodes is not None and not nodes


def _models(children: OwnProcesses) -> dict[str, float]:
    """Return the network's time by model, of those that are here."""
    from app.pose.model import VARIANTS, model_status

    took_ms = {}
    for name in VARIANTS:
        if model_status(name).valid:
            notice(f"Measuring the model {name} ...")
            told = children("network", NETWORK_LIMIT_S, model=name).told
            if told.get("p50_ms"):
                took_ms[name] = float(told["p50_ms"])
    return took_ms
