"""The guided panels from 300 px up to a large screen: nothing is clipped or overlaps, targets are large."""

from __future__ import annotations

import dataclasses
import itertools
import math

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMainWindow, QScrollArea, QScrollBar, QWidget

from app.coach.exam_report import ExamPhase, ExamReport
from app.coach.exam_words import ExamLine
from app.coach.report import FaultId, StandingStatus
from app.coach.reps import DrillId, DrillPhase, DrillReport, LoggedRep, Rep, Tempo
from app.coach.rules import default_rules
from app.coach.separation import Separation
from app.coach.setup import Check, SetupPhase, SetupReport
from app.coach.setup_checks import CheckState
from app.coach.setup_words import setup_words
from app.ui.choice import Choice
from app.ui.keys import KeyMap
from app.ui.panels.drill_panel import DrillPanel
from app.ui.panels.exam_panel import ExamPanel
from app.ui.panels.setup_panel import SetupPanel
from app.ui.theme import DARK, LIGHT, Theme, style_sheet

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("fonts")]
#: (width, height, scale) of the panel: in a window of 960 x 600, of 1280 x 800, of 1920 x 1080, at 4K.
ROOMS = [(300, 480, 1.0), (420, 480, 1.0), (340, 690, 1.0), (420, 950, 1.25), (700, 1900, 2.25)]


def setup_report() -> SetupReport:
    """Everything failed, each with its longest line."""
    checks = []
    for name, words in setup_words().checks.items():
        way = max(words.ways.values(), key=lambda way: len(way.fix))
        checks.append(Check(name, words.title, CheckState.FAIL, 41.0, "", "x", way.fix, way.shown, True))
    return SetupReport(1.0, SetupPhase.CHECKING, tuple(checks), checks[4], offer="tunnel only")


def exam_report() -> ExamReport:
    rules = default_rules()
    fault = max(rules.texts, key=lambda fault: len(rules.texts[fault].fix) if fault in rules.cues else 0)
    alike = tuple(
        Separation(fault, False, 1.2, FaultId.PELVIS_DRIFT.value, "front_load_deg")
        for fault in (FaultId.PELVIS_DRIFT, FaultId.HIP_SQUEEZE)
    )
    line = rules.exam.say[ExamLine.NOT_TOLD_APART]
    return ExamReport(
        1.0, ExamPhase.OTHER_SIDE, line, fix=rules.texts[fault].fix, passed=("left",), weight_shift=0.5,
        separations=alike, hold_goal_s=3.0,
    )  # fmt: skip


def reps() -> tuple[Rep, ...]:
    praise = ("depth", "sit", "round_back", "not_up", "fast")
    return tuple(
        Rep(n, n, n + 1, 134.0, Tempo(11.2, 10.3, 11.0), False, "half", praise, "Hips back, don't sit down")
        for n in range(1, 9)
    )


@pytest.fixture(params=["setup", "exam", "drill", "rest", "nothing"])
def show(request, qtbot, builders):
    """Show a panel in its widest state in a window of the room's size; return window and panel."""

    def make(width: int, height: int, scale: float) -> tuple[QMainWindow, QWidget]:
        theme = Theme(DARK if width > 350 else LIGHT, scale)
        analysis = dataclasses.replace(
            builders.analysis(
                standing=StandingStatus("none", True, 0.4, "Stand tall, side-on to the camera, arms down")
            ),
            setup=setup_report(),
            exam=exam_report(),
        )
        phase = DrillPhase.RESTING if request.param == "rest" else DrillPhase.PAUSED
        why = "step back until the camera sees you from head to feet"
        drill = DrillReport(DrillId.HINGE, phase, 388, 0.5, 0.0, reps()[-1], False, 12, 20, 500, 123.0, (), why)
        analysis = dataclasses.replace(analysis, report=dataclasses.replace(analysis.report, drill=drill))
        kinds = {"setup": SetupPanel, "exam": ExamPanel}
        panel = kinds.get(request.param, DrillPanel)(theme, Choice(drill="hinge"))
        panel.show_keys(KeyMap())
        if request.param != "nothing":
            panel.write_numbers(analysis)
            if isinstance(panel, DrillPanel):
                panel.show_log(tuple(LoggedRep(rep, rep) for rep in reps()))
        window = QMainWindow()
        window.setStyleSheet(style_sheet(theme))
        window.setCentralWidget(panel)
        qtbot.addWidget(window)
        window.resize(width, height)
        window.show()
        for _ in range(3):
            QApplication.processEvents()
        return window, panel

    return make


