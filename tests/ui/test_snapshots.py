"""Small pictures of the overlay, compared with those that were looked at and kept.

They hold no words, so that they are equal on all machines. After a wanted change, renew them and look at them:

    HINGECOACH_RENEW_SNAPSHOTS=1 python -m pytest tests/ui/test_snapshots.py
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.coach.report import Activity
from app.coach.reps import DrillId, DrillPhase, DrillReport
from app.coach.types import Facing, Landmark
from app.session import Analysis
from app.ui.ghost import ghost_from
from app.ui.overlay import OverlayStyle, paint_overlay
from app.ui.scene_bars import SceneBars
from app.ui.screens import SceneDetail
from app.ui.theme import DARK, LIGHT, Palette, Theme
from app.ui.video_view import ViewTransform

pytestmark = pytest.mark.usefixtures("qapp")
FOLDER = Path(__file__).parent / "snapshots"
RENEW = "HINGECOACH_RENEW_SNAPSHOTS"
SIZE_PX, KEPT_PX = (640, 360), (320, 180)
#: A pixel differs when a colour is off by so many of 255, and so many of them may: antialiasing of another Qt.
OFF, MOST_OFF = 48, 0.003
HEIGHT_PX = 270.0


def shown(
    analysis: Analysis,
    palette: Palette = DARK,
    detail: SceneDetail = SceneDetail.COACH,
    mirrored: bool = False,
    **more: object,
) -> np.ndarray:
    """Paint the overlay on the plain canvas and halve it; int16 RGB (180, 320, 3)."""
    image = QImage(*SIZE_PX, QImage.Format.Format_RGB888)
    image.fill(QColor(palette.canvas))
    painter = QPainter(image)
    transform = ViewTransform.fit(SIZE_PX, QRectF(0, 0, *SIZE_PX), mirrored)
    style = OverlayStyle(Theme(palette), 3.5, on_picture=False, detail=detail, words=False)
    paint_overlay(painter, analysis, style, transform, **more)
    painter.end()
    return pixels(image.scaled(*KEPT_PX, mode=Qt.TransformationMode.SmoothTransformation))


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(np.int16)


def differing(a: np.ndarray, b: np.ndarray) -> float:
    """Return the share of pixels that differ."""
    return float((np.abs(a - b).max(axis=2) > OFF).mean())


# ---- the scenes -----------------------------------------------------------------------------------------------


def tunnel(builders, **changes: object):
    """Return a tunnel in the scale of the pose: 270 px high."""
    whole = builders.tunnel()
    return dataclasses.replace(whole, **{"standing_y_px": 50.0, "roof_y_px": 57.6, "goal_y_px": 54.0, **changes})


def bars_of(builders, analysis: Analysis, **of_step: float) -> SceneBars:
    bars = SceneBars()
    measured = {"hip_share": 0.55, "reach_ll": 0.3, "reach_of_travel": 0.32, "weight_shift": 0.5} | of_step
    for k in range(8):
        bars.show_step(dataclasses.replace(builders.step(17.0 + 0.35 * k), **measured))
    bars.follow(analysis)
    return bars


def good_for_the_runner(builders) -> dict[str, object]:
    analysis = builders.analysis(20.0, image=False, tunnel=tunnel(builders, floor_y_px=88.0, goal_y_px=57.6))
    return {"analysis": analysis, "detail": SceneDetail.RUNNER, "bars": bars_of(builders, analysis).values}


def drift_for_the_runner(builders) -> dict[str, object]:
    analysis = builders.analysis(20.0, image=False, tunnel=tunnel(builders), line=builders.line(0.05))
    bars = bars_of(builders, analysis, hip_share=0.3, reach_of_travel=0.43)
    return {"analysis": analysis, "detail": SceneDetail.RUNNER, "bars": bars.values, "palette": LIGHT}


def hit_for_the_coach(builders) -> dict[str, object]:
    hit = tunnel(builders, clearance_bh=-0.02, head_y_px=50.0, goal_y_px=66.0)
    analysis = builders.analysis(20.0, image=False, tunnel=hit, line=builders.line(0.0, judged=False))
    return {"analysis": analysis, "bars": bars_of(builders, analysis).values}


def in_the_ghost(builders) -> dict[str, object]:
    analysis = builders.analysis(5.0, image=False, tunnel=None, activity=Activity.STANCE)
    bars = SceneBars()
    bars.follow(analysis)
    return {
        "analysis": analysis,
        "ghost": ghost_from(builders.pose(), Facing.RIGHT, body_px()),
        "bars": bars.values,
        "palette": LIGHT,
    }


def out_of_the_ghost(builders) -> dict[str, object]:
    whole = in_the_ghost(builders)
    analysis = whole["analysis"]
    assert isinstance(analysis, Analysis)
    xy_px = np.array(analysis.pose.xy_px)
    xy_px[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]] += (18.0, 0.0)
    off = dataclasses.replace(analysis, pose=dataclasses.replace(analysis.pose, xy_px=xy_px))
    off = dataclasses.replace(
        off, report=dataclasses.replace(off.report, line=builders.line(0.05), verdict="pelvis_drift")
    )
    bars = SceneBars()
    bars.follow(off)
    return {**whole, "analysis": off, "bars": bars.values, "palette": DARK, "detail": SceneDetail.RUNNER}


def body_px() -> float:
    """Return the height that the limbs of the builders' pose tell: trunk and right leg over .775."""
    trunk, thigh, shank = math.hypot(20, 75), math.hypot(25, 65), math.hypot(40, 60)
    return (trunk + thigh + shank) / 0.775


