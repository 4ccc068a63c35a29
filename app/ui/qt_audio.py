"""Sound and speech through Qt. Importing it fails where a system library is missing: see `audio.open_audio`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtMultimedia import QMediaDevices, QSoundEffect
from PySide6.QtTextToSpeech import QTextToSpeech

from app.ui.sounds import SOUNDS

if TYPE_CHECKING:
    from collections.abc import Callable


class QtSounds:
    """Every sound preloaded, so that a bump starts within a few ms.

    Raises nothing: a file that cannot be decoded stays silent and is logged by Qt.
    """

    def __init__(self, asset_path: Callable[[str], object]) -> None:
        self.has_device = not QMediaDevices.defaultAudioOutput().isNull()
        self._effects: dict[str, QSoundEffect] = {}
        for sound in SOUNDS if self.has_device else ():
            effect = QSoundEffect()
            effect.setSource(QUrl.fromLocalFile(str(asset_path(f"sounds/{sound}.wav"))))
            self._effects[sound] = effect

    def play(self, sound: str) -> None:
        """Start a sound; returns at once."""
        effect = self._effects.get(sound)
        if effect is not None:
            effect.play()

    def close(self) -> None:
        """Stop and let go of the sound card."""
        for effect in self._effects.values():
            effect.stop()
            effect.deleteLater()
        self._effects.clear()


class QtSpeech:
    """The system's own voice."""

    def __init__(self, engine: QTextToSpeech) -> None:
        self._engine = engine

    def say(self, words: str) -> None:
        """Start speaking; returns at once."""
        self._engine.say(words)

    def busy(self) -> bool:
        """Whether it still speaks."""
        return self._engine.state() in (QTextToSpeech.State.Speaking, QTextToSpeech.State.Synthesizing)

    def stop(self) -> None:
        """Fall silent now."""
        self._engine.stop()


def qt_speech() -> QtSpeech | None:
    """Return the system's voice, None where there is no engine (Qt's "mock" only pretends)."""
    engines = [name for name in QTextToSpeech.availableEngines() if name != "mock"]
    if not engines:
        return None
    engine = QTextToSpeech(engines[0])
    if engine.state() == QTextToSpeech.State.Error:
        engine.deleteLater()
        return None
    return QtSpeech(engine)
