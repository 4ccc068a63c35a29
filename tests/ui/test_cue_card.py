"""What the card says, and that it always fits."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF

from app.coach.report import Activity, FaultId, StandingStatus
from app.coach.rules import default_rules
from app.coach.types import Facing
from app.ui.cue_card import CUE_SHOWN_S, FAULT_CARDS, WELCOME, CardContent, CueCard, card_for, cue_shape
from app.ui.icons import SHAPES
from app.ui.theme import DARK, Theme, Tone

WORDS = ["DUCK UNDER THE ROOF", "HIPS BACK", "FOLD, DON'T TIP", "In the tunnel", "Press Space to run again", "OK"]


def test_good_form_is_calmly_green(builders) -> None:
    card = card_for(builders.report(), None)
    assert (card.tone, card.shape) == (Tone.GOOD, "check")


def test_a_cue_stays_for_a_while_and_then_gives_way_to_the_verdict(builders) -> None:
    cue = builders.cue(t_s=10.0)
    assert card_for(builders.report(t_s=10.0), cue).title == "DUCK UNDER THE ROOF"
    assert card_for(builders.report(t_s=10.0 + CUE_SHOWN_S - 0.1), cue).title == "DUCK UNDER THE ROOF"
    assert card_for(builders.report(t_s=10.0 + CUE_SHOWN_S + 0.1), cue).title == "In the tunnel"


def test_a_cue_of_an_earlier_source_is_not_shown(builders) -> None:
    assert card_for(builders.report(t_s=2.0), builders.cue(t_s=500.0)).title == "In the tunnel"


@pytest.mark.parametrize("fault", list(FaultId))
def test_every_fault_has_words_and_a_shape(builders, fault: FaultId) -> None:
    card = card_for(builders.report(verdict=fault.value), None)
    assert card.tone is Tone.OFF
    assert card.title == FAULT_CARDS[fault][0]
    assert card.shape in SHAPES
    assert cue_shape(builders.cue(because=fault.value)) in SHAPES


def test_standing_goes_before_everything(builders) -> None:
    standing = StandingStatus("none", True, 0.3, "Feet together")
    card = card_for(builders.report(standing=standing), builders.cue())
    assert (card.title, card.detail, card.tone) == ("Stand tall", "Feet together", Tone.INFO)


def test_not_judged_says_why(builders) -> None:
    report = builders.report(verdict="not_judged", not_judged_because="the head is turned", activity=Activity.RUNNING)
    assert card_for(report, None) == CardContent("Watching", "the head is turned", Tone.CALM, "wait")
    nobody = builders.report(verdict="not_judged", activity=Activity.NOBODY)
    assert card_for(nobody, None).title == "Step into view"


@pytest.mark.parametrize(
    ("facing", "mirrored", "flip"),
    [
        (Facing.RIGHT, False, False),
        (Facing.LEFT, False, True),
        (Facing.RIGHT, True, True),
        (Facing.LEFT, True, False),
        (Facing.UNKNOWN, False, False),
    ],
)
def test_the_shape_points_as_the_runner_is_seen(builders, facing: Facing, mirrored: bool, flip: bool) -> None:
    cue = builders.cue(because=FaultId.PELVIS_DRIFT.value)
    assert card_for(builders.report(facing=facing), cue, mirrored).flip is flip
    # A roof has no front: it is never flipped.
    assert card_for(builders.report(facing=facing), builders.cue(), mirrored).flip is False


@pytest.mark.parametrize("size", [(420, 84), (600, 110), (900, 190), (2600, 460)])
@pytest.mark.parametrize("detail", ["", "the standing reference is missing"])
def test_the_words_fit_at_every_size(qtbot, fonts, size: tuple[int, int], detail: str) -> None:
    card = CueCard(Theme(DARK))
    qtbot.addWidget(card)
    card.resize(*size)
    shown = [
        *WORDS,
        *(cue.shown for cue in default_rules().cues.values()),
        *(title for title, _ in FAULT_CARDS.values()),
    ]
    for title in shown:
        card.show_content(CardContent(title, detail))
        font, lines = card.title_layout()
        metrics, box = QFontMetricsF(font), card.boxes()[1]
        assert " ".join(lines) == title
        assert all(metrics.horizontalAdvance(line) <= box.width() + 1 for line in lines), title
        assert font.pixelSize() * 1.12 * len(lines) <= box.height() + 1, title
        assert box.right() <= card.width()
        assert font.pixelSize() >= size[1] * 0.14, title


def test_the_words_are_huge_in_a_usual_window(qtbot, fonts) -> None:
    card = CueCard(Theme(DARK))
    qtbot.addWidget(card)
    card.resize(900, 190)
    card.show_content(CardContent("HIPS BACK"))
    # 1280 x 800 on a 15 inch screen: 0.25 mm a px. At 3 m a letter of 15 mm is 17 arc minutes: three times what
    # 20/20 eyes need (5).
    assert card.title_layout()[0].pixelSize() * 0.73 * 0.25 > 15.0


def test_a_screen_reader_hears_the_card(qtbot) -> None:
    card = CueCard(Theme(DARK))
    qtbot.addWidget(card)
    assert card.accessibleName() == WELCOME.title
    card.show_content(CardContent("HIPS BACK", "to the wall"))
    assert card.accessibleName() == "HIPS BACK. to the wall"
