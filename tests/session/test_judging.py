"""One session through several tasks: the set-up, the exam, a drill, while camera and estimator go on."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from app.capture.virtual import VirtualSource
from app.coach.drill_model import DrillModel
from app.coach.drills import DrillPlan
from app.coach.errors import WorldError
from app.coach.exam import Exam
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.reps import DrillId
from app.coach.setup import SetupGuide
from app.coach.setup_checks import CheckState
from app.coach.setup_words import CheckId
from app.coach.types import RunnerProfile
from app.pose.estimator import OracleEstimator
from app.session import EventKind, Session, Task
from app.session.judging import Judging
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

SIZE_PX = (320, 180)


def source(act=Act.STANCE_GOOD, seconds=12.0, render=False, standing_s=3.0):
    scene = VirtualScene(RunnerParams(act=act, standing_s=standing_s), Camera.framing(SIZE_PX))
    return VirtualSource(scene, 30.0, seconds, render=render)


def steps(session):
    analyses, events = [], []
    while (analysis := session.step()) is not None:
        analyses.append(analysis)
        events += session.events()
    return analyses, [event.payload.id for event in events if event.kind is EventKind.CUE]


def test_an_exam_takes_the_standing_itself_and_only_its_own_voice_is_heard():
    coach = CoachModel(Mode.STANCE, RunnerProfile(178.0))
    with Session(source(), OracleEstimator, coach, exam=Exam(coach.rules)) as session:
        analyses, cues = steps(session)
    assert len(analyses[-1].exam.passed) == 1
    assert all(analysis.report.cue is None for analysis in analyses)
    assert cues
    assert all(cue.startswith("exam") for cue in cues)
    [picture] = session.exam_pictures()
    [passed] = [analysis for analysis in analyses if analysis.exam.pass_event is not None]
    assert picture.name == "good"
    assert picture.analysis is passed


def test_beginning_again_forgets_what_was_passed_and_its_pictures():
    coach = CoachModel(Mode.STANCE, RunnerProfile(178.0))
    with Session(source(), OracleEstimator, coach, exam=Exam(coach.rules)) as session:
        while not session.exam_pictures():
            assert session.step() is not None
        session.restart_exam()
        analysis = session.step()
        assert analysis.exam.passed == ()
        assert analysis.exam.wants_calibration
        assert session.exam_pictures() == ()


def test_a_turn_to_a_drill_keeps_the_standing_and_counts():
    coach = CoachModel(Mode.AUTO, RunnerProfile(178.0))
    with Session(source(Act.DRILL_HINGE, 20.0), OracleEstimator, coach) as session:
        while session.step().report.standing.source != "recorded":
            pass
        session.turn_to(
            lambda old: Task(DrillModel(DrillPlan(DrillId.HINGE), old.profile, old.standing, rules=old.rules))
        )
        analyses, _ = steps(session)
        assert session.summary().drill.counted >= 2
    assert analyses[0].report.drill.drill is DrillId.HINGE
    assert analyses[0].report.standing.source != "none"


def test_the_guide_comes_and_goes_and_nothing_is_asked_of_one_who_is_not_there():
    coach = CoachModel(Mode.AUTO, RunnerProfile(178.0))
    asked = []
    with Session(source(standing_s=60.0), OracleEstimator, coach) as session:
        session.ask_guide(asked.append)
        assert session.step().setup is None
        guide = SetupGuide(coach.profile)
        session.turn_to(lambda old: Task(old, guide))
        session.ask_guide(asked.append)
        assert session.step().setup is not None
        session.turn_to(Task)
        assert session.step().setup is None
    assert asked == [guide]


def test_others_are_counted_while_things_are_put_right_and_fail_the_check():
    coach = CoachModel(Mode.AUTO, RunnerProfile(178.0))
    looked_s = []

    class One:
        closed = False

        def count(self, frame, pose):
            assert pose.seen
            looked_s.append(frame.t_s)
            return 1

        def rest(self):
            pytest.fail("the guide is still there")

        def close(self):
            self.closed = True

    others = One()
    guide = SetupGuide(coach.profile)
    with Session(
        source(seconds=4.0, render=True, standing_s=60.0), OracleEstimator, coach, guide=guide, others=others
    ) as session:
        analyses, cues = steps(session)
    assert analyses[-1].setup[CheckId.PERSON].state is CheckState.FAIL
    assert any(cue.startswith("setup_person") for cue in cues)
    assert len(looked_s) == 3
    assert others.closed


def test_who_counts_others_rests_as_soon_as_the_guide_is_left():
    did = []

    class One:
        def count(self, frame, pose):
            did.append("count")
            return 0

        def rest(self):
            did.append("rest")

        def close(self):
            did.append("close")

    coach = CoachModel(Mode.AUTO, RunnerProfile(178.0))
    judging = Judging(Task(coach, SetupGuide(coach.profile)), One())
    assert did == []
    judging.turn_to(Task(coach))
    assert did == ["rest"]
    judging.close()
    assert did == ["rest", "close"]


class Held:
    """Stands for what a session holds; notes whether the summary could be had while it was closed."""

    notice = ""

    def __init__(self):
        self.session, self.asked = None, []

    def follow(self, coach):
        pass

    def __call__(self, analysis):
        pass

    def close(self):
        asking = threading.Thread(target=self.session.summary, daemon=True)
        asking.start()
        asking.join(2.0)
        self.asked.append(not asking.is_alive())


def test_a_slow_disk_at_the_end_keeps_nobody_from_the_summary():
    records = Held()
    with Session(source(seconds=0.2), OracleEstimator, CoachModel(), records=records) as session:
        records.session = session
        steps(session)
    assert records.asked == [True]


def test_what_is_held_is_let_go_of_after_a_fault_at_the_end_too():
    coach, records = CoachModel(), Held()

    def fail():
        raise KeyError("x")

    coach.finish = fail
    session = Session(source(seconds=0.2), OracleEstimator, coach, records=records)
    records.session = session
    with pytest.raises(KeyError):
        steps(session)
    assert records.asked == [True]


def test_who_keeps_a_session_that_is_over_keeps_no_observers():
    class Memory:
        def __call__(self, analysis):
            pass

    memory = Memory()
    gone = weakref.ref(memory)
    session = Session(source(seconds=0.2), OracleEstimator, CoachModel())
    session.observe(memory)
    steps(session)
    del memory
    gc.collect()
    assert gone() is None
    assert session.last is not None


def test_a_camera_that_opens_after_the_analysis_has_failed_is_let_go_of():
    class Late(VirtualSource):
        live = True
        closes, reads = 0, 0

        def open(self):
            assert failed.wait(10.0)

        def read(self):
            self.reads += 1
            return super().read() if self.reads < 100 else None

        def close(self):
            self.closes += 1
            failed.set()

    failed = threading.Event()
    late = Late(VirtualScene(RunnerParams(), Camera.framing(SIZE_PX)), 30.0, 60.0, render=False)

    def make():
        raise WorldError("There is no model.")

    session = Session(late, make, CoachModel())
    session.start()
    assert session.wait(10.0)
    assert (late.reads, late.closes) == (0, 2)
    assert session.status().error == "There is no model."