def hinge_for_the_coach(builders) -> dict[str, object]:
    """Bent by 60 degrees, thighs upright: past where it counts."""
    drill = DrillReport(DrillId.HINGE, DrillPhase.MOVING, 2, 1.0, 0.0, None, False, 1, 2, 8, 0.0, (), "")
    analysis = builders.analysis(5.0, image=False, activity=Activity.STANDING, drill=drill)
    xy_px = np.array(analysis.pose.xy_px)
    xy_px[[Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE]] = (300.0, 255.0)
    xy_px[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] = (369.0, 150.0)
    xy_px[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR]] = (398.0, 128.0)
    return {"analysis": dataclasses.replace(analysis, pose=dataclasses.replace(analysis.pose, xy_px=xy_px))}


SCENES: dict[str, Callable[..., dict[str, object]]] = {
    scene.__name__: scene
    for scene in (
        good_for_the_runner,
        drift_for_the_runner,
        hit_for_the_coach,
        in_the_ghost,
        out_of_the_ghost,
        hinge_for_the_coach,
    )
}


@pytest.mark.parametrize("name", SCENES)
def test_it_looks_as_it_did(builders, name: str) -> None:
    path, now = FOLDER / f"{name}.png", shown(**SCENES[name](builders))
    if os.environ.get(RENEW):
        FOLDER.mkdir(exist_ok=True)
        bytes_ = np.ascontiguousarray(now.astype(np.uint8))
        assert QImage(bytes_.data, *KEPT_PX, 3 * KEPT_PX[0], QImage.Format.Format_RGB888).save(str(path))
        return
    kept = QImage(str(path))
    assert not kept.isNull(), f"{path.name} is missing: renew the snapshots with {RENEW}=1"
    share = differing(now, pixels(kept))
    assert share <= MOST_OFF, f"{name} looks different: look at it, renew with {RENEW}=1"


@pytest.mark.parametrize("name", SCENES)
def test_mirrored_it_is_the_mirror_image(builders, name: str) -> None:
    scene = SCENES[name](builders)
    share = differing(shown(**scene)[:, ::-1], shown(**scene, mirrored=True))
    assert share <= 2 * MOST_OFF


def test_a_wrong_picture_is_noticed(builders) -> None:
    """Each of these changes one thing that must not get lost."""
    scene = good_for_the_runner(builders)
    right, analysis = shown(**scene), scene["analysis"]
    assert isinstance(analysis, Analysis)
    for wrong in (
        {**scene, "analysis": dataclasses.replace(analysis, report=dataclasses.replace(analysis.report, line=None))},
        {**scene, "analysis": dataclasses.replace(analysis, report=dataclasses.replace(analysis.report, tunnel=None))},
        {**scene, "bars": None},
        {**scene, "detail": SceneDetail.COACH},
        {**scene, "mirrored": True},
        {**scene, "bars": bars_of(builders, analysis, hip_share=0.45).values},
    ):
        assert differing(shown(**wrong), right) > MOST_OFF
