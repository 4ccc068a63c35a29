"""What the window is fitted out with besides the session: pages, runners, what is kept, a screen that stays awake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import app
from app.pose.model import model_status
from app.ui.choice import SourceKind
from app.ui.handing_out import HandingOut
from app.ui.pages.about_page import AboutPage, notice_text
from app.ui.pages.about_texts import AboutFacts
from app.ui.pages.history_page import HistoryPage
from app.ui.pages.history_port import StoredHistory
from app.ui.pages.review_page import ReviewPage
from app.ui.pages.settings_page import SettingsPage
from app.ui.people import NobodyKnown, StoredPeople
from app.ui.recovering import Recovering
from app.ui.screens import Screen
from app.ui.sounds import sound_choice_from
from app.ui.words import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.coach.reps import DrillId
    from app.store.keepsakes import Keepsakes
    from app.store.people import RunnerStore
    from app.ui.audio import CueAudio
    from app.ui.awake import KeepAwake
    from app.ui.choice import Choice
    from app.ui.pages.history_reader import HistoryReader
    from app.ui.pages.runner_section import People
    from app.ui.prefs import Prefs
    from app.ui.shell import Shell

    Page = ReviewPage | HistoryPage | SettingsPage | AboutPage


class Outfit:
    """Makes the pages of one window and carries out what the user asks for there.

    Args:
        data_folder: where runners, pictures and sessions are; None: nobody is known and nothing is kept.
        model: which pose model is used, for the page about the app.
        awake: keeps the screen on; None: nothing does.

    """

    def __init__(self, data_folder: Path | None = None, model: str = "full", awake: KeepAwake | None = None) -> None:
        self.data_folder, self._model = data_folder, model
        self.keepsakes: Keepsakes | None = None
        self._store: RunnerStore | None = None
        self.people: People = NobodyKnown()
        if data_folder is not None:
            from app.store.keepsakes import Keepsakes
            from app.store.people import RunnerStore

            self.keepsakes, self._store = Keepsakes(data_folder), RunnerStore(data_folder)
            self.people = StoredPeople(self._store, self.keepsakes)
        self._awake = awake
        self._recovering: Recovering | None = None
        self._out: HandingOut | None = None

    def begin(self) -> None:
        """The window is shown: see to sessions that were cut off."""
        if self.data_folder is not None and self._recovering is None:
            self._recovering = Recovering(self.data_folder)

    def notice(self) -> str:
        """Return one line that is new and to be told, "" mostly."""
        return " ".join(tr(line) for line in self._recovering.lines()) if self._recovering is not None else ""

    def close(self) -> None:
        """The window is closed; idempotent."""
        self.armed(False)
        self.review.note.keep()
        self.history.close()
        for worker in (self._recovering, self._out):
            if worker is not None:
                worker.close()

    def pages(self, window: Shell) -> dict[Screen, Page]:
        """Make the pages and connect them with the window."""
        theme = window.theme
        self.review = ReviewPage(theme)
        self.settings = SettingsPage(theme, window.prefs, self.people)
        self.about = AboutPage(theme, self._facts(window.prefs))
        settings = self.settings
        settings.changed.connect(lambda what: self._changed(window, what))
        settings.camera_picked.connect(
            lambda camera: window.reconsider(replace(window.choice, kind=SourceKind.CAMERA, camera=camera))
        )
        settings.cameras_wanted.connect(window.host.look_for_cameras)
        settings.sound_test_wanted.connect(lambda: _let_hear(window.audio))
        settings.outputs_wanted.connect(lambda: settings.show_outputs(*_outputs(window.audio)))
        self.history = HistoryPage(theme, StoredHistory(self.data_folder) if self.data_folder is not None else None)
        if self.data_folder is not None:
            out = self._out = HandingOut(self.data_folder)
            out.told.connect(self.history.tell)
            self.history.report_wanted.connect(out.report)
            self.history.video_wanted.connect(out.play)
            self.history.export_wanted.connect(lambda session: _ask_where(out, self.history, session))
        if self.history.reader is not None:
            _note_in_review(self.review, self.history, self.history.reader)
        for page in (self.history, self.review):
            page.run_wanted.connect(lambda: window.go_to(Screen.RUN))
        self.review.practise.connect(lambda drill: _practise(window, drill))
        return {
            Screen.REVIEW: self.review,
            Screen.HISTORY: self.history,
            Screen.SETTINGS: settings,
            Screen.ABOUT: self.about,
        }

    def _facts(self, prefs: Prefs) -> AboutFacts:
        """Return what the page about the app tells of this one."""
        status = model_status(self._model)
        model = status.variant or tr("not fetched yet")
        folder = "" if self.data_folder is None else str(self.data_folder)
        return AboutFacts(app.__version__, model, status.sha256, folder, notice_text(), settings_file=prefs.file)

    def open_page(self, window: Shell, screen: Screen) -> None:
        """Bring a page up to date before it is shown."""
        if screen is Screen.HISTORY:
            self.history.refresh()
        elif screen is Screen.ABOUT:
            self.about.show_facts(self._facts(window.prefs))
        elif screen is Screen.REVIEW:
            self.review.mirrored = window.video.mirrored
            self.review.show_record(window.running_session.record(), window.running_session.summary)
            session = window.running_session.recorded
            reader = self.history.reader
            if reader is not None and session and self.review.record is not None:
                reader.ask_row(session)
            else:
                self.review.note.show_note("", "")

    def show_keys(self, window: Shell) -> None:
        """Show the list of keys."""
        window.go_to(Screen.SETTINGS)
        self.settings.show_section("keys")

    def armed(self, armed: bool) -> None:
        """Keep the screen awake while a session runs, not a moment longer."""
        if self._awake is not None:
            self._awake.follow(armed)

    def choice_with_habits(self, choice: Choice, prefs: Prefs) -> Choice:
        """Return the choice with what it leaves open: who runs, how tall, how low the roof is, and keeping video."""
        if choice.keep_video is None:
            choice = replace(choice, keep_video=prefs.keep_video)
        known = {person.name for person in self.people.list()}
        runner = choice.runner or (prefs.runner if prefs.runner in known else "")
        if runner:
            return replace(choice, runner=runner)
        return replace(choice, height_cm=choice.height_cm or prefs.height_cm, drop_cm=prefs.drop_cm)

    def _changed(self, window: Shell, what: str) -> None:
        prefs = window.prefs
        if what == "theme":
            window.use_theme(prefs.theme)
        elif what == "sound":
            window.audio.use(sound_choice_from(dict(prefs.sound)))
        elif what == "mirror":
            window.bar.mirror.setChecked(prefs.mirror)
        elif what == "keys":
            window.shortcuts.rebind(self.settings.keymap)
            window.write_words()
        elif what == "delay_s" and window.delay_s is not None:
            window.delay_s = prefs.delay_s
            window.live.show_late(prefs.delay_s)
        elif what == "keep_video":
            window.choice = replace(window.choice, keep_video=prefs.keep_video)  # holds from the next session on
        elif what == "runner":
            told = replace(window.choice, runner="", height_cm=None)
            window.reconsider(self.choice_with_habits(replace(told, runner=prefs.runner), prefs))


def _note_in_review(review: ReviewPage, history: HistoryPage, reader: HistoryReader) -> None:
    """Have the note of the newest set read and kept by the one who keeps those of the history: in their order."""
    card = review.note

    def rest() -> None:
        if not history.isVisible():
            reader.rest()

    reader.row_read.connect(lambda row: card.show_note(row.id, row.note))
    reader.noted.connect(lambda session, _row, typed: card.show_kept(session, typed))
    reader.not_noted.connect(lambda session, line: card.show_problem(session, tr(line)))
    card.wanted.connect(reader.write_note)
    for done in (reader.row_read, reader.noted):
        done.connect(rest)


def _ask_where(out: HandingOut, parent: QWidget, session: str) -> None:
    out.ask_where(parent, session, lambda path: out.export(session, Path(path)))


def _practise(window: Shell, drill: DrillId) -> None:
    """Go on to the drill that the review advises."""
    window.go_to(Screen.DRILLS)
    chosen = replace(window.choice, drill=drill.value, reps=None, sets=None, rest_s=None)
    if window.is_running:
        window.choose(chosen)
    else:
        window.reconsider(chosen)


def _let_hear(audio: CueAudio) -> None:
    """Let the user hear how it sounds."""
    audio.signal("tunnel")
    audio.say("Duck under the roof")


def _outputs(audio: CueAudio) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return the outputs and the voices of this machine, (id, words) each; none where it has no sound."""
    try:
        from app.ui.qt_audio import output_devices
    except ImportError:
        return (), ()
    return output_devices(), tuple((voice, voice) for voice in audio.voices)
