"""How late a cue is on this machine, put together from what was measured, and which model keeps within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.coach.setup_checks import GOOD_FPS
from app.validation.checkup.asking import BUSY
from app.validation.checkup.checks_speed import SHARE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: From small to large: the larger, the surer.
MODELS: Final = ("lite", "full", "heavy")
#: What the chain takes beside the network where it was not measured, ms (docs/performance.md).
REST_MS: Final = 8.0


def chain_of(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the percentiles that matter of a document of `hingecoach bench`, None where its window did not run."""
    window = document.get("parts", {}).get("window")
    if not isinstance(window, dict):
        return None
    stages = window.get("stages_ms", {})
    named = {
        "captured_to_decided": stages.get("captured_to_ready"),
        "captured_to_painted": stages.get("captured_to_painted"),
        "pose": stages.get("pose"),
        "decided_to_sound_asked": window.get("sound_in_all_ms"),
    }
    return {name: {key: one.get(key) for key in ("p50", "p95", "n")} for name, one in named.items() if one}


def rest_ms(chain: Mapping[str, Any] | None) -> float:
    """Return what the chain takes from picture to decision beside the network."""
    try:
        assert chain is not None
        return max(0.0, float(chain["captured_to_decided"]["p50"]) - float(chain["pose"]["p50"]))
    except (AssertionError, KeyError, TypeError):
        return REST_MS


def judged_models(
    took_ms: Mapping[str, float], chain: Mapping[str, Any] | None, buffer_ms: float | None, budget_ms: float
) -> list[dict[str, Any]]:
    """Return each model with its network time and whether a cue comes within the budget, from small to large.

    Args:
        took_ms: of the network, by model.
        chain: see `chain_of`.
        buffer_ms: what waits in front of the loudspeaker.
        budget_ms: from the picture to the start of its sound.
    """
    beside_ms = rest_ms(chain) + (buffer_ms or 0.0)
    found = []
    for name in sorted(took_ms, key=lambda one: MODELS.index(one) if one in MODELS else len(MODELS)):
        fps = SHARE * 1e3 / took_ms[name]
        late_ms = took_ms[name] + beside_ms
        fits = late_ms <= budget_ms and fps >= GOOD_FPS
        found.append(
            {"model": name, "p50_ms": round(took_ms[name], 1), "latency_ms": round(late_ms, 1), "fps": round(fps, 1),
             "fits": fits}
        )  # fmt: skip
    return found


def recommended(models: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the largest model that fits, None for none."""
    fitting = [str(one["model"]) for one in models if one["fits"]]
    return fitting[-1] if fitting else None


def latency_lines(latency: Mapping[str, Any]) -> list[str]:
    """Return the latency self-test as plain lines."""
    lines = ["", "Latency on this machine"]
    chain = latency.get("chain") or {}
    for key, words in (
        ("captured_to_decided", "picture taken to decision"),
        ("captured_to_painted", "picture taken to painted"),
        ("decided_to_sound_asked", "decision to sound asked for"),
    ):
        if one := chain.get(key):
            lines.append(f"  {words:<44}{_ms(one['p50'])} (95 % below {_ms(one['p95'])}, {one['n']} times)")
    if not chain:
        lines.append(f"  The app's own chain was not measured: {latency.get('chain_why', '')}")
    if latency.get("sound_buffer_ms") is not None:
        lines.append(f"  {'waiting in front of the loudspeaker':<44}{_ms(latency['sound_buffer_ms'])}")
    lines += _loop_lines(latency)
    lines.append("  What the loudspeaker adds cannot be measured without a microphone, which this app never opens.")
    total_ms = latency.get("movement_to_sound_ms")
    if total_ms is not None:
        lines.append(f"  {'a movement to its sound, all in all, about':<44}{_ms(total_ms)}")
    for one in latency.get("models", ()):
        fits = "within" if one["latency_ms"] <= latency["budget_ms"] else "NOT within"
        lines.append(
            f"  model {one['model']:<38}{_ms(one['p50_ms'])} a picture, {one['fps']:.0f} a second; a cue after "
            f"{_ms(one['latency_ms'])}: {fits} {latency['budget_ms']:g} ms"
            + ("" if one["fps"] >= GOOD_FPS else f"; TOO SLOW, {GOOD_FPS:.0f} a second are needed")
        )
    busy = (latency.get("load") or 0.0) > BUSY
    if busy:
        lines.append("  The computer was busy: close other programs and measure again.")
    best, models = latency.get("recommended"), [one["model"] for one in latency.get("models", ())]
    if best:
        lines.append(f"  Recommended: --model {best}")
    elif MODELS[0] in models:
        lines.append("  No model is fast enough here: plug the charger in, or use a faster computer.")
    elif models and not busy:
        lines.append(f"  No model that is here is fast enough: hingecoach model fetch --model {MODELS[0]}")
    return lines


def _loop_lines(latency: Mapping[str, Any]) -> list[str]:
    loop = latency.get("loop")
    if loop is None or loop.get("delay_ms") is None:
        why = (loop or {}).get("problem") or latency.get("loop_why", "")
        return [f"  The camera's own delay was not measured: {why}"]
    what = "a camera of known delay" if latency.get("virtual_ms") is not None else "screen to camera"
    lines = [
        f"  {what:<44}{_ms(loop['delay_ms'])} +- {loop['plus_minus_ms']:.1f} ({loop['seen']} of {loop['flashes']} "
        f"flashes, {loop['fps']:.1f} pictures a second; first seen after {_ms(loop['seen_ms'])})"
    ]
    if latency.get("virtual_ms") is not None:
        lines.append(f"  {'its true delay':<44}{_ms(latency['virtual_ms'])}")
    return lines


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"
