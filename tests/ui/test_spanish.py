"""The window in Spanish: nothing is left in English where a runner looks, and nothing is clipped by longer words."""

from __future__ import annotations

import dataclasses
import itertools
import re

import pytest
from PySide6.QtWidgets import QApplication

from app.coach.setup import Check, SetupPhase, SetupReport
from app.coach.setup_checks import CheckState
from app.coach.setup_words import setup_words
from app.session import Phase
from app.ui.cue_card import CardContent, CueCard
from app.ui.language import install_language, load_catalogue
from app.ui.main_window import MainWindow
from app.ui.screens import SCREEN_WORDS, Screen
from app.ui.theme import DARK, Theme, Tone

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("fonts")]


@pytest.fixture
def spanish(qapp):
    assert install_language(qapp, "es") == "es"
    yield
    install_language(qapp, "en")


@pytest.fixture
def window(spanish, make_window, qtbot) -> MainWindow:
    window = make_window()
    qtbot.waitUntil(lambda: window.host.session is not None)
    return window


def show(window: MainWindow, *analyses: object) -> None:
    if window.host.session is not None:  # a page lets go of the camera
        window.host.session.analyses = list(analyses)
    window.refresh()
    window.draw_plots()
    window.write_numbers()
    QApplication.processEvents()


def all_checks_failed() -> SetupReport:
    """Every check failed in its longest way."""
    checks = []
    for name, words in setup_words().checks.items():
        worst = max(words.ways.values(), key=lambda way: len(way.fix))
        line = re.sub(r"\{[^}]*\}", "77", worst.fix)
        checks.append(Check(name, words.title, CheckState.FAIL, 77.0, "", "some", line, worst.shown, True))
    return SetupReport(1.0, SetupPhase.CHECKING, tuple(checks), checks[0])


def test_rail_card_banner_and_status(window: MainWindow, builders, clipped) -> None:
    catalogue = load_catalogue("es")
    for screen, button in window.rail.buttons.items():
        assert button.text() == catalogue[SCREEN_WORDS[screen][0]]
    show(window, builders.analysis(1.0))
    assert window.card.content.title == catalogue["In the tunnel"]
    show(window, builders.analysis(1.05, cue=builders.cue()))
    assert window.card.content.title == catalogue["DUCK UNDER THE ROOF"]
    window.host.session.notice = (
        "The camera gives only 15 frames per second (24 are needed): add light, or choose a smaller picture."
    )
    show(window, builders.analysis(9.0, not_judged_because="the head is turned: look ahead", verdict="not_judged"))
    assert window.card.content.title == catalogue["Watching"]
    assert window.card.content.detail == "la cabeza está girada: mira al frente"
    assert window.page.state_line.text.startswith("En marcha  ·  60 imág./s")
    assert window.page.judge_line.text == (
        "La cámara solo da 15 imágenes por segundo (hacen falta 24): pon más luz o elige una imagen más pequeña."
        "  ·  Sin juzgar: la cabeza está girada: mira al frente"
    )
    window.host.session.phase = Phase.FAULTED
    window.host.session.error = "run.mp4 breaks off at 3.25 s: the file is cut short."
    show(window)
    assert window.banner.label.text() == "run.mp4 se corta a los 3.25 s: el archivo está incompleto."
    assert window.banner.button.text() == "Reintentar"
    assert window.card.content.title == "Sin imagen"
    assert clipped(window) == []


def test_the_checklist(window: MainWindow, builders, clipped) -> None:
    catalogue = load_catalogue("es")
    window.go_to(Screen.SETUP)
    setup = all_checks_failed()
    show(window, dataclasses.replace(builders.analysis(1.0), setup=setup))
    rows = window.live.panel.checklist.rows
    for check in setup.checks:
        assert rows[check.id].title.text() == catalogue[check.title]
        assert rows[check.id].toolTip() not in ("", check.line)
        assert check.line not in rows[check.id].accessibleName()
    assert window.live.panel.step.text() == catalogue[setup.problem.title]
    assert window.live.panel.step_line.text() == rows[setup.problem.id].toolTip()
    assert clipped(window) == []


def test_nothing_is_clipped_on_any_screen(window: MainWindow, builders, clipped) -> None:
    for index, screen in enumerate(Screen):
        window.go_to(screen)
        show(window, builders.analysis(2.0 + index))
        assert clipped(window) == [], screen


def test_accents_touch_neither_the_line_above_nor_the_edge(qtbot) -> None:
    card = CueCard(Theme(DARK))
    qtbot.addWidget(card)
    card.resize(780, 248)
    for title, gaps in (("CADERAS ATRÁS", 2), ("ESPALDA LARGA", 1), ("ÁÉÍ ÁÉÍ", 1)):
        card.show_content(CardContent(title, "", Tone.OFF, "hips"))
        picture, box = card.grab().toImage(), card.boxes()[1].toRect()
        paper = picture.pixelColor(box.right(), 4)
        inked = [
            any(picture.pixelColor(x, y) != paper for x in range(box.left(), box.right(), 2))
            for y in range(picture.height())
        ]
        first, last = inked.index(True), len(inked) - inked[::-1].index(True)
        assert min(first, len(inked) - last) >= 4, title
        runs = sum(before and not now for before, now in itertools.pairwise(inked[first:last]))
        assert runs == gaps, title  # between the lines, and below an accent
