"""A session recorded live, judged again from what was kept, and the same landmarks unrecorded: one result."""

from __future__ import annotations

import itertools
import json

import pytest

from app.capture.virtual import VirtualSource
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.pose.estimator import OracleEstimator
from app.session import Session
from app.session.recordings import Recordings
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.sessions.grid import on_grid
from app.store.sessions.start import SessionStart

FPS, SECONDS = 60.0, 12.0
PROFILE = RunnerProfile(178.0)


class Hurried:
    """A clock that stands still but while somebody waits; every so often the system wakes him 40 ms too late."""

    def __init__(self):
        self.now_s, self.waits = 54321.123, 0

    def __call__(self):
        return self.now_s

    def wait(self, _condition, early_s):
        self.waits += 1
        self.now_s += early_s + (0.040 if self.waits % 23 == 0 else 1e-4)


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """A live session of an ankle lean; (data folder, what the live coach came to, every pose that it was given)."""
    folder, poses, clock = tmp_path_factory.mktemp("live") / "data", [], Hurried()
    noise = Noise(1.0, 0.01, seed=3)
    scene = VirtualScene(RunnerParams(act=Act.ANKLE_LEAN, standing_s=2.5), Camera.framing(), noise=noise)
    source = VirtualSource(scene, FPS, SECONDS, realtime=True, render=False, clock=clock, wait=clock.wait)
    records = Recordings(lambda recipe: SessionStart(recipe, person="Anna", source_kind="virtual"), folder)
    coach = CoachModel(Mode.RUN, PROFILE)
    session = Session(source, OracleEstimator, coach, (lambda a: poses.append(a.pose),), records=records)
    while session.step() is not None:
        pass
    assert records.notice == ""
    return folder, coach.summary(), poses


def as_text(document):
    """The bytes of a JSON document."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def everything(summary):
    """All that a summary says, NaN as itself."""
    return repr((summary.verdict, summary.steps, summary.contacts, summary.cues, summary.measures, summary.faults))


def test_it_was_a_live_session(live):
    _, summary, poses = live
    assert poses[0].t_s == pytest.approx(54321.123, abs=0.001)
    gaps_ms = sorted({round(1000.0 * (b.t_s - a.t_s)) for a, b in itertools.pairwise(poses)})
    assert (gaps_ms[0], gaps_ms[-1]) == (17, 50), "some frames were missed"
    assert summary.frames == len(poses) < FPS * SECONDS
    assert summary.verdict == "ankle_lean"
    assert len(summary.steps) > 15
    assert summary.cues


def test_judged_again_it_is_the_same_to_the_last_byte(live):
    folder, summary, _ = live
    with History(folder) as history:
        kept = history.get("last")
        assert kept.row.state == "closed"
        assert as_text(history.document("last")) == as_text(kept.summary)
        assert everything(history.replay("last")) == everything(summary)


def test_the_same_landmarks_without_a_recording_come_to_the_same(live):
    folder, summary, poses = live
    plain = CoachModel(Mode.RUN, PROFILE)
    for pose in poses:
        plain.update(on_grid(pose))
    plain.finish()
    assert everything(plain.summary()) == everything(summary)
    with History(folder) as history:
        assert everything(plain.summary()) == everything(history.replay("last"))


def test_analyze_of_its_landmarks_agrees(cli, live, tmp_path):
    """Through metres, six decimals and no visibilities, its standing found anew: the same steps, within a frame."""
    folder, summary, _ = live
    trc, result = tmp_path / "live.trc", tmp_path / "a.json"
    assert cli("sessions", "export", "last", "--trc", trc, "--data-dir", folder).code == 0
    answer = cli("analyze", trc, "--height-cm", 178, "--mode", "run", "--json", result, "--quiet")
    assert answer.code == 0
    run = json.loads(result.read_text(encoding="utf-8"))["run"]
    with History(folder) as history:
        then = history.get("last").summary["run"]
    assert run["verdict"] == then["verdict"] == "ankle_lean"
    assert len(run["steps"]) == len(summary.steps)
    first_s = then["steps"][0]["t_s"] - run["steps"][0]["t_s"]
    assert [s["t_s"] + first_s for s in run["steps"]] == pytest.approx([s["t_s"] for s in then["steps"]], abs=1.0 / FPS)
    assert run["trunk_lean_deg"]["value"] == pytest.approx(then["trunk_lean_deg"]["value"], abs=0.1)
    assert run["cadence_spm"]["value"] == pytest.approx(then["cadence_spm"]["value"], abs=1.0)
