"""Heights, sizes, rates and cameras as people write them."""

import pytest

from app.cli import parsing
from app.cli.build import facing_of, standing_s
from app.coach.errors import WorldError
from app.coach.report import Mode
from app.coach.types import Facing


@pytest.mark.parametrize(
    ("text", "cm"),
    [
        ("178", 178.0),
        ("178cm", 178.0),
        ("178 cm", 178.0),
        ("177.8", 177.8),
        ("1.78m", 178.0),
        ("1,78 m", 178.0),
        ("2m", 200.0),
        ("5'10\"", 177.8),
        ("5'10", 177.8),
        ("5’10”", 177.8),
        ("5ft10", 177.8),
        ("5ft 10in", 177.8),
        ("6'", 182.88),
        ("6ft", 182.88),
        ("100", 100.0),
        ("230", 230.0),
    ],
)
def test_heights_as_people_write_them(text, cm):
    assert parsing.height_cm(text) == pytest.approx(cm)


@pytest.mark.parametrize(
    "text", ["0", "-5", "999", "nan", "inf", "", "tall", "5'10cm", "99.9", "230.1", "4m", "3'", "5'12"]
)
def test_heights_of_nobody(text):
    with pytest.raises(WorldError, match="--height-cm"):
        parsing.height_cm(text)


@pytest.mark.parametrize(("text", "better"), [("1.78", "write 178 or 1.78m"), ("1,8", "write 180 or 1.8m")])
def test_metres_without_the_unit_are_asked_about(text, better):
    with pytest.raises(WorldError) as caught:
        parsing.height_cm(text)
    assert better in str(caught.value)


def test_sizes():
    assert parsing.size_px("1280x720") == (1280, 720)
    assert parsing.size_px(" 640 X 480 ") == (640, 480)
    for bad in ("1280", "x720", "0x0", "99999x99999", "1280x-720"):
        with pytest.raises(WorldError, match="--size"):
            parsing.size_px(bad)


def test_cameras_are_numbers_or_names():
    assert parsing.camera("2") == 2
    assert parsing.camera("Logitech") == "Logitech"


def test_words_of_a_kind():
    assert parsing.one_of(Mode, "--mode", " Run ") is Mode.RUN
    assert facing_of("auto") is Facing.UNKNOWN
    assert facing_of("left") is Facing.LEFT
    with pytest.raises(WorldError, match="left, right, auto"):
        facing_of("unknown")


@pytest.mark.parametrize(
    ("seconds", "standing"), [(2.0, 1.5), (5.0, 1.5), (8.0, 2.4), (10.0, 3.0), (60.0, 3.0), (None, 3.0)]
)
def test_a_scene_begins_with_standing(seconds, standing):
    assert standing_s(seconds) == pytest.approx(standing)
