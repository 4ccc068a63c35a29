"""Facts about cameras: their names, who may use them and who does; and, opened, what one truly gives."""

from __future__ import annotations

import json
import os
import plistlib
import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from app.capture.cameras import named_cameras
from app.capture.source import CaptureError
from app.validation.checkup.asking import output_of
from app.validation.checkup.camera_names import is_virtual
from app.validation.checkup.facts import CameraFacts, CameraNode, RateFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.capture.source import FrameSource
    from app.coach.types import ImageArray

_PLATFORM: str = sys.platform
#: How long a camera is looked at, s, after some pictures that do not count: exposure and gain are still moving.
LOOK_S, SETTLE_S = 3.0, 0.7
#: How long Windows may take to name its cameras, s: PowerShell alone takes seconds to start.
LIST_S: Final = 6.0
#: So long without a picture counts even while the camera settles, s.
PAUSE_S: Final = 1.0
#: About so many rows and columns of a picture are looked at.
SAMPLES: Final = 90
#: Rec. 601 luma of B, G, R.
_LUMA_BGR: Final = np.array((0.114, 0.587, 0.299))

#: Windows' switches, from the widest: hive (all users', this user's), key below `CONSENT`, `CameraFacts.permission_by`.
CONSENT: Final = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"
ALL, MINE = "HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER"
SWITCHES: Final = ((ALL, "", "device"), (MINE, "", "apps"), (MINE, "\\NonPackaged", "desktop"))
#: What stands below the names of Windows' cameras: without it the list is not whole.
LIST_END: Final = "."
#: AVAuthorizationStatus of AVFoundation, by its number.
MAC_STATUS: Final = ("unasked", "restricted", "denied", "granted")


def camera_facts() -> CameraFacts:
    """Return what is known of the cameras; none is opened."""
    if _PLATFORM.startswith("linux"):
        return linux_cameras(Path("/sys/class/video4linux"), Path("/dev"), Path("/proc"))
    if _PLATFORM == "darwin":
        listed = output_of("system_profiler", "SPCameraDataType", "-json")
        return CameraFacts(mac_cameras(listed), permission=_mac_permission(), explained=explained(Path(sys.executable)))
    if _PLATFORM == "win32":
        listed = output_of(
            "powershell", "-NoProfile", "-NonInteractive", "-Command",
            "Get-CimInstance Win32_PnPEntity -Filter \"PNPClass='Camera' OR PNPClass='Image'\" | "
            f"Where-Object Present | ForEach-Object Name; '{LIST_END}'",
            limit_s=LIST_S,
        )  # fmt: skip
        permission, by, users = windows_permission(_consent)
        return CameraFacts(windows_cameras(listed), permission, by, users=users)
    return CameraFacts(None)


def linux_cameras(sysfs: Path, dev: Path, proc: Path) -> CameraFacts:
    """Return the cameras of a Linux with their rights and users; the folders are the system's, or a test's."""
    users = device_users(proc, str(dev / "video"))
    nodes = []
    for camera in named_cameras(sysfs):
        path = dev / f"video{camera.index}"
        allowed = os.access(path, os.R_OK | os.W_OK)
        made_by_program = "/virtual/" in os.path.realpath(sysfs / f"video{camera.index}")
        nodes.append(
            CameraNode(
                camera.index, camera.name, str(path), allowed, users.get(str(path), ()),
                made_by_program or is_virtual(camera.name),
            )
        )  # fmt: skip
    group, inside = _group_of(nodes)
    return CameraFacts(tuple(nodes), in_group=inside, group=group)


def _group_of(nodes: Iterable[CameraNode]) -> tuple[str, bool | None]:
    """Return the group that may use the first barred camera, and whether this user is in it by the system's list."""
    barred = next((node for node in nodes if not node.allowed), None)
    if barred is None or sys.platform == "win32":
        return "video", None
    import grp
    import pwd

    try:
        group = grp.getgrgid(Path(barred.path).stat().st_gid)
        return group.gr_name, pwd.getpwuid(os.getuid()).pw_name in group.gr_mem
    except (OSError, KeyError):
        return "video", None


