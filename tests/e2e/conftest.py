"""The command line run in this process, and a landmark file with a known runner in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

import app.capture.opencv  # noqa: F401 -- FFmpeg reads how loud to be at its first use, which may be another test's
from app.cli import run
from app.coach.types import Landmark
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

MARKERS = {
    Landmark.NOSE: "Nose",
    Landmark.LEFT_EAR: "LEar",
    Landmark.RIGHT_EAR: "REar",
    **{
        Landmark[f"{side}_{name.upper()}"]: f"{side[0]}{name}"
        for side in ("LEFT", "RIGHT")
        for name in ("Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle", "Heel")
    },
    Landmark.LEFT_TOE: "LBigToe",
    Landmark.RIGHT_TOE: "RBigToe",
}


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def error_line(self) -> str:
        """The one line of stderr; fails where there is none, or more."""
        lines = self.err.splitlines()
        assert len(lines) == 1, lines
        return lines[0]


@pytest.fixture
def cli(capfd, monkeypatch):
    """Call the command line; output is caught at the file descriptors, native libraries included."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments):
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Answer(code, out, err)

    return call


def trc_text(act, seconds, standing_s=0.0, fps=60):
    """Return a .trc of the virtual runner, 178 cm, in metres, Y up."""
    params = RunnerParams(act=Act(act), standing_s=standing_s)
    camera = Camera.framing()
    scene = VirtualScene(params, camera)
    metres_per_px = camera.distance_m / camera.focal
    header = ["Frame#", "Time"]
    for marker in MARKERS.values():
        header += [marker, "", ""]
    axes = ["", ""] + [f"{axis}{n}" for n in range(1, len(MARKERS) + 1) for axis in "XYZ"]
    rows = []
    for k in range(round(seconds * fps)):
        xy_px = scene.landmarks_at(k / fps).xy_px
        cells = [str(k + 1), f"{k / fps:.6f}"]
        for landmark in MARKERS:
            x, y = xy_px[landmark] * metres_per_px
            cells += [f"{x:.6f}", f"{3.0 - y:.6f}", "0.0"]
        rows.append("\t".join(cells))
    keys = ["DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units"]
    keys += ["OrigDataRate", "OrigDataStartFrame", "OrigNumFrames"]
    values = [fps, fps, len(rows), len(MARKERS), "m", fps, 1, len(rows)]
    return "\n".join(
        [
            "PathFileType\t4\t(X/Y/Z)\tvirtual.trc",
            "\t".join(keys),
            "\t".join(map(str, values)),
            "\t".join(header),
            "\t".join(axes),
            "",
            *rows,
            "",
        ]
    )


@pytest.fixture(scope="session")
def running_trc(tmp_path_factory) -> Path:
    """8 s of good running, the first 2 of them standing."""
    path = tmp_path_factory.mktemp("trc") / "running.trc"
    path.write_text(trc_text("good", 8.0, standing_s=2.0), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def standing_trc(tmp_path_factory) -> Path:
    """2 s of relaxed standing of the same runner."""
    path = tmp_path_factory.mktemp("trc") / "standing.trc"
    path.write_text(trc_text("good", 2.0, standing_s=60.0), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def shared() -> Path:
    """The project's shared data folder."""
    named = os.environ.get("HINGECOACH_SHARED", "")
    if not named:
        pytest.skip("HINGECOACH_SHARED is not set")
    return Path(named)


@pytest.fixture(scope="session")
def start_line_trc(tmp_path_factory) -> Path:
    """Standing, then the starting line with one foot behind, then with the other: 21 s at 20 frames a second."""
    path = tmp_path_factory.mktemp("trc") / "start_line.trc"
    path.write_text(trc_text("drill_start_line", 21.0, standing_s=3.2, fps=20), encoding="utf-8")
    return path
