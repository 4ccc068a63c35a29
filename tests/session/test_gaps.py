"""A camera that was away: marked, nobody's time, and nothing is made of what came before and after."""

import math

import pytest

from app.coach.model import COUNTING, CoachModel
from app.coach.report import Activity, Mode
from app.coach.types import Frame, RunnerProfile
from app.pose.estimator import OracleEstimator
from app.session import Session
from app.session.judging import GAP, Judging, Task
from app.session.recall import Recall
from app.session.recordings import Recordings
from app.store.history import History
from app.store.sessions.start import SessionStart
from benchmarks.faulty import HEIGHT_CM, FaultySource, Spell, later, number_in, numbered, scene_of

FPS = 30.0


class Marks:
    """Records marks only."""

    def __init__(self):
        self.marks, self.frames = [], 0

    def follow(self, coach):
        pass

    def mark(self, name, value=None):
        self.marks.append((self.frames, name, value))


def judged(fakes, times_s):
    records = Marks()
    judging = Judging(Task(fakes.Coach()), records=records)
    for k, t_s in enumerate(times_s):
        records.frames = k
        judging.update(Frame(k, t_s), fakes.Estimator().estimate(Frame(k, t_s)).pose, math.nan)
    return records.marks


def test_a_gap_is_marked_before_the_first_frame_after_it(fakes):
    times_s = [k / 30.0 for k in range(60)]
    times_s += [times_s[-1] + 3.25 + k / 30.0 for k in range(60)]
    assert judged(fakes, times_s) == [(60, GAP, {"seconds": 3.25})]


@pytest.mark.parametrize("fps", [1.0, 5.0, 30.0, 240.0])
def test_a_camera_of_few_pictures_has_no_gaps(fakes, fps):
    assert judged(fakes, [k / fps for k in range(40)]) == []


def test_times_that_go_back_or_stand_are_no_gap(fakes):
    assert judged(fakes, [0.0, 0.1, 0.2, 0.2, -3.0, -2.9, -2.8]) == []


def played(spells=(), away_s=(math.inf, math.inf), seconds=19.0, observers=(), records=None):
    """Step a session through a run with the frames between ``away_s`` missing; return it and its reports."""

    class Scene:
        kind, live, size_px, fps, frame_count, notice = "virtual", False, (320, 180), FPS, None, ""

        def __init__(self):
            self.k, self.scene = -1, scene_of()

        def open(self):
            pass

        def read(self):
            self.k += 1
            while away_s[0] <= self.k / FPS < away_s[1]:
                self.k += 1
            t_s = self.k / FPS
            return Frame(self.k, t_s, landmarks=self.scene.landmarks_at(t_s)) if t_s < seconds else None

        def close(self):
            pass

    class Stamped(OracleEstimator):
        def estimate(self, frame):
            from dataclasses import replace

            estimate = super().estimate(frame)
            return replace(estimate, pose=replace(estimate.pose, t_s=frame.t_s))

    coach = CoachModel(Mode.RUN, RunnerProfile(HEIGHT_CM))
    session = Session(FaultySource(Scene(), spells), Stamped, coach, observers, records=records)
    return session, [analysis.report for analysis in iter(session.step, None)]


def check_nothing_invented(reports):
    assert not {fault.id for report in reports for fault in report.faults}
    assert not [report.cue for report in reports if report.cue is not None and report.cue.because]


def test_the_same_session_goes_on_after_a_gap_and_counts_its_steps_anew(tmp_path):
    records = Recordings(lambda recipe: SessionStart(recipe, source_kind="virtual"), tmp_path / "data")
    recall = Recall()
    session, reports = played(away_s=(11.0, 14.0), observers=(recall,), records=records)
    check_nothing_invented(reports)
    before = [r for r in reports if r.t_s < 11.0]
    after = [r for r in reports if r.t_s >= 14.0]
    assert before[-1].verdict == "good"
    assert after[0].verdict == "not_judged"
    assert after[0].activity is not Activity.RUNNING
    assert COUNTING in {r.not_judged_because for r in after}
    assert after[-1].verdict == "good"
    assert after[0].standing.source == before[-1].standing.source == "recorded"
    [(start_s, end_s)] = recall.snapshot().gaps_s
    assert (start_s, end_s) == pytest.approx((11.0 - 1 / FPS, 14.0))
    recall.close()
    assert session.summary().running_s < sum(1 / FPS for r in reports) - 4.0
    with History(tmp_path / "data") as history:
        [mark] = [mark for mark in history.marks("last") if mark.name == GAP]
        assert (mark.frame, mark.value) == (330, {"seconds": 3.03})
        assert history.find("last").frames == len(reports)
        assert history.document("last") == history.get("last").summary


def test_a_computer_that_slept_for_an_hour_is_a_gap():
    session, reports = played([Spell(11.0, math.inf, later(3600.0))])
    check_nothing_invented(reports)
    assert reports[-1].verdict == "good"
    assert sum(session.summary().activity_s.values()) < 20.0


def test_times_that_go_back_by_three_seconds_cost_three_seconds():
    _, reports = played([Spell(11.0, math.inf, later(-3.0))], seconds=21.0)
    check_nothing_invented(reports)
    assert reports[-1].verdict == "good"
    stuck = [r for r in reports if r.t_s == reports[329].t_s]
    assert len(stuck) == pytest.approx(3.0 * FPS, abs=1)


def test_a_numbered_picture_tells_its_number_and_nothing_else_tells_one():
    assert [number_in(numbered(number)) for number in (1, 77, 123_456)] == [1, 77, 123_456]
    assert number_in(numbered(77) * 0) is None