def shown(parent: QWidget) -> list[QWidget]:
    children = [child for child in parent.children() if isinstance(child, QWidget) and child.isVisible()]
    return [child for child in children if not isinstance(child, QScrollBar)]


def overlaps(parent: QWidget) -> list[str]:
    found = [
        f"{a.metaObject().className()} {a.geometry()} over {b.metaObject().className()} {b.geometry()}"
        for a, b in itertools.combinations(shown(parent), 2)
        if a.geometry().intersects(b.geometry())
    ]
    for child in shown(parent):
        if not isinstance(child, QAbstractButton | QLabel) and child.metaObject().className() != "QListWidget":
            found += overlaps(child)
    return found


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: f"{room[0]}x{room[1]}")
def test_every_word_has_its_room(show, room) -> None:
    width, height, scale = room
    window, panel = show(*room)
    assert (window.width(), window.height()) == (width, height)
    assert panel.minimumSizeHint().width() <= max(300, 280 * scale)
    column = panel.findChild(QScrollArea).widget()
    assert column.width() <= width
    # Scrolled no further than there is something to see.
    area = panel.findChild(QScrollArea)
    assert column.height() == max(area.viewport().height(), column.heightForWidth(column.width()))
    for label in panel.findChildren(QLabel):
        if label.isVisible():
            # A word that is wider than its label would be cut in the middle.
            words = label.text().split() or [""]
            widest = max(label.fontMetrics().horizontalAdvance(word) for word in words)
            assert widest <= label.width(), label.text()
            assert label.heightForWidth(label.width()) <= label.height() + 1, label.text()
            if column.isAncestorOf(label):
                assert label.mapTo(column, label.rect().bottomRight()).x() <= width, label.text()
    for button in panel.findChildren(QAbstractButton):
        if button.isVisible():
            needs = max(map(button.fontMetrics().horizontalAdvance, button.text().split("\n")))
            assert needs <= button.width(), button.text()
            assert button.height() >= math.floor(38 * scale), button.text()
            assert button.accessibleName() or button.text()
    assert overlaps(panel) == []


def test_what_is_long_scrolls_and_the_foot_stays(show) -> None:
    window, panel = show(300, 480, 1.0)
    area = panel.findChild(QScrollArea)
    bar = area.verticalScrollBar()
    assert bar.maximum() == max(0, area.widget().height() - area.viewport().height())
    # The bar that is seen stands beside the cards, not on them, and moves what it belongs to.
    over = next(child for child in area.children() if isinstance(child, QScrollBar) and child is not bar)
    assert over.isVisible() == (bar.maximum() > 0)
    column = area.widget()
    cards = [child for child in shown(column) if child.objectName() == "surface"]
    edge = over.x() if over.isVisible() else area.width()
    assert all(card.x() + card.width() <= edge for card in cards)
    over.setValue(bar.maximum())
    assert bar.value() == bar.maximum()
    for button in panel.findChildren(QAbstractButton):
        if button.isVisible() and not area.isAncestorOf(button):
            assert window.rect().contains(QRect(button.mapTo(window, QPoint(0, 0)), button.size()))


@pytest.mark.parametrize("kind", [SetupPanel, ExamPanel, DrillPanel])
def test_before_its_task_has_begun_a_panel_says_so(qtbot, builders, kind) -> None:
    panel = kind(Theme(DARK), Choice(drill="hinge"))
    qtbot.addWidget(panel)
    panel.show()

    def headings() -> list[str]:
        labels = panel.findChildren(QLabel)
        return [label.text() for label in labels if label.property("role") == "heading" and label.isVisible()]

    assert headings() == ["Start the camera"]
    analysis = builders.analysis()
    panel.show_analysis(analysis)
    panel.write_numbers(analysis)
    assert headings() == ["One moment"]
    panel.write_numbers(None)
    assert headings() == ["Start the camera"]
