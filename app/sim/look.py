"""How a virtual runner is dressed."""

from __future__ import annotations

from dataclasses import dataclass

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """Colours (RGB) and hair of a runner; ``hair_style`` is "short", "tail" (ponytail) or "bald"."""

    skin: Rgb
    hair: Rgb
    shirt: Rgb
    shorts: Rgb
    shoes: Rgb
    sole: Rgb
    sock: Rgb
    accent: Rgb
    hair_style: str = "short"


LOOKS: dict[str, Look] = {
    "dawn": Look(
        skin=(226, 176, 146),
        hair=(58, 40, 30),
        shirt=(233, 98, 72),
        shorts=(38, 46, 66),
        shoes=(40, 118, 148),
        sole=(244, 242, 236),
        sock=(240, 240, 240),
        accent=(255, 206, 120),
    ),
    "lake": Look(
        skin=(196, 138, 102),
        hair=(34, 26, 24),
        shirt=(58, 150, 160),
        shorts=(34, 36, 44),
        shoes=(236, 120, 92),
        sole=(250, 248, 244),
        sock=(250, 250, 250),
        accent=(226, 244, 240),
        hair_style="tail",
    ),
    "ember": Look(
        skin=(120, 80, 58),
        hair=(30, 24, 22),
        shirt=(240, 190, 70),
        shorts=(70, 50, 92),
        shoes=(232, 232, 230),
        sole=(90, 200, 170),
        sock=(60, 60, 70),
        accent=(90, 60, 110),
        hair_style="bald",
    ),
}
