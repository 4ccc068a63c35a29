"""What the overlay costs to paint with everything on, beside the picture under it, frame by frame in turns.

300 frames of a virtual run and of a starting line with its ghost, true landmarks, 1280x720 and 1920x1080, painted
without a screen. Run from the checkout: python -m benchmarks.overlay
"""

from __future__ import annotations

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
from app.ui.ghost import ghost_from
from app.ui.overlay import OverlayStyle, SceneDetail, paint_overlay
from app.ui.overlay_base import body_height_px
from app.ui.scene_bars import BarValues, SceneBars
from app.ui.theme import DARK, Theme
from app.ui.video_view import ViewTransform, screen_image
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


def main() -> None:
    application = QGuiApplication.instance() or QGuiApplication([])
    good = coached(Act.STANCE_GOOD)[-1][0]
    ghost = ghost_from(good.pose, good.report.facing, body_height_px(good.report, good.pose))
    scenes = {"run": coached(Act.PELVIS_DRIFT), "stance and ghost": coached(Act.STANCE_PELVIS_DRIFT)}
    picture = np.full((720, 1280, 3), 90, np.uint8)
    rows = []
    for size in SIZES:
        image, transform = (
            QImage(*size, QImage.Format.Format_RGB32),
            ViewTransform.fit((1280, 720), QRectF(0, 0, *size), False),
        )
        for name, shown in scenes.items():
            for detail in SceneDetail:
                style = OverlayStyle(Theme(DARK), min(size[0], size[1] * 1.6) / 190, detail=detail)
                took_ms: tuple[list[float], list[float]] = ([], [])
                for analysis, values in shown:
                    began_s = time.perf_counter()
                    scaled = screen_image(picture, QSize(*size), mirrored=False)
                    painter = QPainter(image)
                    painter.drawImage(0, 0, scaled)
                    between_s = time.perf_counter()
                    paint_overlay(painter, analysis, style, transform, ghost, values)
                    ended_s = time.perf_counter()
                    painter.end()
                    took_ms[0].append((between_s - began_s) * 1e3)
                    took_ms[1].append((ended_s - between_s) * 1e3)
                what = f"{size[0]}x{size[1]} {name}, {detail.value}"
                rows.append(Row(f"{what}, p50", float(np.percentile(took_ms[1], 50)), "ms"))
                rows.append(Row(f"{what}, p95", float(np.percentile(took_ms[1], 95)), "ms", LIMIT_MS))
                share = statistics.median(over / under for under, over in zip(*took_ms, strict=True))
                rows.append(Row("  of the picture's scaling and painting", share, "x"))
    del application
    finish(f"overlay, {FRAMES} frames each", rows)


if __name__ == "__main__":
    main()
