"""What the overlay costs to paint with everything on, beside the picture under it, frame by frame in turns.

300 frames of a virtual run and of a starting line with its ghost, true landmarks, 1280x720 and 1920x1080, painted
without a screen. Run from the checkout: python -m benchmarks.overlay
"""

from __future__ import annotations

import itertools
import os
import statistics
import time

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from app.coach.model import CoachModel
from app.coach.types import Frame, RunnerProfile
from app.session import Analysis
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.ui.ghost import Ghost, ghost_from
from app.ui.overlay import OverlayStyle, paint_overlay
from app.ui.overlay_base import body_height_px
from app.ui.scene_bars import BarValues, SceneBars
from app.ui.screen_picture import screen_image
from app.ui.screens import SceneDetail
from app.ui.theme import DARK, Theme
from app.ui.video_view import ViewTransform
from benchmarks.common import STANDING_S, Row, finish

FPS, FRAMES, WARM_UP_S = 30.0, 300, 7.0
LIMIT_MS = 4.0
SIZES = ((1280, 720), (1920, 1080))
Shown = list[tuple[Analysis, BarValues]]


def coached(act: Act) -> Shown:
    """Return the newest frames of an act with what their bars show."""
    scene = VirtualScene(RunnerParams(act=act, standing_s=STANDING_S), Camera.framing((1280, 720)))
    coach, bars, shown = CoachModel(profile=RunnerProfile(height_cm=178.0)), SceneBars(), []
    for index in range(round((STANDING_S + WARM_UP_S) * FPS) + FRAMES):
        pose = scene.landmarks_at(index / FPS)
        analysis = Analysis(Frame(index, pose.t_s), pose, coach.update(pose), {})
        bars.follow(analysis)
        shown.append((analysis, bars.values))
    return shown[-FRAMES:]


def took_ms(shown: Shown, ghost: Ghost, detail: SceneDetail, size: tuple[int, int]) -> dict[str, list[float]]:
    """Return how long picture and overlay took for each frame; "processor": of the overlay, this thread alone."""
    image, transform = (
        QImage(*size, QImage.Format.Format_RGB32),
        ViewTransform.fit(SIZES[0], QRectF(0, 0, *size), False),
    )
    style = OverlayStyle(Theme(DARK), min(size[0], size[1] * 1.6) / 190, detail=detail)
    picture, took = np.full((720, 1280, 3), 90, np.uint8), {"picture": [], "overlay": [], "processor": []}
    for analysis, values in shown:
        began_s = time.perf_counter()
        scaled = screen_image(picture, QSize(*size), mirrored=False)
        painter = QPainter(image)
        painter.drawImage(0, 0, scaled)
        between_s, busy_s = time.perf_counter(), time.thread_time()
        paint_overlay(painter, analysis, style, transform, ghost, values)
        took["overlay"].append((time.perf_counter() - between_s) * 1e3)
        took["processor"].append((time.thread_time() - busy_s) * 1e3)
        took["picture"].append((between_s - began_s) * 1e3)
        painter.end()
    return took


def main() -> None:
    application = QGuiApplication.instance() or QGuiApplication([])
    good = coached(Act.STANCE_GOOD)[-1][0]
    ghost = ghost_from(good.pose, good.report.facing, body_height_px(good.report, good.pose))
    scenes = {"run": coached(Act.PELVIS_DRIFT), "stance and ghost": coached(Act.STANCE_PELVIS_DRIFT)}
    rows = []
    for size, (name, shown), detail in itertools.product(SIZES, scenes.items(), SceneDetail):
        took = took_ms(shown, ghost, detail, size)
        rows.append(
            Row(f"{size[0]}x{size[1]} {name}, {detail.value}: p95", np.percentile(took["overlay"], 95), "ms", LIMIT_MS)
        )
        rows.append(Row("  p50", statistics.median(took["overlay"]), "ms"))
        rows.append(Row("  p95 of this thread's processor time", np.percentile(took["processor"], 95), "ms"))
        share = statistics.median(over / under for over, under in zip(took["overlay"], took["picture"], strict=True))
        rows.append(Row("  of the picture's scaling and painting", share, "x"))
    del application
    finish(f"overlay, {FRAMES} frames each", rows)


if __name__ == "__main__":
    main()