def device_users(proc: Path, prefix: str) -> dict[str, tuple[tuple[int, str], ...]]:
    """Return who of this user's programs has a device open whose path begins so: path -> (pid, name)."""
    found: dict[str, list[tuple[int, str]]] = {}
    for folder in proc.glob("[0-9]*"):
        with suppress(OSError):  # others' processes, or one that has just ended
            for descriptor in (folder / "fd").iterdir():
                with suppress(OSError):
                    target = str(descriptor.readlink())
                    if target.startswith(prefix):
                        name = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
                        found.setdefault(target, []).append((int(folder.name), name))
    return {path: tuple(sorted(set(users))) for path, users in found.items()}


def mac_cameras(listed: str) -> tuple[CameraNode, ...] | None:
    """Return the cameras by macOS' `system_profiler SPCameraDataType -json`, None where it says nothing."""
    try:
        entries: list[dict[str, Any]] = json.loads(listed)["SPCameraDataType"]
    except (ValueError, KeyError, TypeError):
        return None
    names = [str(entry.get("_name", "")) for entry in entries]
    return tuple(CameraNode(index, name, virtual=is_virtual(name)) for index, name in enumerate(names))


def windows_cameras(listed: str) -> tuple[CameraNode, ...] | None:
    """Return the cameras by a list of names, one a line; scanners and printers are of the same class, and left out.

    None where the list does not come to its end, `LIST_END`.
    """
    lines = [line.strip() for line in listed.splitlines() if line.strip()]
    if lines[-1:] != [LIST_END]:
        return None
    names = [name for name in lines[:-1] if not re.search(r"scan|print|MFP|WSD|\bfax\b", name, re.I)]
    return tuple(CameraNode(index, name, virtual=is_virtual(name)) for index, name in enumerate(names))


def windows_permission(
    consent: Callable[[str, str], tuple[str, dict[str, int]] | None],
) -> tuple[str, str, tuple[str, ...]]:
    """Return ("off" | "granted" | "", which switch, programs that use a camera now).

    Args:
        consent: (value, {program: when it stopped, 0 = it has not}) of a hive and a key below its `CONSENT`, None where
            it is missing.
    """
    known, users = False, []
    for hive, key, name in SWITCHES:
        found = consent(hive, key)
        if found is None:
            continue
        value, programs = found
        known = True
        users += [program for program, stopped in programs.items() if stopped == 0]
        if value == "Deny":
            return "off", name, tuple(users)
    return "granted" if known else "", "", tuple(users)


def _consent(hive: str, key: str) -> tuple[str, dict[str, int]] | None:
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(getattr(winreg, hive), CONSENT + key) as opened:
                value = str(winreg.QueryValueEx(opened, "Value")[0])
                programs: dict[str, int] = {}
                for number in range(winreg.QueryInfoKey(opened)[0]):
                    name = winreg.EnumKey(opened, number)
                    with suppress(OSError), winreg.OpenKey(opened, name) as program:
                        stopped = int(winreg.QueryValueEx(program, "LastUsedTimeStop")[0])
                        programs[name.rsplit("#", 1)[-1]] = stopped
                return value, programs
        except OSError:
            return None
    else:
        return None


def _mac_permission() -> str:
    """Return AVFoundation's word on this program and the camera, "" where it cannot be asked; nothing is prompted."""
    if sys.platform != "darwin":
        return ""
    else:  # mypy passes over the branch of another system only so
        import ctypes
        import ctypes.util

        try:
            objc = ctypes.CDLL(ctypes.util.find_library("objc"))
            ctypes.CDLL("/System/Library/Frameworks/AVFoundation.framework/AVFoundation")
            for name in ("objc_getClass", "sel_registerName"):
                getattr(objc, name).restype = ctypes.c_void_p
                getattr(objc, name).argtypes = [ctypes.c_char_p]
            send = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
                ("objc_msgSend", objc)
            )
            ask = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(
                ("objc_msgSend", objc)
            )
            selector = objc.sel_registerName
            media = send(objc.objc_getClass(b"NSString"), selector(b"stringWithUTF8String:"), b"vide")
            device = objc.objc_getClass(b"AVCaptureDevice")
            return MAC_STATUS[ask(device, selector(b"authorizationStatusForMediaType:"), media)]
        except (OSError, AttributeError, IndexError, TypeError):
            return ""


