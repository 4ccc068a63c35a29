"""Check this computer: what `hingecoach doctor` finds, in the window. It runs in a process of its own."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QProcess, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from app.ui.pages.controls import Card, Column, Switch, label
from app.ui.theme import BODY_PX, CAPTION_PX
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent

    from app.ui.theme import Theme
    from app.validation.checkup.finding import Finding

#: Longer than all of doctor's own limits together (`validation/checkup/parts.py`) and its start.
LIMIT_MS: Final = 150_000
#: What is shown first, and how it is called: troubles, notes, what is fine, what nobody could tell.
GROUPS: Final = (
    ("trouble", mark("Does not work as it should")),
    ("note", mark("Worth knowing")),
    ("ok", mark("All right")),
    ("not_checked", mark("Not checked")),
)


class Checkup(QObject):
    """Runs a check-up; one at a time.

    Attributes:
        done: emits the document (docs/formats.md). failed: emits why there is none, one line.

    Args:
        command: what is started, for tests; None: this very app.

    """

    done = Signal(dict)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None, command: Sequence[str] | None = None) -> None:
        super().__init__(parent)
        self._command = command
        self._process: QProcess | None = None
        self._limit = QTimer(self, singleShot=True, interval=LIMIT_MS)
        self._limit.timeout.connect(self._give_up)

    @property
    def running(self) -> bool:
        """Whether one runs."""
        return self._process is not None

    def start(self, with_camera: bool) -> None:
        """Begin, unless one runs."""
        if self._process is not None:
            return
        from app.validation.checkup.asking import own_command  # hardly ever needed, and all its checks come with it

        words = [*own_command(), "doctor", "--json", "-", *([] if with_camera else ["--no-camera"])]
        words = list(self._command) if self._command is not None else words
        process = self._process = QProcess(self)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed_to_start)
        self._limit.start()
        process.start(words[0], words[1:])

    def stop(self) -> None:
        """End it, if one runs; nothing is emitted any more."""
        process, self._process = self._process, None
        self._limit.stop()
        if process is not None:
            process.finished.disconnect(self._finished)
            process.errorOccurred.disconnect(self._failed_to_start)
            process.terminate()  # it ends its own children, and lets go of the camera
            if not process.waitForFinished(1000):
                process.kill()
                process.waitForFinished(1000)
            process.deleteLater()

    def _give_up(self) -> None:
        self.stop()
        self.failed.emit(tr("It did not answer in time."))

    def _failed_to_start(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._end(None, tr("It could not be started."))

    def _finished(self) -> None:
        if self._process is None:
            return
        from app.validation.checkup.document import SCHEMA

        try:
            document = json.loads(bytes(self._process.readAllStandardOutput().data()))
        except ValueError:
            document = None
        if isinstance(document, dict) and document.get("schema") == SCHEMA:
            self._end(document, "")
        else:
            self._end(None, tr("It ended without a result; the log says why."))

    def _end(self, document: dict[str, Any] | None, problem: str) -> None:
        process, self._process = self._process, None
        self._limit.stop()
        if process is not None:
            process.deleteLater()
        if document is None:
            self.failed.emit(problem)
        else:
            self.done.emit(document)


class DoctorSection(Column):
    """A button, whether to open the camera, and below it what was found: troubles first, each with its remedy.

    Attributes:
        changed: of a section of the settings; nothing is changed here.

    Args:
        theme: looks. checkup: runs it.

    """

    changed = Signal(str)

    def __init__(self, theme: Theme, checkup: Checkup | None = None) -> None:
        super().__init__(theme, tr("This computer"))
        self._theme = theme
        self._findings: list[Finding] = []
        self._checkup = Checkup(self) if checkup is None else checkup
        self.check, self.copy_text = QPushButton(tr("Check this computer")), QPushButton(tr("Copy as text"))
        self.check.setObjectName("primary")
        self.camera, self.state, self.found = Switch(theme), label("", "help"), label("", "help")
        card = Card(theme)
        card.add_row(
            tr("Open the camera, too"), self.camera,
            help_words=tr("For three seconds, to measure its rate and light. Its lamp goes on."),
        )  # fmt: skip
        card.add_row(
            tr("Camera, light, sound, speed, folders"), self.copy_text, self.check,
            help_words=tr("Nothing is changed, and nothing leaves this computer."),
        )  # fmt: skip
        self.copy_text.setAccessibleName(tr("Copy as text"))
        self.found.setTextFormat(Qt.TextFormat.RichText)
        self.found.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.found.setAccessibleName(tr("What was found"))
        for widget in (card, self.state, self.found):
            self.add(widget)
        self.check.clicked.connect(self.begin)
        self.copy_text.clicked.connect(self._copy)
        self._checkup.done.connect(self.show_document)
        self._checkup.failed.connect(self._say)
        self._write()

    def begin(self) -> None:
        """Look at this computer."""
        self._findings = []
        self._checkup.start(self.camera.isChecked())
        self._say(tr("Looking at this computer …"))

    def show_document(self, document: dict[str, Any]) -> None:
        """Show a check-up (docs/formats.md)."""
        from app.validation.checkup.document import finding_of

        self._findings = [finding_of(check) for check in document.get("checks", ())]
        stopped = document.get("jobs", {}).get("live", {}).get("stopped_by", [])
        self._say(
            tr("Something keeps live coaching from working here.") if stopped else tr("Live coaching works here.")
        )

    def refresh(self) -> None:
        """Nothing here is kept."""

    def set_theme(self, theme: Theme) -> None:
        """Use other colours and sizes."""
        super().set_theme(theme)
        self._theme = theme
        if hasattr(self, "found"):  # not while the base is made
            self._write()

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever goes on to run needs the camera: end a check-up that is not seen any more."""
        super().hideEvent(event)
        if self._checkup.running:
            self._checkup.stop()
            self._say("")

    def _say(self, words: str) -> None:
        self.state.setText(words)
        self._write()

    def _write(self) -> None:
        self.check.setEnabled(not self._checkup.running)
        self.copy_text.setEnabled(bool(self._findings))
        self.state.setVisible(bool(self.state.text()))
        self.found.setVisible(bool(self._findings))
        self.found.setText(self._page())

    def _page(self) -> str:
        p, px = self._theme.palette, self._theme.px
        colours = {"trouble": p.hit, "note": p.off, "ok": p.good, "not_checked": p.muted}
        parts = []
        for outcome, words in GROUPS:
            group = [finding for finding in self._findings if finding.outcome.value == outcome]
            if not group:
                continue
            head = html.escape(f"{tr(words)} ({len(group)})")
            parts.append(
                f'<p style="color:{colours[outcome]}; font-size:{px(BODY_PX + 1)}px; font-weight:600; '
                f'margin:{px(14)}px 0 {px(4)}px 0">{head}</p>'
            )
            colour = p.muted if outcome == "not_checked" else p.text
            for finding in group:
                told = f'<span style="color:{colour}; font-size:{px(BODY_PX)}px">{_words(finding.fact)}</span>'
                if finding.remedy:
                    told += (
                        f'<br><span style="color:{p.info}; font-size:{px(BODY_PX)}px">→ {_words(finding.remedy)}</span>'
                    )
                told += f' <span style="color:{p.muted}; font-size:{px(CAPTION_PX)}px">{finding.id}</span>'
                parts.append(f'<p style="margin:0 0 {px(7)}px 0">{told}</p>')
        return "".join(parts)

    def _copy(self) -> None:
        """Copy it in English, whatever the window speaks: whoever is asked for help reads that."""
        from app.validation.checkup.document import lines

        QGuiApplication.clipboard().setText("\n".join(lines(self._findings)))
        self._say(tr("Copied."))


def _words(text: str) -> str:
    return html.escape(tr(text))
