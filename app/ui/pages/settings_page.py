"""The page of settings, and this computer checked. Whatever is changed is kept, and told, at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from app.ui.pages.controls import PAGE_PX, Card, Column, Picker, Segments, Stepper, Switch, label, themed
from app.ui.pages.doctor_section import DoctorSection
from app.ui.pages.key_editor import KeyEditor
from app.ui.pages.runner_section import RunnerSection
from app.ui.pages.sound_section import SoundSection
from app.ui.prefs import LEAST_DELAY_S, MOST_DELAY_S
from app.ui.screens import SceneDetail
from app.ui.theme import GAP_PX, ThemeChoice
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent, QShowEvent

    from app.ui.keys import KeyMap
    from app.ui.pages.runner_section import People
    from app.ui.prefs import Prefs
    from app.ui.theme import Theme

#: Sections in the order of the list.
SECTIONS: Final = (
    ("runner", mark("Runner")),
    ("sound", mark("Sound")),
    ("picture", mark("Picture")),
    ("keys", mark("Keys")),
    ("language", mark("Language")),
    ("computer", mark("This computer")),
)
LIST_PX: Final = 190


class PictureSection(Column):
    """Camera, looks and the delayed mirror.

    Attributes:
        changed: emits "theme", "layout", "mirror", "keep_video", "delay_s" or "countdown" after it was written into
            `Prefs`.
        camera_picked: emits the camera (index or name) that the user wants. cameras_wanted: look for cameras.

    """

    changed = Signal(str)
    camera_picked = Signal(object)
    cameras_wanted = Signal()

    def __init__(self, theme: Theme, prefs: Prefs) -> None:
        super().__init__(theme, tr("Picture"))
        self._prefs = prefs
        self.camera, self.look_again = Picker(theme), QPushButton(tr("Look again"))
        self.mirror, self.countdown, self.keep_video = Switch(theme), Switch(theme), Switch(theme)
        themes = (
            (ThemeChoice.SYSTEM, tr("As the system")),
            (ThemeChoice.DARK, tr("Dark")),
            (ThemeChoice.LIGHT, tr("Light", "colours")),
        )
        self.theme = Segments(theme, themes)
        self.layout_of = Segments(theme, ((SceneDetail.RUNNER, tr("Runner")), (SceneDetail.COACH, tr("Coach"))))
        self.delay = Stepper(theme, LEAST_DELAY_S, MOST_DELAY_S, 1.0, 0, "s")
        self._build(theme)
        self.camera.picked.connect(self._pick_camera)
        self.look_again.clicked.connect(self.cameras_wanted)
        self.mirror.toggled.connect(lambda on: self._set("mirror", on))
        self.countdown.toggled.connect(lambda on: self._set("countdown", on))
        self.keep_video.toggled.connect(lambda on: self._set("keep_video", on))
        self.theme.picked.connect(lambda choice: self._set("theme", choice))
        self.layout_of.picked.connect(lambda layout: self._set("layout", layout))
        self.delay.changed.connect(lambda delay_s: self._set("delay_s", delay_s))
        self.show_cameras(None, None)
        self.refresh()

    def _build(self, theme: Theme) -> None:
        camera, looks, ways = Card(theme), Card(theme), Card(theme)
        camera.add_row(tr("Camera"), self.camera, self.look_again)
        camera.add_row(
            tr("Mirror the picture"), self.mirror,
            help_words=tr("As in a mirror on the wall. Words and numbers are never mirrored."),
        )  # fmt: skip
        camera.add_row(
            tr("Keep the video of each session"), self.keep_video,
            help_words=tr(
                "Some 30 MB a minute at 30 frames a second, twice that at 60; without sound. It stays on this computer "
                "and is deleted with its session. Holds from the next session on."
            ),
        )  # fmt: skip
        looks.add_row(tr("Colours"), self.theme)
        looks.add_row(
            tr("Layout"), self.layout_of,
            help_words=tr("Runner: one large cue, read from three metres. Coach: every number and curve."),
        )  # fmt: skip
        ways.add_row(
            tr("Countdown before a set"), self.countdown,
            help_words=tr("Time to walk from the keyboard to the treadmill."),
        )  # fmt: skip
        ways.add_row(
            tr("Delayed mirror"), self.delay,
            help_words=tr("So far behind is the picture when you switch the delayed mirror on."),
        )  # fmt: skip
        for card in (camera, looks, ways):
            self.add(card)

    def show_cameras(self, cameras: Sequence[tuple[int | str, str]] | None, current: int | str | None) -> None:
        """Offer the cameras that were found, None while they are looked for; ``current`` is in use, None: none is."""
        entries: list[tuple[object, str]] = list(cameras or ())
        if current is None or current not in dict(entries):
            words = tr("Looking for cameras …") if cameras is None else tr("Choose a camera")
            entries.insert(0, (None, words if cameras is None or cameras else tr("No camera found")))
            current = None
        self.camera.fill(entries, current)
        self.camera.setEnabled(bool(cameras))

    def refresh(self) -> None:
        """Show what is kept now; nothing is emitted."""
        kept = ((self.mirror, "mirror"), (self.countdown, "countdown"), (self.keep_video, "keep_video"))
        for switch, on in ((switch, getattr(self._prefs, name)) for switch, name in kept):
            with QSignalBlocker(switch):
                switch.setChecked(on)
        self.theme.show_value(self._prefs.theme)
        self.layout_of.show_value(self._prefs.layout)
        self.delay.show_value(self._prefs.delay_s)

    def _pick_camera(self, camera: object) -> None:
        if camera is not None:
            self.camera_picked.emit(camera)

    def _set(self, name: str, value: object) -> None:
        setattr(self._prefs, name, value)
        self.changed.emit(name)


class LanguageSection(Column):
    """The language of the window. `changed` emits "language"."""

    changed = Signal(str)

    def __init__(self, theme: Theme, prefs: Prefs) -> None:
        super().__init__(theme, tr("Language"))
        self._prefs = prefs
        # Languages are named in themselves: whoever looks for one reads that.
        self.language = Segments(theme, (("", tr("As the system")), ("en", "English"), ("es", "Español")))
        self.note = label("", "help")
        card = Card(theme)
        card.add_row(
            tr("Words of the window"), self.language,
            help_words=tr("Holds from the next time that Hinge Coach is opened."),
        )  # fmt: skip
        self.add(card)
        self.add(self.note)
        self.language.picked.connect(self._pick)
        self.refresh()

    def refresh(self) -> None:
        """Show what is kept now."""
        self.language.show_value(self._prefs.language)

    def _pick(self, language: object) -> None:
        self._prefs.language = str(language)
        self.note.setText(tr("Kept. Close Hinge Coach and open it again to see it."))
        self.changed.emit("language")


def _end(sections: Sequence[Column], *_: object) -> None:
    for section in sections:
        if shiboken6.isValid(section):
            shiboken6.delete(section)


class SettingsPage(QWidget):
    """All sections, one at a time beside their list.

    Args:
        theme: looks. prefs: where everything is kept. people: the runners.

    Attributes:
        changed: emits what was changed, after it was written into ``prefs``: "runner" (with height and drop), "sound",
            "theme", "layout", "mirror", "keep_video", "delay_s", "countdown", "keys", "language".
        camera_picked: another camera (index or name) is wanted. cameras_wanted: look for cameras, then `show_cameras`.
        sound_test_wanted: let the user hear how it sounds. outputs_wanted: tell them with `show_outputs`.

    """

    changed = Signal(str)
    camera_picked = Signal(object)
    cameras_wanted = Signal()
    sound_test_wanted = Signal()
    outputs_wanted = Signal()

    def __init__(self, theme: Theme, prefs: Prefs, people: People) -> None:
        super().__init__()
        self._theme = theme
        self.runner, self.sound = RunnerSection(theme, prefs, people), SoundSection(theme, prefs)
        self.picture, self.key_editor = PictureSection(theme, prefs), KeyEditor(theme, prefs)
        self.language, self.computer = LanguageSection(theme, prefs), DoctorSection(theme)
        self._stale: set[Column] = set()
        self.sections = (self.runner, self.sound, self.picture, self.key_editor, self.language, self.computer)
        # Those that are put aside have no parent that would end them.
        self.destroyed.connect(partial(_end, self.sections))
        self.list, self._stack = QListWidget(), QStackedWidget()
        self.list.setAccessibleName(tr("Sections of the settings"))
        self.list.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for _, words in SECTIONS:
            self.list.addItem(QListWidgetItem(tr(words)))
        for changed in (section.changed for section in self.sections):
            changed.connect(self.changed)
        self._box = QHBoxLayout(self)
        # In the middle of a wide window: lines that are not too long, and no empty third at the right.
        self._box.addStretch(1)
        self._box.addWidget(self.list)
        self._box.addWidget(self._stack, 1000)
        self._box.addStretch(1)
        self.list.currentRowChanged.connect(self._show)
        self.picture.camera_picked.connect(self.camera_picked)
        self.picture.cameras_wanted.connect(self._look_for_cameras)
        self.sound.test_wanted.connect(self.sound_test_wanted)
        self.setFocusProxy(self.list)
        self.list.setCurrentRow(0)
        self.set_theme(theme)

    @property
    def keymap(self) -> KeyMap:
        """The keys as the editor has them now."""
        return self.key_editor.keymap

    def show_section(self, name: str) -> None:
        """Show a section of `SECTIONS`, e.g. "keys". Raises ValueError for another name."""
        self.list.setCurrentRow([section for section, _ in SECTIONS].index(name))

    def show_cameras(self, cameras: Sequence[tuple[int | str, str]] | None, current: int | str | None) -> None:
        """Offer the cameras that were found, None while they are looked for; ``current`` is in use, None: none is."""
        self.picture.show_cameras(cameras, current)

    def show_outputs(self, outputs: Sequence[tuple[str, str]], voices: Sequence[tuple[str, str]]) -> None:
        """Offer the sound outputs and the voices of this machine: (id, words) each."""
        self.sound.show_outputs(outputs, voices)

    def refresh(self) -> None:
        """Show what is kept now: keys of the window may have changed it."""
        for section in self.sections:
            section.refresh()

    def show_kept(self) -> None:
        """Show what a key has just changed, where it is seen; a runner that is being written down stays as it is."""
        if self.isVisible():
            self.sound.refresh()
            self.picture.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes; a section that is not seen gets them when it is, as that takes time."""
        self._theme = theme
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(theme.px(GAP_PX + 6))
        self.list.setFixedWidth(theme.px(LIST_PX))
        self._stack.setMaximumWidth(theme.px(PAGE_PX))
        themed(self.list, theme)
        self._stale = set(self.sections)
        if self.isVisible():
            self._make_ready(self.list.currentRow())

    def showEvent(self, event: QShowEvent) -> None:
        """Be up to date when shown."""
        super().showEvent(event)
        self._make_ready(self.list.currentRow())
        self.refresh()
        self._ask_for_lists(self.list.currentRow())

    def _show(self, row: int) -> None:
        if self.isVisible():
            self._make_ready(row)
        self._ask_for_lists(row)

    def hideEvent(self, event: QHideEvent) -> None:
        """Put the sections aside: a style sheet reaches every widget of the window, and they are half of them."""
        super().hideEvent(event)
        self._put_aside()

    def _put_aside(self, but: Column | None = None) -> None:
        for section in self.sections:
            if section is not but and section.parent() is not None:
                self._stack.removeWidget(section)
                section.setParent(None)

    def _make_ready(self, row: int) -> None:
        """Have the section of a row, and only that one, in the window, with sizes and colours of now."""
        section = self.sections[row]
        if section in self._stale:
            self._stale.discard(section)
            themed(section, self._theme)
        self._put_aside(section)
        if section.parent() is None:
            self._stack.addWidget(section)
        self._stack.setCurrentWidget(section)

    def _ask_for_lists(self, row: int) -> None:
        """Have cameras or sound outputs looked for when their section is seen, not before: it takes time."""
        if not self.isVisible():
            return
        if self.sections[row] is self.picture:
            self.cameras_wanted.emit()
        elif self.sections[row] is self.sound:
            self.outputs_wanted.emit()

    def _look_for_cameras(self) -> None:
        self.picture.show_cameras(None, None)
        self.cameras_wanted.emit()
