"""Ask for a clip, and how slow it plays, without stopping anything: the picture goes on behind the dialog."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.capture.clip_facts import slowdown_of
from app.ui.choice import SourceKind
from app.ui.slow_motion import ask_slowness, noticed_words
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import SignalInstance
    from PySide6.QtWidgets import QWidget

    from app.ui.choice import Choice
    from app.ui.shell import Shell

_CLIPS = "*.mp4 *.mov *.avi *.mkv *.webm *.m4v *.3gp *.trc"


def ask_for_clip(parent: QWidget, start: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Open the dialog at ``start`` and call ``chosen`` with the path, if one is chosen; returns at once."""
    kinds = f"{tr('Clips and landmarks')} ({_CLIPS} {_CLIPS.upper()});;{tr('All files')} (*)"
    dialog = QFileDialog(parent, tr("Open a clip"), start, kinds)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(chosen)
    dialog.open()
    return dialog


def open_clip(window: Shell) -> None:
    """Ask for a clip, then for its slowness where the file makes that likely but not certain."""
    parent = window.video

    def chosen(path: str) -> None:
        choice = replace(window.choice, kind=SourceKind.FILE, path=path, slowmo_factor=None)
        told = slowdown_of(path)
        if told is None or told.certain:
            window.choose(choice)
            return
        why = tr("The file says that it may be in slow motion.")
        asking = ask_slowness(parent, why, told.factor, lambda factor: window.choose(slowed(choice, factor)))
        asking.rejected.connect(lambda: window.choose(choice))

    ask_for_clip(parent, window.choice.path, chosen)


def slowed(choice: Choice, factor: float) -> Choice:
    """Return the choice of a clip that plays so many times slower than life."""
    return replace(choice, slowmo_factor=factor)


def offer_clips(window: Shell, *wanted: SignalInstance) -> None:
    """Have a clip asked for at these signals, and its slowness where the motion in the clip that plays shows one."""
    for signal in wanted:
        signal.connect(lambda: open_clip(window))

    def plays(path: str) -> bool:
        return (window.choice.kind, window.choice.path) == (SourceKind.FILE, path)

    def noticed(path: str, suggested: float, cadence_spm: float) -> None:
        def take(factor: float) -> None:
            if plays(path):
                window.choose(slowed(window.choice, factor))

        if plays(path):
            ask_slowness(window.video, noticed_words(cadence_spm), suggested, take)

    window.running_session.slow_motion.noticed.connect(noticed, Qt.ConnectionType.QueuedConnection)
