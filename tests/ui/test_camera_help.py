"""Every line that a camera's errors are made of gets friendly words for the system it happens on, and a way on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.capture.cameras import CameraInfo, find_camera, why_not_opened
from app.capture.source import CaptureError
from app.ui.camera_help import PRIVATE, CameraHelp, CameraHelpCard, CameraProblem, camera_help, camera_problem
from app.ui.theme import BUTTON_PX, DARK, LIGHT, Theme, style_sheet

REFUSED, BLOCKED, NONE = CameraProblem.REFUSED, CameraProblem.BLOCKED, CameraProblem.NONE
BUSY, LOST = CameraProblem.BUSY, CameraProblem.LOST


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (why_not_opened(0, "darwin"), BLOCKED),
        (why_not_opened(1, "win32"), BLOCKED),
        (why_not_opened(0, "freebsd14"), BUSY),
        ("Camera 0 opens but gives no picture: close other programs that use it, or plug it in again.", BUSY),
        ("Camera 0 gives no more pictures: plug it in again.", LOST),
        ("Camera 0 gave no picture for 30 s: plug it in and start again.", LOST),
        ("Camera 12 failed in its driver: unplug it, plug it in again and restart.", LOST),
        ("Camera 0 came back with another picture size: start again.", LOST),
        ("run.mp4 has no frame that can be decoded: convert it to MP4 (H.264).", None),
        ("There is no file /home/me/Camera 0 does not open.mp4: check the path.", None),
        ("", None),
    ],
)
def test_the_problem_by_the_line_of_the_error(error: str, problem: CameraProblem | None) -> None:
    assert camera_problem(error) is problem


def test_the_three_ways_of_linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert camera_problem(why_not_opened(0, "linux", tmp_path)) is NONE
    (tmp_path / "video0").touch()
    assert camera_problem(why_not_opened(0, "linux", tmp_path)) is BUSY
    monkeypatch.setattr("os.access", lambda *_: False)
    assert camera_problem(why_not_opened(0, "linux", tmp_path)) is REFUSED


def test_a_name_that_no_camera_has() -> None:
    with pytest.raises(CaptureError) as error:
        find_camera("phone", [CameraInfo(0, "Built-in")])
    assert camera_problem(str(error.value)) is NONE


def test_every_error_of_the_webcam_is_known() -> None:
    """A new or changed line there would fall back to the plain banner unnoticed."""
    from app.capture import camera_reader, webcam

    source = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (camera_reader, webcam))
    for start in ("gives no more pictures", "opens but gives no picture", "gave no picture for", "came back with",
                  "failed in its driver"):  # fmt: skip
        assert start in source


@pytest.mark.parametrize("platform", ["darwin", "win32", "linux", "linux2", "freebsd14"])
@pytest.mark.parametrize("problem", list(CameraProblem))
def test_there_is_always_something_to_do_and_a_way_on(platform: str, problem: CameraProblem) -> None:
    told = camera_help(problem, platform)
    assert isinstance(told, CameraHelp)
    assert told.title
    assert len(told.lines) == 2
    assert 1 <= len(told.steps) <= 3
    assert told.offers_demo
    assert all(text.endswith(".") or "$USER" in text for text in (*told.lines, *told.steps))


@pytest.mark.parametrize(
    ("platform", "words", "url"),
    [
        ("darwin", "System Settings", "x-apple.systempreferences:"),
        ("win32", "Let desktop apps access your camera", "ms-settings:"),
        ("linux", "usermod -aG video", ""),
    ],
)
def test_where_it_is_allowed(platform: str, words: str, url: str) -> None:
    told = camera_help(REFUSED, platform)
    assert told is not None
    assert words in " ".join(told.steps)
    assert told.settings_url.startswith(url)
    assert bool(told.settings_url) is bool(url)


def test_a_clip_that_cannot_be_read_is_no_matter_of_the_camera() -> None:
    assert camera_help("run.mp4 is empty (0 bytes): record or copy the video again.", "linux") is None


@pytest.fixture
def opened() -> list[QUrl]:
    return []


@pytest.fixture
def card(qapp: QApplication, opened: list[QUrl]):
    theme = Theme(DARK)
    card = CameraHelpCard(theme, open_url=opened.append)
    card.setStyleSheet(style_sheet(theme) + card.styleSheet())
    card.resize(860, 640)
    card.show()
    yield card
    card.close()
    card.deleteLater()


def shown(card: CameraHelpCard) -> set[str]:
    return {name for name, button in card.buttons.items() if button.isVisible()}


def test_the_card_shows_title_steps_and_promise(card: CameraHelpCard) -> None:
    told = camera_help(BLOCKED, "win32")
    card.show_help(told)
    assert card.title.text() == "The camera does not open"
    assert [step.text() for step in card.steps if step.isVisible()] == list(told.steps)
    assert PRIVATE in card.private.text()
    assert shown(card) == {"retry", "settings", "demo", "clip"}
    card.show_help(camera_help(NONE, "linux"))
    assert card.title.text() == "No camera found"
    assert sum(step.isVisible() for step in card.steps) == 2
    assert shown(card) == {"retry", "demo", "clip"}


def test_the_buttons_tell_what_is_wanted(card: CameraHelpCard, opened: list[QUrl]) -> None:
    card.show_help(camera_help(BLOCKED, "win32"))
    wanted: list[str] = []
    card.retry.connect(lambda: wanted.append("retry"))
    card.demo.connect(lambda: wanted.append("demo"))
    card.clip.connect(lambda: wanted.append("clip"))
    for name in ("retry", "demo", "clip", "settings"):
        card.buttons[name].click()
    assert wanted == ["retry", "demo", "clip"]
    assert [url.toString() for url in opened] == ["ms-settings:privacy-webcam"]


def test_a_screen_reader_hears_all_of_it(card: CameraHelpCard) -> None:
    told = camera_help(REFUSED, "darwin")
    card.show_help(told)
    assert card.accessibleName() == told.title
    for text in (*told.lines, *told.steps, PRIVATE):
        assert text in card.accessibleDescription()


@pytest.mark.parametrize("size", [(380, 700), (470, 380), (560, 430), (860, 640), (1300, 860)])
@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_nothing_is_clipped_and_the_targets_are_large(card: CameraHelpCard, palette, size: tuple[int, int]) -> None:
    card.set_theme(Theme(palette))
    card.resize(*size)
    card.show_help(camera_help(BLOCKED, "win32"))
    QApplication.processEvents()
    width = card.width()
    labels = [label for label in card.findChildren(QLabel) if label.isVisible()]
    assert labels
    for label in labels:
        assert label.height() >= label.heightForWidth(label.width()), label.text()
        assert label.mapTo(card, label.rect().topRight()).x() < width
    assert {*card.buttons.values()} <= {*card.findChildren(QPushButton)}
    for button in card.findChildren(QPushButton):
        assert button.height() >= BUTTON_PX
        assert button.width() >= button.sizeHint().width()
        assert button.mapTo(card, button.rect().topRight()).x() < width


def test_at_the_smallest_window_all_buttons_are_seen_without_scrolling(card: CameraHelpCard) -> None:
    card.resize(560, 430)
    card.show_help(camera_help(BLOCKED, "win32"))
    QApplication.processEvents()
    for name, button in card.buttons.items():
        assert card.rect().contains(button.mapTo(card, button.rect().bottomRight())), name
