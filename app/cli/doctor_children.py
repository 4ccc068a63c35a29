"""What ``hingecoach doctor`` looks at in processes of their own, where it may crash or hang; each prints JSON lines."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import app as package
from app.validation.checkup.asking import Answer, load, own_command, run_child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtMultimedia import QAudioDevice

#: How long a loudspeaker may take to start, s, and of how much silence, ms.
START_S, SILENCE_MS = 2.0, 200
#: How long the desktop may take to answer, ms.
BUS_MS: Final = 3000
#: Time to point a camera at the screen, s.
LEAD_S: Final = 4.0
#: How long the network is measured, s; at least and at most so many pictures.
NETWORK_S, LEAST_PICTURES, MOST_PICTURES = 1.2, 8, 200
SIZE_PX: Final = (1280, 720)


class OwnProcesses:
    """Starts this very app again, with the hidden option that has it look at one thing.

    Args:
        environment: as it was at the start of this process.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End those that still run: none stays behind with the camera."""
        for process in self._started:
            if process.poll() is None:
                process.kill()

    def __call__(self, name: str, limit_s: float, /, **asked: Any) -> Answer:
        """Return what the child told within ``limit_s`` seconds."""
        words = ["doctor", "--child", name, "--asked", json.dumps(asked)]
        return self.run(words, limit_s, no_screen=name == "sound" or bool(asked.get("no_screen")))

    def run(self, words: Sequence[str], limit_s: float, no_screen: bool = False) -> Answer:
        """Run one of our own commands in a process of its own; ``no_screen``: Qt draws into memory there."""
        environment = dict(self._environment)
        if no_screen:
            environment["QT_QPA_PLATFORM"] = "offscreen"
        return run_child([*own_command(), *words], environment, limit_s, self._started.append)


def run(name: str, asked: Mapping[str, Any]) -> None:
    """Look at one thing and print what was found. Raises ValueError for a name that there is not."""
    if name not in CHILDREN:
        raise ValueError(f"doctor has no child {name}")
    CHILDREN[name](asked)


def _tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


# ---- window ---------------------------------------------------------------------------------------------------------


def _window(_asked: Mapping[str, Any]) -> None:
    package.keep_opencv_out_of_qt()
    from PySide6.QtWidgets import QApplication

    application = QApplication(sys.argv[:1])
    from app.ui.window import binding_problem  # whatever the window needs is imported with it

    screen = application.primaryScreen()
    size = None if screen is None else screen.size()
    _tell(
        platform=application.platformName(),
        screen_px=None if size is None else [size.width(), size.height()],
        refresh_hz=None if screen is None else screen.refreshRate(),
        scale=None if screen is None else screen.devicePixelRatio(),
        leaks=binding_problem(),
    )


# ---- sound ----------------------------------------------------------------------------------------------------------


def _sound(_asked: Mapping[str, Any]) -> None:
    """Tell piece by piece: what hangs does not take with it what was known."""
    from PySide6.QtWidgets import QApplication

    application = QApplication(sys.argv[:1])
    from app.ui.language import install_language, installed_language
    from app.ui.prefs import Prefs, default_settings

    install_language(application, Prefs(default_settings()).language)
    language = installed_language()
    _tell(language=language, phrases=_phrases(language))
    try:
        from PySide6.QtMultimedia import QMediaDevices
    except ImportError as error:
        _tell(error=str(error))
    else:
        outputs = [device.description() for device in QMediaDevices.audioOutputs()]
        usual = QMediaDevices.defaultAudioOutput()
        _tell(outputs=outputs, default=usual.description())
        if not usual.isNull():
            _tell(**_play_silence(usual))
    _tell(**_voices(language))
    _tell(**_awake())


def _phrases(language: str) -> int:
    from app.store.assets import asset_path
    from app.ui.phrases import PhraseBook

    try:
        return len(PhraseBook(Path(str(asset_path(f"phrases/{language}"))), language))
    except (FileNotFoundError, OSError, ValueError):
        return 0


def _play_silence(device: QAudioDevice) -> dict[str, Any]:
    """Play silence: it tells that the loudspeaker starts, and how much of a sound waits in front of it."""
    from PySide6.QtCore import QBuffer, QByteArray, QEventLoop, QIODevice, QTimer
    from PySide6.QtMultimedia import QAudio, QAudioSink

    form = device.preferredFormat()
    silence = QBuffer()
    silence.setData(QByteArray(bytes(form.bytesForDuration(SILENCE_MS * 1000))))
    silence.open(QIODevice.OpenModeFlag.ReadOnly)
    sink, loop = QAudioSink(device, form), QEventLoop()
    states: list[str] = []

    def changed(state: QAudio.State) -> None:
        states.append(state.name)
        if len(states) > 1:
            loop.quit()

    sink.stateChanged.connect(changed)
    QTimer.singleShot(round(START_S * 1e3), loop.quit)
    sink.start(silence)
    buffer_ms = form.durationForBytes(sink.bufferSize()) / 1e3
    if sink.error().name == "NoError":
        loop.exec()
    error = sink.error().name
    played = sink.processedUSecs() > 0 or "ActiveState" in states or "IdleState" in states
    sink.stop()
    # UnderrunError is what the end of the silence is called.
    fine = played and error in ("NoError", "UnderrunError")
    return {"plays": fine, "play_error": "" if fine else error, "buffer_ms": buffer_ms if fine else None}


def _voices(language: str) -> dict[str, Any]:
    try:
        from app.ui.qt_audio import qt_speech
    except ImportError as error:
        return {"voice_error": str(error)}
    speech = qt_speech(language)
    return {"voices": [] if speech is None else list(speech.voices)}


def _awake() -> dict[str, Any]:
    """Ask whether the screen can be kept on; nothing is kept on."""
    if sys.platform in ("darwin", "win32"):
        return {"awake": "caffeinate" if sys.platform == "darwin" else "SetThreadExecutionState"}
    try:
        from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage
    except ImportError as error:
        return {"awake_error": str(error)}
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return {"awake_error": "bus"}
    service = "org.freedesktop.ScreenSaver"
    for method in ("NameHasOwner", "ListActivatableNames"):
        call = QDBusMessage.createMethodCall("org.freedesktop.DBus", "/", "org.freedesktop.DBus", method)
        if method == "NameHasOwner":
            call.setArguments([service])
        answer = bus.call(call, QDBus.CallMode.Block, BUS_MS).arguments()
        if answer and (answer[0] is True or (isinstance(answer[0], list) and service in answer[0])):
            return {"awake": service}
    return {"awake_error": "service"}


# ---- network --------------------------------------------------------------------------------------------------------


def _network(asked: Mapping[str, Any]) -> None:
    """Run the pose network alone on a picture of the virtual runner."""
    from app.pose.engine import chosen_engine
    from app.pose.model import model_status

    found = model_status(asked.get("model", "full"))
    engine = chosen_engine()
    _tell(engine=engine.value, model=found.variant or asked.get("model", "full"), load=load())
    if not found.valid:
        return
    import numpy as np

    from app.coach.types import Frame
    from app.pose.engine import make_network
    from app.validation.bench_clip import RUNNING_FROM_S, scene_for

    image = scene_for(SIZE_PX).image_at(RUNNING_FROM_S, 0)
    began_s = time.perf_counter()
    network = make_network(engine, found.path, live=True)
    took_s: list[float] = []
    try:
        network.estimate(Frame(0, 0.0, image))
        loaded_s = time.perf_counter() - began_s
        while len(took_s) < MOST_PICTURES and (len(took_s) < LEAST_PICTURES or sum(took_s) < NETWORK_S):
            number = len(took_s) + 1
            start_s = time.perf_counter()
            network.estimate(Frame(number, number / 60.0, image))
            took_s.append(time.perf_counter() - start_s)
    finally:
        network.close()
    p50_ms, p95_ms = (float(value) * 1e3 for value in np.percentile(took_s, (50.0, 95.0)))
    _tell(p50_ms=p50_ms, p95_ms=p95_ms, load_s=loaded_s)


# ---- camera ---------------------------------------------------------------------------------------------------------


def _camera(asked: Mapping[str, Any]) -> None:
    """Open the camera as the app does, look at it for some seconds, and let go of it."""
    from app.capture.webcam import Webcam
    from app.cli import parsing
    from app.validation.checkup.probes_camera import measure

    name, fps = str(asked["camera"]), float(asked["fps"])
    width, height = asked["size_px"]
    facts = measure(Webcam(parsing.camera(name), (width, height), fps), (width, height), fps, name)
    _tell(**{**asdict(facts), "load": load()})


# ---- flash ----------------------------------------------------------------------------------------------------------


def _flash(asked: Mapping[str, Any]) -> None:
    """Flash, have a camera look at it, and tell how late it is; ``delay_ms``: a camera of known delay instead."""
    package.keep_opencv_out_of_qt()
    from PySide6.QtWidgets import QApplication

    application = QApplication(sys.argv[:1])
    from app.cli import parsing
    from app.ui.flash_doctor import FlashWindow, flash
    from app.ui.language import install_language
    from app.ui.prefs import Prefs, default_settings
    from app.validation.checkup.loop import LIT_S, Eye, Loop, ScreenCamera, Source, flash_times_s, lit_at, loop_of

    install_language(application, Prefs(default_settings()).language)
    window, fps, known = FlashWindow(), float(asked["fps"]), asked.get("delay_ms")

    def source() -> Source:
        if known is not None:
            return ScreenCamera(lambda t_s: lit_at(tuple(window.painted), t_s), known / 1e3, fps, time.monotonic)
        from app.capture.webcam import Webcam

        width, height = asked["size_px"]
        return Webcam(parsing.camera(str(asked["camera"])), (width, height), fps)

    beep, close_sound = _beeper()
    eye = Eye(source)
    try:
        eye.opened.wait()
        times_s = flash_times_s(int(asked["flashes"]), LEAD_S if known is None else 0.0)
        done = not eye.error and flash(window, times_s, LIT_S, beep)
    finally:
        eye.close()
        close_sound()
        window.deleteLater()
        application.processEvents()
    if eye.error or not done:
        found = Loop(0, 0, None, problem=eye.error or "It was given up with Escape.")
    else:
        found = loop_of(window.painted, list(eye.frames))
    _tell(**asdict(found))


def _beeper() -> tuple[Callable[[], object], Callable[[], object]]:
    """Return what beeps and what lets go of the loudspeaker; nothing where there is no sound."""
    try:
        from app.store.assets import asset_path
        from app.ui.qt_audio import QtSounds
    except ImportError:
        return (lambda: None), (lambda: None)
    sounds = QtSounds(asset_path)
    return (lambda: sounds.play("countdown")), sounds.close


CHILDREN: Final[dict[str, Callable[[Mapping[str, Any]], None]]] = {
    "window": _window,
    "sound": _sound,
    "network": _network,
    "camera": _camera,
    "flash": _flash,
}
