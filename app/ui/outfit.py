"""What the window is fitted out with besides the session: pages, runners, what is kept, a screen that stays awake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import app
from app.pose.model import model_status
from app.ui.choice import SourceKind
from app.ui.handing_out import HandingOut
from app.ui.late_pages import LatePages
from app.ui.people import NobodyKnown, StoredPeople
from app.ui.recovering import Recovering
from app.ui.screens import Screen
from app.ui.sounds import sound_choice_from
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from app.coach.reps import DrillId
    from app.store.keepsakes import Keepsakes
    from app.store.people import RunnerStore
    from app.ui.audio import CueAudio
    from app.ui.awake import KeepAwake
    from app.ui.choice import Choice
    from app.ui.late_pages import Page
    from app.ui.pages.about_page import AboutPage
    from app.ui.pages.about_texts import AboutFacts
    from app.ui.pages.history_page import HistoryPage
    from app.ui.pages.history_reader import HistoryReader
    from app.ui.pages.review_page import ReviewPage
    from app.ui.pages.runner_section import People
    from app.ui.pages.settings_page import SettingsPage
    from app.ui.prefs import Prefs
    from app.ui.shell import Shell


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
        """The window is shown: make its other pages, and see to sessions that were cut off."""
        self._pages.begin()
        if self.data_folder is not None and self._recovering is None:
            self._recovering = Recovering(self.data_folder)

    def notice(self) -> str:
        """Return one line that is new and to be told, "" mostly."""
        return " ".join(tr(line) for line in self._recovering.lines()) if self._recovering is not None else ""

    def close(self) -> None:
        """The window is closed; idempotent."""
        self.armed(False)
        self._pages.stop()
        made = self._pages.made()
        if Screen.REVIEW in made:
            self.review.note.keep()
        if Screen.HISTORY in made:
            self.history.close()
        for worker in (self._recovering, self._out):
            if worker is not None:
                worker.close()

    def pages(self, window: Shell, added: Callable[[Page], object]) -> LatePages:
        """Return the pages of the window; ``added`` is told of each when it is made."""
        makers: dict[Screen, Callable[[], Page]] = {  # the review needs the history's
            Screen.HISTORY: lambda: self._make_history(window),
            Screen.REVIEW: lambda: self._make_review(window),
            Screen.SETTINGS: lambda: self._make_settings(window),
            Screen.ABOUT: lambda: self._make_about(window),
        }
        self._pages = LatePages(makers, added)
        return self._pages

    @property
    def review(self) -> ReviewPage:
        """The page of the newest set."""
        return cast("ReviewPage", self._pages[Screen.REVIEW])

    @property
    def history(self) -> HistoryPage:
        """The page of all sessions."""
        return cast("HistoryPage", self._pages[Screen.HISTORY])

    @property
    def settings(self) -> SettingsPage:
        """The page of what can be chosen."""
        return cast("SettingsPage", self._pages[Screen.SETTINGS])

    @property
    def about(self) -> AboutPage:
        """The page about the app."""
        return cast("AboutPage", self._pages[Screen.ABOUT])

    # The modules of the pages are imported where they are made: that takes as long as making them does.

    def _make_history(self, window: Shell) -> HistoryPage:
        from app.ui.pages.history_page import HistoryPage
        from app.ui.pages.history_port import StoredHistory

        page = HistoryPage(window.theme, StoredHistory(self.data_folder) if self.data_folder is not None else None)
        page.run_wanted.connect(lambda: window.go_to(Screen.RUN))
        if self.data_folder is not None:
            out = self._out = HandingOut(self.data_folder)
            out.told.connect(page.tell)
            page.report_wanted.connect(out.report)
            page.video_wanted.connect(out.play)
            page.export_wanted.connect(lambda session: _ask_where(out, page, session))
        return page

    def _make_review(self, window: Shell) -> ReviewPage:
        from app.ui.pages.review_page import ReviewPage

        page = ReviewPage(window.theme)
        page.run_wanted.connect(lambda: window.go_to(Screen.RUN))
        page.practise.connect(lambda drill: _practise(window, drill))
        if self.history.reader is not None:
            _note_in_review(page, self.history, self.history.reader)
        return page

    def _make_settings(self, window: Shell) -> SettingsPage:
        from app.ui.pages.settings_page import SettingsPage

        page = SettingsPage(window.theme, window.prefs, self.people)
        page.changed.connect(lambda what: self._changed(window, what))
        page.camera_picked.connect(
            lambda camera: window.reconsider(replace(window.choice, kind=SourceKind.CAMERA, camera=camera))
        )
        page.cameras_wanted.connect(window.host.look_for_cameras)
        page.sound_test_wanted.connect(lambda: _let_hear(window.audio))
        page.outputs_wanted.connect(lambda: page.show_outputs(*_outputs(window.audio)))
        return page

    def _make_about(self, window: Shell) -> AboutPage:
        from app.ui.pages.about_page import AboutPage

        return AboutPage(window.theme, self._facts(window.prefs))

    def _facts(self, prefs: Prefs) -> AboutFacts:
        """Return what the page about the app tells of this one."""
        from app.ui.pages.about_page import notice_text
        from app.ui.pages.about_texts import AboutFacts

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

    def close_page(self, screen: Screen) -> None:
        """Let go of what a page held for showing it: the pictures of a set are up to 60 MB."""
        if screen is Screen.REVIEW:
            self.review.show_record(None)

    def show_kept(self) -> None:
        """Something was changed elsewhere: show it on the page of the settings, where that is there already."""
        if Screen.SETTINGS in self._pages.made():
            self.settings.show_kept()

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