def explained(program: Path) -> bool | None:
    """Return whether a bundle says what it needs the camera for, without which macOS ends it; None: it is no bundle."""
    if not getattr(sys, "frozen", False):
        return None
    try:
        told = plistlib.loads((program.parent.parent / "Info.plist").read_bytes())
    except (OSError, plistlib.InvalidFileException, ValueError):
        return None
    return bool(told.get("NSCameraUsageDescription"))


# ---- opened ---------------------------------------------------------------------------------------------------------


class Looking:
    """Sums up the pictures of a camera as they come: rate, gaps, brightness, whether anything moves."""

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None
        self._last: tuple[int, float] | None = None
        self._thumb: Any = None
        self._gap_s = 0.0
        self._pairs = self._same = 0
        self._lights: list[tuple[float, float, float]] = []

    def take(self, index: int, t_s: float, image_bgr: ImageArray) -> None:
        """Take a picture: its number among all that came, when it came, and itself (H, W, 3)."""
        step = max(min(image_bgr.shape[:2]) // SAMPLES, 1)
        thumb = image_bgr[step // 2 :: step, step // 2 :: step].copy()
        if self._last is not None:
            # Pictures that nobody took in time came, too: their gap is shared.
            self._gap_s = max(self._gap_s, (t_s - self._last[1]) / max(1, index - self._last[0]))
            self._pairs += 1
            self._same += bool(np.array_equal(thumb, self._thumb))
        luma = thumb @ _LUMA_BGR
        low, high = np.percentile(luma, (5.0, 95.0)).tolist()
        self._lights.append((float(luma.mean()), low, high))
        self._first, self._last, self._thumb = self._first or (index, t_s), (index, t_s), thumb

    def facts(self) -> dict[str, Any]:
        """Return the fields of `RateFacts` that can be told of it."""
        if self._first is None or self._last is None:
            return {"frames": 0}
        count, span_s = self._last[0] - self._first[0], self._last[1] - self._first[1]
        mean, low, high = (float(value) for value in np.median(np.array(self._lights), axis=0))
        return {
            "frames": count + 1,
            "seconds": span_s,
            "fps": count / span_s if count and span_s > 0.0 else None,
            "longest_gap_ms": self._gap_s * 1e3 if count else None,
            "brightness": mean,
            "low": low,
            "high": high,
            "same": self._same / self._pairs if self._pairs else None,
        }


def measure(
    source: FrameSource,
    asked_px: tuple[int, int],
    asked_fps: float,
    camera: str,
    seconds: float = LOOK_S,
    clock: Callable[[], float] = time.monotonic,
) -> RateFacts:
    """Open a camera, look at its pictures for some seconds, and let go of it.

    The rate is that of their arrivals (`Frame.t_s`, `Frame.index`), not what the driver claims.
    """
    looking, began_s, pause_s = Looking(), clock(), 0.0
    try:
        source.open()
        opened_s = clock()
        from_s, end_s = opened_s + SETTLE_S, opened_s + SETTLE_S + seconds
        size_px, before_s = source.size_px, opened_s
        while (frame := source.read()) is not None:
            pause_s, before_s = max(pause_s, frame.t_s - before_s), frame.t_s
            if frame.image_bgr is not None and frame.t_s >= from_s:
                looking.take(frame.index, frame.t_s, frame.image_bgr)
            if frame.t_s >= end_s:
                break
    except CaptureError as error:
        return RateFacts(camera, str(error), asked_px=asked_px, asked_fps=asked_fps)
    finally:
        source.close()
    told = looking.facts()
    if pause_s > PAUSE_S:  # whenever it was: such a camera is lost and found again
        told["longest_gap_ms"] = pause_s * 1e3
    return RateFacts(camera, "", "", opened_s - began_s, asked_px, asked_fps, size_px, **told)
