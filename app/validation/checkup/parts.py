"""All checks in their order, run without being held up: quick ones side by side, then the network, then the camera."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.validation.checkup.asking import Answer, Children
from app.validation.checkup.checks_camera import MEASURED, check_camera, check_rate
from app.validation.checkup.checks_display import check_libraries, check_sound, check_window
from app.validation.checkup.checks_folders import check_folders, check_history, check_model
from app.validation.checkup.checks_software import check_software
from app.validation.checkup.checks_speed import check_computer, check_network
from app.validation.checkup.facts import NetworkFacts, RateFacts, SoundFacts, WindowFacts
from app.validation.checkup.finding import Finding, System, not_checked

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

#: Time limits of children, s; Qt's first start on a cold disk takes seconds.
WINDOW_S, SOUND_S, NETWORK_S, CAMERA_S = 15.0, 15.0, 45.0, 45.0
#: Of what is asked in this process.
PROBE_S: Final = 8.0
#: Variables that tell about the display.
DISPLAY_VARIABLES: Final = (
    "DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "SSH_CONNECTION",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at, and with what.

    Attributes:
        system: for the remedies. environment: as it was at the start of this process.
        data_folder: of the app. model: variant or file of the pose model.
        child: starts a process for what may crash or hang.
        camera: index or name of the camera to open; None: none is, for the reason ``no_camera``.
        size_px, fps: what is asked of the camera. about_to_open: called with its name before it is opened.
    """

    system: System
    environment: Mapping[str, str]
    data_folder: Path
    child: Children
    model: str = "full"
    camera: str | None = None
    no_camera: str = "It was not to be opened."
    size_px: tuple[int, int] = (1280, 720)
    fps: float = 60.0
    about_to_open: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Part:
    """Some checks that share their facts.

    Attributes:
        name: of the part, first word of its checks' ids. title: for people.
        ids: of the checks it promises, told as not checked where it fails.
        look: gathers the facts and judges them. limit_s: how long it may take.
        stage: parts of one stage run side by side, stages one after the other.
    """

    title: str
    ids: tuple[str, ...]
    look: Callable[[Asked], list[Finding]]
    limit_s: float = PROBE_S
    stage: int = 0


# ---- what each part looks at ----------------------------------------------------------------------------------------


def _software(asked: Asked) -> list[Finding]:
    from app.validation.checkup.probes_software import software_facts

    return check_software(software_facts(asked.environment), asked.system)


def _libraries(asked: Asked) -> list[Finding]:
    from app.validation.checkup.probes_software import library_facts

    return check_libraries(library_facts(asked.environment), asked.system)


def _window(asked: Asked) -> list[Finding]:
    return check_window(window_facts(asked.child("window", WINDOW_S), asked.environment), asked.system)


def window_facts(answer: Answer, environment: Mapping[str, str]) -> WindowFacts:
    """Return what the child that opened Qt told."""
    told = {name: environment[name] for name in DISPLAY_VARIABLES if environment.get(name)}
    if answer.code == 0 and answer.told:
        got = dict(answer.told)
        screen = got.pop("screen_px", None)
        return WindowFacts(told, True, screen_px=tuple(screen) if screen else None, **got)
    return WindowFacts(told, False, error=answer.problem)


def _sound(asked: Asked) -> list[Finding]:
    answer = asked.child("sound", SOUND_S)
    return check_sound(sound_facts(answer), asked.system)


def sound_facts(answer: Answer) -> SoundFacts:
    """Return what the child that tried sound and speech told, as far as it came."""
    told = _with_tuples(answer.told)
    problem = answer.problem
    if problem:
        told["broken" if "language" not in told else "cut_off"] = problem
        told.setdefault("awake_error", problem)
        if "error" not in told:
            told.setdefault("outputs", None)
        if told.get("default") and "plays" not in told:
            told.update(plays=False, play_error=problem)
        if "voice_error" not in told:
            told.setdefault("voices", None)
    return SoundFacts(**told)


def _model(asked: Asked) -> list[Finding]:
    from app.validation.checkup.probes_folders import model_facts

    return check_model(model_facts(asked.model), asked.system)


def _folders(asked: Asked) -> list[Finding]:
    from app.validation.checkup.probes_folders import folder_facts

    return check_folders(folder_facts(asked.data_folder), asked.system)


def _history(asked: Asked) -> list[Finding]:
    from app.validation.checkup.probes_folders import history_facts

    return check_history(history_facts(asked.data_folder), asked.system)


def _camera(asked: Asked) -> list[Finding]:
    from app.validation.checkup.probes_camera import camera_facts

    return check_camera(camera_facts(), asked.system)


def _computer(asked: Asked) -> list[Finding]:
    from app.validation.checkup.probes_computer import computer_facts

    return check_computer(computer_facts(), asked.system)


def _network(asked: Asked) -> list[Finding]:
    return check_network(network_facts(asked.child("network", NETWORK_S, model=asked.model), asked.model), asked.system)


