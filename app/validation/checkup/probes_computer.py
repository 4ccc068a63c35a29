"""Facts about processor, power, heat and clock; Linux tells them in small files, the others by a call or a command."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

from app.validation.checkup.asking import number_of, output_of, text_of
from app.validation.checkup.facts import ComputerFacts

_PLATFORM: str = sys.platform
SLEEPS: Final = 7
#: The clock is asked so often at most for its smallest step.
CLOCK_CALLS: Final = 200_000


def computer_facts(root: Path = Path("/")) -> ComputerFacts:
    """Return what is known of this computer; ``root``: where Linux' files are."""
    battery, saver, governor, degrees, throttled, memory = _power(root)
    return ComputerFacts(
        cores(), quota_in(text_of(root / "sys/fs/cgroup/cpu.max")), battery, saver, governor, degrees, throttled,
        clock_step_ms(), _sleep_ms(), sys.getswitchinterval() * 1e3, memory,
        os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    )  # fmt: skip


Power = tuple[bool | None, str, str, float | None, int | None, int | None]


def _power(root: Path) -> Power:
    if _PLATFORM.startswith("linux"):
        return linux_power(root)
    if _PLATFORM == "darwin":
        battery, saver = mac_power(output_of("pmset", "-g", "batt"), output_of("pmset", "-g"))
        return battery, saver, "", None, None, None
    if _PLATFORM == "win32":
        return _windows_power()
    return None, "", "", None, None, None


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def quota_in(told: str) -> float | None:
    """Return how many processors a container is given by cgroup's cpu.max ("200000 100000"), None unlimited."""
    parts = told.split()
    if len(parts) != 2 or not all(part.isdecimal() for part in parts) or int(parts[1]) == 0:
        return None
    return int(parts[0]) / int(parts[1])


def linux_power(root: Path) -> Power:
    """Return (on battery, how power is saved, governor, hottest zone in C, slowed down so often, free memory)."""
    supplies = list((root / "sys/class/power_supply").glob("*"))
    kinds = [(text_of(supply / "type"), supply) for supply in supplies]
    mains = [number_of(supply / "online") for kind, supply in kinds if kind in ("Mains", "USB")]
    batteries = [supply for kind, supply in kinds if kind == "Battery" and text_of(supply / "scope") != "Device"]
    battery = (
        None
        if not batteries
        else not any(mains) and any(text_of(supply / "status") == "Discharging" for supply in batteries)
    )
    profile = text_of(root / "sys/firmware/acpi/platform_profile")
    cpu = root / "sys/devices/system/cpu/cpu0"
    governor = text_of(cpu / "cpufreq/scaling_governor")
    prefers = text_of(cpu / "cpufreq/energy_performance_preference")
    saver = ""
    if profile in ("low-power", "quiet"):
        saver = f"profile {profile}"
    elif prefers == "power":
        saver = f"energy preference {prefers}"
    zones = [number_of(zone / "temp") for zone in (root / "sys/class/thermal").glob("thermal_zone*")]
    degrees = [zone / 1e3 for zone in zones if zone is not None and 0.0 < zone < 150_000.0]
    throttled = number_of(cpu / "thermal_throttle/package_throttle_count")
    free = re.search(r"^MemAvailable:\s+(\d+) kB", text_of(root / "proc/meminfo"), re.M)
    return (
        battery, saver, governor, max(degrees, default=None), None if throttled is None else int(throttled),
        None if free is None else int(free[1]) * 1024,
    )  # fmt: skip


def mac_power(batteries: str, settings: str) -> tuple[bool | None, str]:
    """Return (on battery, how power is saved) by macOS' `pmset -g batt` and `pmset -g`."""
    battery = None if not batteries else "'Battery Power'" in batteries
    saves = re.search(r"^\s*lowpowermode\s+1\b", settings, re.M)
    return battery, "Low Power Mode" if saves else ""


def _windows_power() -> Power:
    if sys.platform == "win32":
        import ctypes

        class Status(ctypes.Structure):  # SYSTEM_POWER_STATUS (winbase.h)
            _fields_ = (
                ("ac_line", ctypes.c_ubyte), ("battery_flag", ctypes.c_ubyte), ("percent", ctypes.c_ubyte),
                ("saver", ctypes.c_ubyte), ("life_s", ctypes.c_uint32), ("full_s", ctypes.c_uint32),
            )  # fmt: skip

        status = Status()
        if not ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status)):
            return None, "", "", None, None, None
        battery = {0: True, 1: False}.get(status.ac_line)
        return battery, "battery saver" if status.saver else "", "", None, None, None
    else:  # mypy passes over the branch of another system only so
        return None, "", "", None, None, None


def clock_step_ms() -> float:
    """Return the smallest step of the clock that frames are stamped with, ms: measured, not what it claims."""
    smallest_s, before_s = float("inf"), time.monotonic()
    steps = 0
    for _ in range(CLOCK_CALLS):
        now_s = time.monotonic()
        if now_s != before_s:
            smallest_s, before_s = min(smallest_s, now_s - before_s), now_s
            steps += 1
            if steps >= 1000:
                break
    claimed_s = time.get_clock_info("monotonic").resolution
    return 1e3 * (smallest_s if smallest_s < float("inf") else claimed_s)


def _sleep_ms() -> float:
    took_s = []
    for _ in range(SLEEPS):
        began_s = time.perf_counter()
        time.sleep(0.001)
        took_s.append(time.perf_counter() - began_s)
    return 1e3 * median(took_s)
