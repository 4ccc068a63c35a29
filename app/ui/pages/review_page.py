"""The review right after a set: what to do next time, the best and the worst, every step, and why each cue came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.session.set_record import Best, SetKind
from app.ui.pages.evidence import cue_evidence, silence_lines
from app.ui.pages.note_card import NoteCard
from app.ui.pages.player import Player
from app.ui.pages.review_parts import MarkedList, MomentRows, NextCard, NumberGrid, Picture, SaidList
from app.ui.pages.review_words import (
    about_tone,
    here_words,
    next_time,
    numbers,
)
from app.ui.pages.scrub_keys import PlainButton, PlainScroller
from app.ui.pages.timeline import Timeline
from app.ui.pages.transport import Transport
from app.ui.panels.parts import Words
from app.ui.scene_bars import STEP_OLD_S
from app.ui.theme import GAP_PX, Theme, Tone, style_sheet
from app.ui.video_view import VideoView
from app.ui.widgets import ElidedLine
from app.ui.words import tr

if TYPE_CHECKING:
    from app.coach.summary import CoachSummary
    from app.session.set_record import Moment, SetRecord

_K = Qt.Key
#: Width of the column: a share of the page, at least and at most so much (px at scale 1).
COLUMN_SHARE, COLUMN_LEAST_PX, COLUMN_MOST_PX = 0.31, 310, 470
TIMELINE_LEAST_PX, TIMELINE_MOST_PX = 100, 300
#: After a jump of more than this (or back) the picture is told what came before: so many frames so far apart.
JUMP_S, LEAD_FRAMES, LEAD_EVERY_S = 0.4, 8, 0.12
#: Height / width of a picture until the first one came.
USUAL_ASPECT: Final = 9 / 16
TENTH: Final = 0.1


class ReviewPage(QWidget):
    """Shows a `SetRecord`: picture with overlay, timeline, and a column of what it came to.

    Space plays, Left and Right go by pictures, PageUp and PageDown by steps (with Shift by a tenth of the set),
    Home and End to its ends, Up and Down change the speed, [ and ] zoom the timeline.

    Attributes:
        practise: emits the `DrillId` that the user wants to practise. run_wanted: nothing to review: go and run.

    """

    practise = Signal(object)
    run_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._record: SetRecord | None = None
        self._shown_s = float("nan")
        self.setObjectName("review")
        self.player = Player(self)
        self._build()
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.timeline)
        self.set_theme(theme)
        self.show_record(None)

    # ---- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        self.video = VideoView(theme)
        self.video.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.timeline, self.transport = Timeline(theme), Transport(theme, self.player)
        self.here = ElidedLine(theme)
        self.here.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.next, self.numbers = NextCard(theme), NumberGrid(theme)
        self.moments, self.said = MomentRows(theme), SaidList(theme)
        self.marked, self.note = MarkedList(theme), NoteCard(theme)
        self.note.hide()
        content = QWidget()
        self._content = QHBoxLayout(content)
        self._left = QVBoxLayout()
        self._left.addWidget(self.video, 1)
        self._left.addWidget(self.transport)
        self._left.addWidget(self.here)
        self._left.addWidget(self.timeline)
        # What is left over lies below: the picture begins where the column does.
        self._left.addStretch(0)
        self._content.addLayout(self._left, 1)
        self._content.addWidget(self._column())
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._nothing())
        self._pages.addWidget(content)

    def _column(self) -> PlainScroller:
        self._inner = column = QWidget()
        column.setObjectName("column")
        self._sections = QVBoxLayout(column)
        self._sections.setContentsMargins(0, 0, 0, 0)
        for section in (self.next, self.moments, self.marked, self.numbers, self.note, self.said):
            self._sections.addWidget(section)
        self._sections.addStretch(1)
        self.scroller = PlainScroller(column)
        return self.scroller

    def _nothing(self) -> QWidget:
        """Return what is shown without a set."""
        nothing = QWidget()
        box = QVBoxLayout(nothing)
        self.nothing_picture = Picture(self._theme, 76.0)
        self.nothing_title, self.nothing_detail = QLabel(), Words("", "body")
        self.nothing_title.setProperty("role", "heading")
        self.go = PlainButton()
        self.go.setObjectName("start")
        self.go.setText(tr("Go to Run"))
        self.go.setAccessibleName(tr("Go to Run"))
        self.go.clicked.connect(self.run_wanted)
        self.nothing_detail.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        centre = Qt.AlignmentFlag.AlignHCenter
        box.addStretch(3)
        box.addWidget(self.nothing_picture, 0, centre)
        box.addWidget(self.nothing_title, 0, centre)
        box.addWidget(self.nothing_detail)
        box.addWidget(self.go, 0, centre)
        box.addStretch(4)
        self._nothing_box = box
        return nothing

    def _connect(self) -> None:
        self.player.moved.connect(self._show_time)
        self.transport.zoomed.connect(self.timeline.zoom)
        self.timeline.scrubbed.connect(self.scrub)
        self.timeline.cue_chosen.connect(self.show_cue)
        self.said.chosen.connect(self._cue_clicked)
        self.moments.chosen.connect(self.show_moment)
        self.marked.chosen.connect(self._mark_clicked)
        self.next.practise.connect(self.practise)

    # ---- what is shown ------------------------------------------------------------------------------------------

    @property
    def record(self) -> SetRecord | None:
        """The set that is shown, None while there is none (or nothing in it)."""
        return self._record

    def show_record(self, record: SetRecord | None, summary: CoachSummary | None = None) -> None:
        """Show another set.

        Args:
            record: it; None: there was none.
            summary: of the same session, for the headline numbers; None: they are told as not measured.

        """
        self.player.pause()
        usable = record is not None and not record.too_short and len(record.frames) > 0
        self._record = record if usable else None
        self._shown_s = float("nan")
        self.timeline.show_record(self._record)
        self._pages.setCurrentIndex(1 if usable else 0)
        if not usable or record is None:
            self.video.clear()
            self._say_nothing(record)
            return
        self.next.show_next(next_time(record, summary))
        self.numbers.show_numbers(numbers(record, summary))
        self.moments.show_moments(record)
        self.said.show_record(record, silence_lines(record))
        self.marked.show_record(record)
        self.player.load(record.first_s, record.last_s, _opening_s(record))
        self._share_room()
        self.scroller.verticalScrollBar().setValue(0)

    def _say_nothing(self, record: SetRecord | None) -> None:
        """Say why there is nothing to see."""
        if record is None or len(record.frames) == 0:
            self.nothing_title.setText(tr("Nothing to review yet"))
            self.nothing_detail.say(tr("Run a set first: what happened in it is shown here, step by step."))
            return
        self.nothing_title.setText(tr("Too short to review"))
        words = tr("The last set took {s:.1f} s. A few running steps, a stance or a repetition are needed.")
        self.nothing_detail.say(words.format(s=record.duration_s))

    def show_moment(self, moment: Moment) -> None:
        """Go to one of the best or worst moments and stand there."""
        self.player.pause()
        self.player.seek(moment.t_s)

    def show_cue(self, number: int) -> None:
        """Go to a cue and open its evidence."""
        record = self._record
        if record is None:
            return
        self.player.pause()
        cue = record.cues[number]
        self.timeline.show_cue(number)
        self.said.open_evidence(number, cue_evidence(cue, record), record.height_cm)
        self.player.seek(cue.cue.t_s)
        if self.said.opened is not None:
            # The layout has not placed it yet.
            self._sections.activate()
            self._inner.adjustSize()
            self.scroller.ensureWidgetVisible(self.said.opened, 0, self._theme.px(GAP_PX))
            self.scroller.ensureWidgetVisible(self.said.buttons[number], 0, self._theme.px(GAP_PX))

    def _cue_clicked(self, number: int) -> None:
        """Open a cue of the list, or close the one that is open."""
        if self.said.opened is not None and not self.said.buttons[number].isChecked():
            self.timeline.show_cue(-1)
            self.said.close_evidence()
        else:
            self.show_cue(number)

    def _mark_clicked(self, number: int) -> None:
        """Go to a marked moment."""
        if self._record is not None:
            self.scrub(self._record.marks_s[number])

    def scrub(self, t_s: float) -> None:
        """Go to an instant by hand."""
        self.player.pause()
        self.player.seek(t_s)

    @property
    def mirrored(self) -> bool:
        """Whether the picture is shown mirrored, as on the live screens."""
        return self.video.mirrored

    @mirrored.setter
    def mirrored(self, mirrored: bool) -> None:
        self.video.mirrored = mirrored

    def _show_time(self, t_s: float) -> None:
        record = self._record
        if record is None:
            return
        self.timeline.show_time(t_s)
        self.transport.show_time(t_s - record.first_s, record.duration_s)
        at_s = record.instant_s(t_s)
        if at_s == self._shown_s:
            return
        self._lead_up_to(record, at_s)
        self._shown_s = at_s
        self.here.set_text(here_words(record, at_s))
        analysis = record.frame_at(at_s)
        if analysis is not None:
            tunnel = analysis.report.tunnel
            hit = record.kind is SetKind.RUN and tunnel is not None and tunnel.clearance_bh < 0.0
            tone = about_tone(analysis.report.verdict)
            # As on the live screen: while another fault is on, its colour stays.
            self.video.show_analysis(analysis, Tone.HIT if hit and tone is not Tone.OFF else tone)
            self.video.update()

    def _lead_up_to(self, record: SetRecord, at_s: float) -> None:
        """Tell the picture what came right before: it draws the newest steps and the ground, which no frame holds."""
        since_s = self._shown_s
        if not 0.0 <= at_s - since_s <= JUMP_S:
            since_s = at_s - STEP_OLD_S
            for back in range(LEAD_FRAMES, 0, -1):
                before = record.frames.at(at_s - back * LEAD_EVERY_S)
                if before is not None and before.frame.t_s < at_s:
                    self.video.show_analysis(before, Tone.CALM)
        for mark in record.steps_between(since_s, at_s):
            self.video.show_step(mark.step)

    # ---- the user -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scrub, play, change the speed; everything else is the window's."""
        record, key = self._record, event.key()
        if record is None:
            super().keyPressEvent(event)
            return
        back = -1 if key in (_K.Key_Left, _K.Key_PageUp, _K.Key_Down) else 1
        if key == _K.Key_Space:
            self.player.toggle()
        elif key in (_K.Key_Left, _K.Key_Right):
            self.scrub(record.next_s(self._shown_s, back))
        elif key in (_K.Key_PageUp, _K.Key_PageDown):
            tenth = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.scrub(self.player.t_s + back * TENTH * record.duration_s if tenth else self._next_thing(back))
        elif key in (_K.Key_Home, _K.Key_End):
            self.scrub(record.first_s if key == _K.Key_Home else record.last_s)
        elif key in (_K.Key_Up, _K.Key_Down):
            self.player.faster(back)
        elif key in (_K.Key_BracketLeft, _K.Key_BracketRight):
            self.timeline.zoom(2.0 if key == _K.Key_BracketLeft else 0.5)
        else:
            super().keyPressEvent(event)

    def _next_thing(self, back: int) -> float:
        """Return the instant of the next (or last) step, repetition or stance; a tenth on where there is none."""
        record = self._record
        assert record is not None
        starts_s = {
            SetKind.RUN: [m.step.t_s for m in record.steps],
            SetKind.DRILL: [rep.start_s for rep in record.reps],
        }.get(record.kind, [m.hold.start_s for m in record.holds])
        here_s = self.player.t_s
        if back > 0:
            tenth_s = here_s + TENTH * record.duration_s
            return min((t_s for t_s in starts_s if t_s > here_s + 1e-3), default=tenth_s)
        return max((t_s for t_s in starts_s if t_s < here_s - 1e-3), default=here_s - TENTH * record.duration_s)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays where nobody looks."""
        self.player.pause()
        super().hideEvent(event)

    # ---- looks --------------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        px, p, gap = theme.px, theme.palette, theme.px(GAP_PX)
        own = f"""
        QWidget#segments QToolButton {{ padding: 0 {px(9)}px; min-width: {px(24)}px; }}
        QToolButton#said {{ text-align: left; background: {p.ground}; padding: 0 {px(10)}px; }}
        QToolButton#said:checked {{ background: {p.info_fill}; color: {p.on_fill}; }}
        """
        self.setStyleSheet(style_sheet(theme) + own)
        self._content.setContentsMargins(0, 0, 0, 0)
        self._content.setSpacing(gap)
        self._left.setSpacing(px(8))
        self._sections.setSpacing(gap)
        self._nothing_box.setSpacing(px(10))
        column = (self.next, self.numbers, self.moments, self.said, self.marked, self.note)
        for part in (self.video, self.transport, self.here, self.timeline, *column):
            part.set_theme(theme)
        self.nothing_picture.set_theme(theme)
        self.nothing_picture.show_shape("review", Tone.CALM)
        self._share_room()
        self.update()

    def _share_room(self) -> None:
        """Give the column its share, and the timeline what the picture's shape leaves over."""
        px = self._theme.px
        width = min(max(round(COLUMN_SHARE * self.width()), px(COLUMN_LEAST_PX)), px(COLUMN_MOST_PX))
        self.scroller.setFixedWidth(width)
        transform = self.video.transform()
        aspect = USUAL_ASPECT
        if transform is not None:
            aspect = transform.image_size_px[1] / transform.image_size_px[0]
        picture = aspect * (self.width() - width - self._content.spacing())
        rows = self.transport.sizeHint().height() + self.here.sizeHint().height() + 3 * self._left.spacing()
        left_over = round(self.height() - picture - rows)
        timeline = min(max(left_over, px(TIMELINE_LEAST_PX)), px(TIMELINE_MOST_PX))
        self.timeline.setFixedHeight(timeline)
        # No higher than the picture, so that no bare ground is above it.
        self.video.setMaximumHeight(max(round(picture), self.video.minimumHeight()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out again."""
        super().resizeEvent(event)
        self._share_room()


def _opening_s(record: SetRecord) -> float:
    """Return where a set opens: at its worst moment, where that was not on purpose, else at its best one."""
    worst = (moment for moment in record.moments_of(Best.WORST) if not moment.on_purpose)
    first = next(worst, next(iter(record.moments_of(Best.BEST)), None))
    return first.t_s if first is not None else record.first_s
