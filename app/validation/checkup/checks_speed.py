"""Speed: how fast the pose network runs here, and what slows a computer down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.coach.setup_checks import CONTACT_FPS, GOOD_FPS, JUDGED_FPS
from app.pose.model import VARIANTS
from app.validation.checkup.asking import BUSY
from app.validation.checkup.finding import EVERY_JOB, LIVE, fine, not_checked, note, trouble
from app.validation.checkup.places import for_import, power_settings

if TYPE_CHECKING:
    from app.validation.checkup.facts import ComputerFacts, NetworkFacts
    from app.validation.checkup.finding import Finding, System, Value

#: Of the time between two pictures the network may take so much: the rest of the chain, painting and sound need theirs
#: (docs/performance.md: the whole chain live is as fast as 0.97 of the bare loop, and the window 0.9).
SHARE: Final = 0.9
#: Frame rates that are told to be within reach.
RATES: Final = (120, 90, 60, 50, 30, 25, 24, 20, 15, 10)
#: A clock that steps more coarsely blurs step times, ms.
COARSE_MS: Final = 2.0
#: A thread that sleeps 1 ms should be back within this, ms (Windows' timer ticks every 15.6).
LATE_MS: Final = 20.0
#: Processors slow down from about here on.
HOT_C: Final = 90.0
LEAST_CORES: Final = 2
LEAST_MEMORY_BYTES: Final = 600_000_000
SLOW_GOVERNORS: Final = ("powersave", "conservative")


def check_network(facts: NetworkFacts, system: System) -> list[Finding]:
    """Judge the pose network's speed."""
    engine, model = facts.engine, facts.model
    if facts.crashed:
        what = facts.crashed
        remedy = "Use a computer with a newer processor (from 2013 on, with AVX)."
        if engine == "litert":
            remedy = "Set HINGECOACH_ENGINE=mediapipe, or use a computer with a newer processor (from 2013 on)."
        return [trouble("speed.network", f"The pose network ends its process ({what}).", remedy, EVERY_JOB)]
    if facts.hung:
        again = "Close other programs, and check again; if it stays so, restart the computer."
        return [trouble("speed.network", "The pose network did not answer in time.", again, EVERY_JOB)]
    if facts.error:
        error = facts.error
        if error.startswith("hingecoach: "):  # a line of ours, which says itself what to do
            what, _, remedy = error.removeprefix("hingecoach: ").partition(": ")
            return [trouble("speed.network", f"{what}", remedy[:1].upper() + remedy[1:], EVERY_JOB)]
        remedy = for_import(error, system) or "Install Hinge Coach anew."
        return [trouble("speed.network", f"The pose network does not run: {error}", remedy, EVERY_JOB)]
    if facts.p50_ms is None and model not in VARIANTS:
        return [not_checked("speed.network", "The pose model cannot be used.")]
    if facts.p50_ms is None:
        return [not_checked("speed.network", "The pose model is not here yet.", "hingecoach model fetch")]
    p50, p95 = facts.p50_ms, facts.p95_ms or facts.p50_ms
    reach = next((rate for rate in RATES if rate <= SHARE * 1e3 / p50), int(SHARE * 1e3 / p50))
    values: dict[str, Value] = {
        "p50_ms": p50,
        "p95_ms": p95,
        "fps": reach,
        "engine": engine,
        "model": model,
        "load_s": facts.load_s,
    }
    told = f"{p50:.1f} ms a picture ({engine}, {model}; 95 % below {p95:.1f}): {reach} a second can be coached."
    faster = "Close other programs, plug the charger in, or use --model lite."
    if reach < CONTACT_FPS and facts.load is not None and facts.load > BUSY:
        # What a busy computer does says nothing about what it can do.
        again = "Close other programs, and check again."
        return [note("speed.network", f"{told} But the computer was busy.", again, **values, load=facts.load)]
    if reach < GOOD_FPS:
        stops = LIVE if SHARE * 1e3 / p50 < JUDGED_FPS else frozenset()
        return [trouble("speed.network", f"{told} At least {GOOD_FPS:.0f} are needed.", faster, stops, **values)]
    if reach < CONTACT_FPS:
        return [note("speed.network", f"{told} For contact times {CONTACT_FPS:.0f} are needed.", faster, **values)]
    return [fine("speed.network", told, **values)]