def network_facts(answer: Answer, model: str) -> NetworkFacts:
    """Return what the child that ran the network told."""
    got: dict[str, Any] = {"model": model, **answer.told}
    if answer.code is None:
        got["hung"] = "p50_ms" not in got
    elif answer.code < 0 or answer.code >= 0xC0000000:  # ended by a signal, or by an exception of Windows
        got["crashed"] = f"exit code {answer.code}"
    elif answer.code and "error" not in got:
        got["error"] = answer.problem
    return NetworkFacts(**got)


def _rate(asked: Asked) -> list[Finding]:
    return check_rate(_rate_facts(asked), asked.system)


def _rate_facts(asked: Asked) -> RateFacts:
    if asked.camera is None:
        return RateFacts(why=asked.no_camera)
    from app.validation.checkup.probes_camera import camera_facts

    nodes = camera_facts().nodes
    if nodes is not None and not nodes:
        return RateFacts(why="There is no camera.")
    names = {str(node.index): node.name for node in nodes or ()}
    asked.about_to_open(f"{asked.camera} {names.get(asked.camera, '')}".strip())
    answer = asked.child("camera", CAMERA_S, camera=asked.camera, size_px=list(asked.size_px), fps=asked.fps)
    return rate_facts(answer, asked.camera)


def rate_facts(answer: Answer, camera: str) -> RateFacts:
    """Return what the child that opened the camera told."""
    if not answer.told:  # it tells all at once: a driver that holds the process afterwards changes nothing
        return RateFacts(camera, f"Camera {camera} does not answer ({answer.problem})")
    return RateFacts(**_with_tuples(answer.told))


def _with_tuples(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}


PARTS: Final = (
    Part(
        "Python and packages",
        ("python.version", "python.architecture", "python.build", "python.path", "packages.mediapipe",
         "packages.litert", "packages.pyside", "packages.numpy", "packages.opencv", "packages.bindings",
         "qt.variables"),
        _software,
    ),
    Part(
        "Libraries",
        ("opencv.libraries", "qt.window_libraries", "qt.sound_libraries", "qt.voice_libraries"), _libraries,
    ),
    Part("Display", ("display.session", "display.window"), _window, WINDOW_S + 2.0),
    Part(
        "Sound",
        ("sound.output", "sound.plays", "sound.volume", "speech.voice", "speech.phrases", "display.awake"),
        _sound, SOUND_S + 2.0,
    ),
    Part("Pose model", ("model.file",), _model),
    Part(
        "Folders",
        ("folders.data", "folders.data_room", "folders.place", "folders.database", "folders.cache",
         "folders.cache_room", "folders.logs"),
        _folders,
    ),
    Part("History", ("history.whole", "history.interrupted", "history.running"), _history),
    Part(
        "Computer",
        ("speed.cores", "speed.memory", "speed.power", "speed.heat", "speed.clock", "speed.threads"),
        _computer, stage=1,
    ),
    Part("Pose network", ("speed.network",), _network, NETWORK_S + 2.0, stage=2),
    Part("Cameras", ("camera.list", "camera.permission", "camera.busy", "camera.kind"), _camera),
    Part("The camera's pictures", MEASURED, _rate, CAMERA_S + 8.0, stage=3),
)  # fmt: skip


# ---- running --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Running:
    """A part in a thread of its own, which is left alone where it takes too long."""

    part: Part
    asked: Asked
    began_s: float
    found: list[Finding] = field(default_factory=list)
    problem: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        try:
            self.found = self.part.look(self.asked)
        except ImportError as error:
            self.problem = f"A part of this app cannot be loaded ({error})."
        except Exception as error:
            logger.exception("the check-up of %s failed", self.part.title)
            self.problem = f"The check itself failed ({type(error).__name__}: {error})."
        finally:
            self.done.set()

    def outcome(self) -> list[Finding]:
        """Return the findings; what was promised and did not come is told as not checked."""
        left_s = self.began_s + self.part.limit_s - time.monotonic()
        if not self.done.wait(max(0.0, left_s)):
            limit_s = self.part.limit_s
            return [not_checked(name, f"No answer within {limit_s:.0f} s.") for name in self.part.ids]
        found = list(self.found)
        there = {finding.id for finding in found}
        why = self.problem or "The check did not come to it."
        return found + [not_checked(name, why) for name in self.part.ids if name not in there]


def run_parts(
    asked: Asked, parts: tuple[Part, ...] = PARTS, doing: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[Part, list[Finding]]]:
    """Yield each part with its findings, in the order in which they get ready; ``doing`` is told what is looked at.

    No part holds the others up for longer than its limit; none raises.
    """
    for stage in sorted({part.stage for part in parts}):
        running = []
        for part in parts:
            if part.stage == stage:
                one = _Running(part, asked, time.monotonic())
                threading.Thread(target=one.run, name=part.title, daemon=True).start()
                running.append(one)
        for one in running:
            doing(one.part.title)
            yield one.part, one.outcome()
