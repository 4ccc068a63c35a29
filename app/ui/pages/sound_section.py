"""Settings: what is heard, how loud, from where."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSlider

from app.ui.pages.controls import Card, Column, Picker, Switch
from app.ui.sounds import SHIPPED_VOICE, SoundChoice, sound_choice_from
from app.ui.wheel import not_by_the_way
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ui.prefs import Prefs
    from app.ui.theme import Theme

#: (field of `SoundChoice`, words, what it means)
_CHANNELS: Final = (
    ("voice", mark("Voice"), mark("Says the one thing to change, and when it has become good.")),
    ("tones", mark("Tones"), mark("A short tone before each cue, and a knock when your head hits the roof.")),
    (
        "noise",
        mark("Tunnel noise"),
        mark("A soft noise as long as you run too high, louder the higher. Silence is good."),
    ),
)
_STEPS: Final = 20


class VolumeSlider(QSlider):
    """0 to 100 % in steps that the arrow keys take; a wheel that scrolls past leaves it alone."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, _STEPS)
        self.setPageStep(4)
        not_by_the_way(self)


class SoundSection(Column):
    """What is chosen is written into `Prefs` at once.

    Attributes:
        changed: emits "sound" after that. test_wanted: the user wants to hear how it sounds.

    """

    changed = Signal(str)
    test_wanted = Signal()

    def __init__(self, theme: Theme, prefs: Prefs) -> None:
        super().__init__(theme, tr("Sound"))
        self._prefs = prefs
        self._outputs: Sequence[tuple[str, str]] = ()
        self._voices: Sequence[tuple[str, str]] = ()
        self.switches = {name: Switch(theme) for name, _, _ in _CHANNELS}
        self.volume, self.percent = VolumeSlider(), QLabel()
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.output, self.voice = Picker(theme), Picker(theme)
        self.test = QPushButton(tr("Try it"))
        channels, ways = Card(theme), Card(theme)
        for name, words, meaning in _CHANNELS:
            channels.add_row(tr(words), self.switches[name], help_words=tr(meaning))
        ways.add_row(
            tr("Volume"), self.volume, self.percent,
            help_words=tr("Music of yours goes on underneath. Keys: + and −, M for silence."),
        )  # fmt: skip
        ways.add_row(tr("Output"), self.output)
        ways.add_row(tr("Which voice"), self.voice)
        ways.add_row(tr("How it sounds"), self.test)
        self.add(channels)
        self.add(ways)
        for name, switch in self.switches.items():
            switch.toggled.connect(lambda on, name=name: self._set(**{name: on}))
        self.volume.valueChanged.connect(lambda step: self._set(volume=step / _STEPS))
        self.output.picked.connect(lambda device: self._set(device=device))
        self.voice.picked.connect(lambda voice: self._set(voice_name=voice))
        self.test.clicked.connect(self.test_wanted)
        self.refresh()

    @property
    def choice(self) -> SoundChoice:
        """What is kept."""
        return sound_choice_from(dict(self._prefs.sound))

    def show_outputs(self, outputs: Sequence[tuple[str, str]], voices: Sequence[tuple[str, str]]) -> None:
        """Offer the outputs and the voices of this machine: (id, words) each."""
        self._outputs, self._voices = outputs, voices
        self.refresh()

    def refresh(self) -> None:
        """Show what is kept now; nothing is emitted."""
        choice = self.choice
        for name, switch in self.switches.items():
            with QSignalBlocker(switch):
                switch.setChecked(getattr(choice, name))
        with QSignalBlocker(self.volume):
            self.volume.setValue(round(choice.volume * _STEPS))
        self.percent.setText(f"{round(100 * choice.volume)} %")
        outputs = [("", tr("System default")), *self._outputs]
        voices = [("", tr("Automatic")), (SHIPPED_VOICE, tr("Hinge Coach's own")), *self._voices]
        for picker, entries, current in (
            (self.output, outputs, choice.device),
            (self.voice, voices, choice.voice_name),
        ):
            if current not in dict(entries):  # a device that is unplugged now stays chosen
                entries.append((current, tr("{name} (not there now)").format(name=current)))
            picker.fill(entries, current)

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        super().set_theme(theme)
        self.volume.setFixedWidth(theme.px(200))
        self.percent.setFixedWidth(theme.px(54))

    def _set(self, **fields: object) -> None:
        self._prefs.sound = asdict(replace(self.choice, **fields))  # type: ignore[arg-type]  # names of its fields
        self.percent.setText(f"{round(100 * self.choice.volume)} %")
        self.changed.emit("sound")