def check_computer(facts: ComputerFacts, system: System) -> list[Finding]:
    """Judge processor, power and clock."""
    return [_cores(facts), _memory(facts), _power(facts, system), _heat(facts), _clock(facts, system), _threads(facts)]


def _cores(facts: ComputerFacts) -> Finding:
    cores, quota = facts.cores, facts.quota
    given = cores if quota is None else min(float(cores), quota)
    values: dict[str, Value] = {"cores": cores, "quota": quota}
    if given < LEAST_CORES:
        remedy = "Close other programs, and use --model lite."
        if quota is not None:
            remedy = "Give the container two processors or more (--cpus 2)."
        return note("speed.cores", f"Only {given:g} processors for camera, network and window.", remedy, **values)
    return fine("speed.cores", f"{given:g} processors", **values)


def _memory(facts: ComputerFacts) -> Finding:
    free = facts.memory_bytes
    if free is None:
        return not_checked("speed.memory", "The system does not tell how much memory is free.")
    gigabytes = free / 1e9
    if free < LEAST_MEMORY_BYTES:
        return note("speed.memory", f"Only {gigabytes:.1f} GB of memory are free.", "Close other programs.", bytes=free)
    return fine("speed.memory", f"{gigabytes:.1f} GB of memory are free", bytes=free)


def _power(facts: ComputerFacts, system: System) -> Finding:
    saver, governor, place = facts.saver, facts.governor, power_settings(system)
    values: dict[str, Value] = {"battery": facts.battery, "saver": saver or None, "governor": governor or None}
    if saver:
        return note(
            "speed.power", f"Power is saved ({saver}): the network runs more slowly.",
            f"Plug the charger in and switch it off in {place}.", **values,
        )  # fmt: skip
    if facts.battery:
        return note(
            "speed.power", "It runs on battery: many computers are slower then.", "Plug the charger in.", **values
        )
    if governor in SLOW_GOVERNORS[1:]:
        return note(
            "speed.power", f"The processor speeds up reluctantly (governor {governor}).",
            f"Choose performance in {place}, or: powerprofilesctl set performance", **values,
        )  # fmt: skip
    if facts.battery is None and not governor:
        return not_checked("speed.power", "The system does not tell how it saves power.")
    return fine("speed.power", "Nothing saves power at the cost of speed", **values)


def _heat(facts: ComputerFacts) -> Finding:
    degrees, times = facts.temperature_c, facts.throttled
    values: dict[str, Value] = {"temperature_c": degrees, "throttled": times}
    if degrees is None and times is None:
        return not_checked("speed.heat", "The system does not tell how warm it is.")
    if degrees is not None and degrees >= HOT_C:
        return note(
            "speed.heat", f"The processor has {degrees:.0f} degrees C and slows itself down.",
            "Let it cool, clear its vents, keep it off a blanket.", **values,
        )  # fmt: skip
    if degrees is None:
        return fine("speed.heat", f"The processor was slowed down by heat {times} times since its start", **values)
    return fine("speed.heat", f"The processor has {degrees:.0f} degrees C", **values)


def _clock(facts: ComputerFacts, system: System) -> Finding:
    step_ms = facts.clock_ms
    if step_ms > COARSE_MS:
        remedy = "Use Python 3.13 or newer, whose clock is finer." if system.windows else "Restart the computer."
        return note(
            "speed.clock", f"The clock steps by {step_ms:.1f} ms: times of steps get blurred.", remedy, step_ms=step_ms
        )
    return fine("speed.clock", f"The clock steps by {step_ms:.4f} ms", step_ms=step_ms)


def _threads(facts: ComputerFacts) -> Finding:
    sleep_ms, switch_ms = facts.sleep_ms, facts.switch_ms
    load = facts.load
    values: dict[str, Value] = {"sleep_ms": sleep_ms, "switch_ms": switch_ms, "load": load}
    if load is not None and load > BUSY * facts.cores:
        cores = facts.cores
        return note(
            "speed.threads", f"Programs want {load:.1f} processors of {cores}: what is measured here is too slow.",
            "Close other programs.", **values,
        )  # fmt: skip
    if sleep_ms > LATE_MS:
        return note(
            "speed.threads", f"A thread that sleeps 1 ms comes back after {sleep_ms:.0f} ms: the computer is busy.",
            "Close other programs.", **values,
        )  # fmt: skip
    return fine(
        "speed.threads", f"A sleep of 1 ms takes {sleep_ms:.1f} ms; threads switch after {switch_ms:g} ms", **values
    )
