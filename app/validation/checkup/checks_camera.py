"""The camera: is there one, may it be used, by whom is it used, and what it truly gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.coach.setup_checks import DARK_HIGH, DARK_MEAN, FLAT_CONTRAST, GOOD_FPS, JUDGED_FPS
from app.validation.checkup.asking import BUSY
from app.validation.checkup.camera_names import is_telephone, is_virtual
from app.validation.checkup.finding import LIVE, fine, not_checked, note, trouble
from app.validation.checkup.places import camera_settings, camera_switch

if TYPE_CHECKING:
    from app.validation.checkup.facts import CameraFacts, CameraNode, RateFacts
    from app.validation.checkup.finding import Finding, System, Value

#: From this share of equal pictures on the camera's picture stands still.
FROZEN_SAME: Final = 0.9
#: Black: hardly any light at all.
BLACK_HIGH: Final = 16.0
#: Nearly everything is white.
WHITE_LOW: Final = 235.0
#: A gap as long as this many pictures is a stutter.
STUTTER: Final = 4.0
#: A camera that opens more slowly is worth a word, s (some drivers of Windows take minutes).
SLOW_OPEN_S: Final = 5.0
#: A camera of 30 gives this at least, unless the room is dim.
SMOOTH_FPS: Final = 28.0


def check_camera(facts: CameraFacts, system: System) -> list[Finding]:
    """Judge what is known of the cameras without opening one."""
    return [_listed(facts, system), _permission(facts, system), _busy(facts, system), _kind(facts, system)]


def _listed(facts: CameraFacts, system: System) -> Finding:
    if facts.nodes is None:
        return not_checked("camera.list", "This system names its cameras only when they are opened.")
    if not facts.nodes:
        return trouble("camera.list", "No camera is found.", _no_camera(system), LIVE, count=0)
    names = ", ".join(f"{node.index} {node.name}".strip() for node in facts.nodes)
    return fine("camera.list", f"{names}", count=len(facts.nodes), names=names)


def _no_camera(system: System) -> str:
    if system.wsl:
        return "WSL sees no USB camera: start Hinge Coach in Windows, or attach the camera with usbipd-win."
    if system.sandbox in ("flatpak", "snap"):
        kind = system.sandbox
        return f"Plug a camera in; if there is one, start Hinge Coach from a terminal that is no {kind}."
    if system.sandbox == "container":
        return "A container sees no camera: start it with --device /dev/video0, or Hinge Coach outside of it."
    if system.windows:
        return (
            f"Plug a camera in, open its cover, and look into Device Manager > Cameras and {camera_settings(system)}."
        )
    return "Plug a camera in, or open the cover of the built-in one; a key of the keyboard may switch it off."


def _permission(facts: CameraFacts, system: System) -> Finding:
    name, place = "camera.permission", camera_settings(system)
    if system.linux:
        return _device_permission(facts)
    if facts.explained is False:
        return trouble(
            name, "This bundle does not say what it needs the camera for (NSCameraUsageDescription): macOS ends it.",
            "Get Hinge Coach anew, or install it with pip.", LIVE,
        )  # fmt: skip
    if facts.permission in ("denied", "off"):
        if system.windows:
            switch = camera_switch(facts.permission_by, system)
            return trouble(
                name, "Windows keeps programs from the camera.", f"Switch on “{switch}” in {place}.", LIVE,
                permission=facts.permission,
            )  # fmt: skip
        return trouble(
            name, "macOS keeps this program from the camera.",
            f"Switch on the app you started it from (Terminal, iTerm …) in {place}, and start it anew.", LIVE,
            permission=facts.permission,
        )  # fmt: skip
    if facts.permission == "restricted":
        return trouble(
            name, "Whoever manages this computer forbids the camera.", f"Ask them to allow it in {place}.", LIVE,
            permission=facts.permission,
        )  # fmt: skip
    if facts.permission == "unasked":
        return note(
            name, "macOS has not asked yet whether this program may use the camera.",
            f"Open the camera once and answer Allow; where nothing asks, see {place}.", permission=facts.permission,
        )  # fmt: skip
    if facts.permission == "granted":
        return fine(name, "Programs may use the camera", permission=facts.permission)
    return not_checked(name, "The system does not tell.", f"See {place}.")


def _device_permission(facts: CameraFacts) -> Finding:
    if not facts.nodes:
        return not_checked("camera.permission", "There is no camera.")
    barred = [node for node in facts.nodes if not node.allowed]
    if barred:
        path, group = barred[0].path, facts.group
        remedy = f"sudo usermod -aG {group} $USER, then log out and in again"
        if facts.in_group:
            remedy = f"Log out and in again; if that does not help: sudo chmod g+rw {path}"
        stops = LIVE if len(barred) == len(facts.nodes) else frozenset()
        return trouble("camera.permission", f"No permission to use {path}", remedy, stops, path=path, group=group)
    return fine("camera.permission", "You may use every camera")


def _busy(facts: CameraFacts, system: System) -> Finding:
    used = [(node, user) for node in facts.nodes or () for user in node.users]
    if used:
        node, (pid, program) = used[0]
        index = node.index
        return note(
            "camera.busy", f"Camera {index} is in use by {program} (process {pid}).",
            f"Close {program} before you start.", program=program, pid=pid, camera=index,
        )  # fmt: skip
    if facts.users:
        program = facts.users[0]
        return note(
            "camera.busy", f"A camera is in use by {program}.", f"Close {program} before you start.", program=program
        )
    if facts.nodes is None and not system.windows:
        return not_checked("camera.busy", "The system does not tell who uses a camera.")
    return fine("camera.busy", "No other program of yours uses a camera")


def _kind(facts: CameraFacts, system: System) -> Finding:
    nodes = facts.nodes or ()
    if not nodes:
        return not_checked("camera.kind", "No camera is known.")
    first, real = nodes[0], [node for node in nodes if not _is_program(node)]
    name, index = first.name, first.index
    if not real:
        return note(
            "camera.kind", f"The only camera is a program: {name}", "Plug in a real camera, or start that program.",
            name=name,
        )  # fmt: skip
    if _is_program(first):
        other = real[0].index
        return note(
            "camera.kind", f"Camera {index} is a program: {name}", f"hingecoach live --camera {other}", name=name,
            real=other,
        )  # fmt: skip
    if is_telephone(name):
        return note(
            "camera.kind", f"Camera {index} is a telephone: {name}",
            "Choose another one (--camera 1); Continuity Camera is switched off in the telephone's AirPlay settings.",
            name=name,
        )  # fmt: skip
    return fine("camera.kind", f"Camera {index} is a real one")


def _is_program(node: CameraNode) -> bool:
    return node.virtual or is_virtual(node.name)


# ---- opened ---------------------------------------------------------------------------------------------------------

MEASURED: Final = ("camera.opens", "camera.rate", "camera.size", "camera.picture", "camera.steady")


def check_rate(facts: RateFacts, system: System) -> list[Finding]:
    """Judge what the camera gave while it was open."""
    if facts.error is None:
        return [not_checked(name, facts.why) for name in MEASURED]
    if facts.error:
        error, place = facts.error, camera_settings(system)
        what, _, remedy = error.partition(": ")
        remedy = remedy[:1].upper() + remedy[1:] if remedy else f"Close other programs that use it; see {place}."
        opens = trouble("camera.opens", f"{what}", remedy, LIVE)
        return [opens, *(not_checked(name, "The camera gave no picture.") for name in MEASURED[1:])]
    return [_opens(facts, system), _rate(facts), _size(facts), _picture(facts), _steady(facts)]


def _opens(facts: RateFacts, system: System) -> Finding:
    camera, open_s = facts.camera, facts.open_s
    if open_s > SLOW_OPEN_S:
        remedy = "Try another socket, without a hub in between."
        return note("camera.opens", f"Camera {camera} took {open_s:.1f} s to open.", remedy, open_s=open_s)
    return fine("camera.opens", f"Camera {camera} opened in {open_s:.1f} s", open_s=open_s)


def _is_dark(facts: RateFacts) -> bool:
    return facts.brightness is not None and facts.brightness < DARK_MEAN and (facts.high or 0.0) < DARK_HIGH


def _rate(facts: RateFacts) -> Finding:
    fps, asked = facts.fps, facts.asked_fps
    if fps is None:
        return trouble("camera.rate", "Too few pictures came to tell a rate.", "Plug the camera in anew.", LIVE)
    seconds = facts.seconds
    measured: dict[str, Value] = {"fps": fps, "asked_fps": asked, "seconds": seconds}
    told = f"{fps:.1f} pictures a second, measured for {seconds:.1f} s."
    if fps >= min(SMOOTH_FPS, 0.9 * asked):
        return fine("camera.rate", told, **measured)
    remedy = "Choose a smaller picture (--size 640x480), or plug the camera in without a hub."
    if _is_dark(facts) or 13.0 <= fps <= 16.0:
        remedy = "Add light: in a dim room the camera exposes longer and halves its rate."
    elif facts.load is not None and facts.load > BUSY:
        # What a busy computer takes in time says nothing about the camera.
        return note(
            "camera.rate", f"{told} But the computer was busy.", "Close other programs, and check again.", **measured
        )
    if fps >= GOOD_FPS - 0.5:
        return note("camera.rate", told, remedy, **measured)
    stops = LIVE if fps < JUDGED_FPS else frozenset()
    needed = f"{told} At least {GOOD_FPS:.0f} are needed."
    return trouble("camera.rate", needed, remedy, stops, **measured)


def _size(facts: RateFacts) -> Finding:
    (width, height), (asked_width, asked_height) = facts.size_px, facts.asked_px
    values: dict[str, Value] = {
        "width_px": width,
        "height_px": height,
        "asked_width_px": asked_width,
        "asked_height_px": asked_height,
    }
    if (width, height) != (asked_width, asked_height):
        return note(
            "camera.size", f"The camera gives {width}x{height} px, not the {asked_width}x{asked_height} asked for.",
            f"hingecoach live --size {width}x{height} asks for what it has.", **values,
        )  # fmt: skip
    return fine("camera.size", f"{width}x{height} px, as asked for", **values)


def _picture(facts: RateFacts) -> Finding:
    if facts.brightness is None or facts.low is None or facts.high is None:
        return not_checked("camera.picture", "No picture was looked at.")
    mean, low, high = facts.brightness, facts.low, facts.high
    values: dict[str, Value] = {"brightness": mean, "low": low, "high": high}
    if high < BLACK_HIGH:
        return trouble(
            "camera.picture", f"The picture is black (brightness {mean:.0f} of 255).",
            "Open the camera's cover, or switch it on by its key.", **values,
        )  # fmt: skip
    if low > WHITE_LOW:
        return trouble(
            "camera.picture", f"The picture is white (brightness {mean:.0f} of 255).",
            "Turn the camera away from the lamp or window.", **values,
        )  # fmt: skip
    if high - low < FLAT_CONTRAST:
        return trouble(
            "camera.picture", "The picture has no contrast.", "Open the camera's cover, clean the lens.", **values
        )
    if _is_dark(facts):
        return note(
            "camera.picture", f"The picture is dark (brightness {mean:.0f} of 255).",
            "Turn a light on, best from the camera's side.", **values,
        )  # fmt: skip
    return fine("camera.picture", f"Brightness {mean:.0f} of 255, from {low:.0f} to {high:.0f}", **values)


def _steady(facts: RateFacts) -> Finding:
    if facts.high is not None and facts.low is not None and facts.high - facts.low < FLAT_CONTRAST:
        return not_checked("camera.steady", "The picture shows nothing.")
    if facts.same is not None and facts.same >= FROZEN_SAME:
        return trouble(
            "camera.steady", "The picture stands still: every one is the same.",
            "Plug the camera in anew; a program's camera shows a still picture until the program runs.",
            same=facts.same,
        )  # fmt: skip
    gap, fps = facts.longest_gap_ms, facts.fps
    if gap is not None and fps and gap > STUTTER * 1e3 / fps:
        return note(
            "camera.steady", f"The pictures stutter: none for {gap:.0f} ms.",
            "Close other programs, or plug the camera in without a hub.", longest_gap_ms=gap, same=facts.same,
        )  # fmt: skip
    if gap is None:
        return not_checked("camera.steady", "Too few pictures came.")
    return fine(
        "camera.steady", f"Pictures come evenly (longest gap {gap:.0f} ms)", longest_gap_ms=gap, same=facts.same
    )
