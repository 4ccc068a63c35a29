"""The page About: complete, searchable, the article's view and the evidence apart, licences as they are installed."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import app
from app.coach.report import FaultId
from app.coach.rules import default_rules, parse_rules
from app.ui.pages import about_page
from app.ui.pages.about_page import AboutPage, notice_text
from app.ui.pages.about_texts import DRILL_WORDS, FAULT_TITLES, SAYS, AboutFacts, entries, licence_parts
from app.ui.screens import Screen
from app.ui.theme import DARK, LIGHT, Theme

NOTICE = (Path(app.__file__).parent.parent / "NOTICE").read_text(encoding="utf-8")
FACTS = AboutFacts("9.8.7", "BlazePose <full>", "4eaa5eb7", "/home/ann/data & more", NOTICE)


@pytest.fixture
def page(qtbot) -> AboutPage:
    widget = AboutPage(Theme(DARK), FACTS)
    qtbot.addWidget(widget)
    widget.resize(1000, 700)
    widget.show()
    widget.activateWindow()
    return widget


def visible(page: AboutPage) -> list[str]:
    return [item.text() for item in page._items() if not item.isHidden()]


def test_it_begins_with_the_app_and_what_it_is_not(page) -> None:
    text = page.text.toPlainText()
    for words in (
        "9.8.7",
        "BlazePose <full>",
        "4eaa5eb7",
        "Not medical",
        "neither of less effort nor of fewer injuries",
    ):
        assert words in text
    page.show_entry("privacy")
    assert "Nothing leaves this computer" in page.text.toPlainText()
    assert "/home/ann/data & more" in page.text.toPlainText()
    page.show_facts(dataclasses.replace(FACTS, settings_file="/home/ann/.config/settings.ini"))
    assert "/home/ann/.config/settings.ini" in page.text.toPlainText()


def test_nothing_promises_what_nobody_can_promise() -> None:
    words = {entry.id: entry.words for entry in entries(FACTS)}
    for name in ("app", "privacy", "judging"):
        assert not re.search(r"\b(prevents?|cures?|heals?|guarantees?|improves?)\b", words[name]), name


def test_every_fault_has_its_page_with_both_voices_apart() -> None:
    rules = default_rules()
    assert set(FAULT_TITLES) == set(FaultId)
    for fault in FaultId:
        html = next(entry.html for entry in entries(FACTS) if entry.id == fault)
        assert {one.says for one in rules.texts[fault].evidence} <= set(SAYS)
        assert rules.texts[fault].drill in DRILL_WORDS
        article, evidence = html.split("Published evidence")
        _, article = article.split("The article&#x27;s view")
        assert text_of(rules.texts[fault].article_view) in text_of(article)
        for one in rules.texts[fault].evidence:
            assert text_of(one.claim) in text_of(evidence)
            assert text_of(one.source) in text_of(evidence)
            assert text_of(one.claim) not in text_of(article)
        assert text_of(rules.cues[fault].shown) in text_of(html)


def text_of(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html).replace("&#x27;", "'").replace("&amp;", "&").replace("&quot;", '"')


def test_cues_without_a_fault_are_there_too() -> None:
    said = {entry.id: entry.html for entry in entries(FACTS)}
    rules = default_rules()
    for cue in (rules.praise_run, rules.praise_stance, rules.standing_taken):
        assert text_of(cue.image) in text_of(said["praise"])
    for cue in rules.exam.say.values():
        assert text_of(cue.shown) in text_of(said["exam"])


def test_a_coachs_own_rules_are_shown_and_named() -> None:
    own = parse_rules('[fault.upright]\nfix = "Chest to <the> wall."\n', "mine.toml", default_rules())
    said = {entry.id: entry.html for entry in entries(AboutFacts("1", rules=own))}
    assert "Chest to &lt;the&gt; wall." in said["upright"]
    assert "mine.toml" in said["app"]


def test_the_list_is_gone_through_by_keyboard(page) -> None:
    page.setFocus()
    assert QApplication.focusWidget() is page.list
    seen = [page.entry]
    for _ in range(14):
        QTest.keyClick(page.list, Qt.Key.Key_Down)
        seen.append(page.entry)
    assert seen == [entry.id for entry in entries(FACTS)]  # headings are passed over


def test_a_search_leaves_what_holds_every_word(page) -> None:
    page.search.setFocus()
    QTest.keyClicks(page.search, "OXYGEN bounce")
    assert visible(page) == ["About the faults and cues", "Standing up in the stride"]
    assert page.entry == "standing_up"
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is page.list
    page.search.setText("zebra")
    assert visible(page) == []
    assert page.entry == ""
    assert "Nothing was found" in page.text.toPlainText()
    page.search.clear()
    assert len(visible(page)) == len(entries(FACTS)) + 3
    page.show_entry("overstride")
    assert page.entry == "overstride"
    with pytest.raises(ValueError, match="no entry"):
        page.show_entry("weather")


def test_it_opens_no_browser_and_can_be_selected_by_keyboard(page) -> None:
    assert not page.text.openLinks()
    assert page.text.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
    assert page.text.textInteractionFlags() & Qt.TextInteractionFlag.LinksAccessibleByKeyboard


def test_licences_unfold_and_fold(page) -> None:
    page.show_entry("licences")
    assert "Copyright the NumPy Developers" not in page.text.toPlainText()
    number = [title for title, _ in licence_parts(NOTICE)].index("NumPy (numpy)")
    page.text.anchorClicked.emit(QUrl(f"#{number}"))
    assert "Copyright the NumPy Developers" in page.text.toPlainText()
    page.text.anchorClicked.emit(QUrl(f"#{number}"))
    assert "Copyright the NumPy Developers" not in page.text.toPlainText()


def test_links_are_followed_with_tab_and_return(page) -> None:
    page.show_entry("licences")
    page.text.setFocus()
    QTest.keyClick(page.text, Qt.Key.Key_Tab)
    QTest.keyClick(page.text, Qt.Key.Key_Return)
    assert len(page._opened) == 1


def test_facts_that_come_later_are_shown_where_one_was(page) -> None:
    page.show_entry("standing_up")
    page.text.verticalScrollBar().setValue(80)
    page.show_facts(AboutFacts("9.8.7", "another model", "abc", "", NOTICE))
    page.set_theme(Theme(LIGHT, 1.25))
    assert page.entry == "standing_up"
    assert page.text.verticalScrollBar().value() == 80
    page.show_entry("app")
    assert "another model" in page.text.toPlainText()
    assert page.text.verticalScrollBar().value() == 0


# ---- NOTICE ---------------------------------------------------------------------------------------------------


def test_every_direct_dependency_is_in_the_notice() -> None:
    project = tomllib.loads((Path(app.__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    names = {re.split(r"[^\w.-]", one)[0] for one in project["dependencies"]}
    assert {"mediapipe", "numpy", "rich", "ai-edge-litert"} <= names
    for name in names:
        assert re.search(rf"\b{re.escape(name)}\b", NOTICE, re.IGNORECASE), name


def test_the_notice_is_found_beside_the_package_or_in_the_wheel(monkeypatch, tmp_path) -> None:
    assert notice_text() == NOTICE
    (tmp_path / "app").mkdir()
    monkeypatch.setattr(about_page.app, "__file__", str(tmp_path / "app" / "__init__.py"))

    class Wheel:
        @staticmethod
        def read_text(name: str) -> str | None:
            return "from the wheel" if name == "licenses/NOTICE" else None

    monkeypatch.setattr(metadata, "distribution", lambda name: Wheel)
    assert notice_text() == "from the wheel"

    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    assert notice_text() == ""
    assert "was not found" in next(entry.html for entry in entries(AboutFacts("1")) if entry.id == "licences")


def test_the_window_tells_of_a_model_that_was_fetched_since(make_window, monkeypatch) -> None:
    window = make_window(autostart=False)
    monkeypatch.setattr("app.ui.outfit.model_status", lambda _wanted: SimpleNamespace(variant="heavy", sha256="5eed"))
    window.go_to(Screen.ABOUT)
    words = window.outfit.about.text.toPlainText()
    assert "heavy" in words
    assert "5eed" in words
