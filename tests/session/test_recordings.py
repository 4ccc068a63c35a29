"""A session of several tasks leaves a recording of each of its coaches."""

from app.coach.drill_model import DrillModel
from app.coach.drills import DrillPlan
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.reps import DrillId
from app.coach.types import Facing, RunnerProfile
from app.session.recordings import Recordings
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.sessions.start import SessionStart

FPS = 60.0
SCENE = VirtualScene(RunnerParams(standing_s=2.5), Camera.framing((1280, 720)))


def feed(coach, first, count):
    for k in range(first, first + count):
        coach.update(SCENE.landmarks_at(k / FPS))


def recordings(folder, **more):
    return Recordings(lambda recipe: SessionStart(recipe, person="Anna", source_kind="virtual"), folder, **more)


def test_each_coach_has_its_own(tmp_path):
    many = recordings(tmp_path / "data")
    run = CoachModel(Mode.RUN, RunnerProfile(178.0), facing=Facing.RIGHT)
    many.follow(run)
    feed(run, 0, 200)
    run.finish()
    standing = run.standing
    drill = DrillModel(DrillPlan(DrillId.HINGE), run.profile, standing, Facing.RIGHT)
    many.follow(drill)
    many.follow(drill)
    feed(drill, 200, 100)
    many.mark("here")
    drill.set_mode(Mode.RUN)
    feed(drill, 300, 100)
    drill.finish()
    kept = many.close()
    assert many.notice == ""
    with History(tmp_path / "data") as history:
        assert {row.id for row in history.sessions()} == set(kept)
        one, other = (history.get(session) for session in kept)
        assert (one.row.mode, one.row.frames, other.row.drill, other.row.frames) == ("run", 200, "hinge", 200)
        assert [mark.name for mark in history.marks(kept[1])] == ["here", "set_mode", "finish"]
        for session in kept:
            assert history.document(session) == history.get(session).summary


def test_one_that_cannot_be_begun_is_a_notice(tmp_path):
    (tmp_path / "data").touch()
    many = recordings(tmp_path / "data")
    coach = CoachModel()
    many.follow(coach)
    feed(coach, 0, 10)
    many.mark("here")
    assert many.close() == []
    assert many.notice.startswith("This session is not recorded: ")
    assert many.notice.endswith("choose another data folder.")


def test_a_fault_of_the_program_in_the_recording_ends_no_session(tmp_path):
    def start(recipe):
        return SessionStart(recipe, source="run\udce9.mp4", source_kind="video")

    many = Recordings(start, tmp_path / "data")
    many.follow(CoachModel())
    assert many.close() == []
    assert many.notice.startswith("This session is not recorded, by a fault of the program")


def test_only_what_is_worth_it_is_kept(tmp_path):
    many = recordings(tmp_path / "data", worth=lambda summary: summary.frames > 50)
    for frames in (20, 60, 0):
        coach = CoachModel()
        many.follow(coach)
        feed(coach, 0, frames)
    assert len(many.close()) == 1
    with History(tmp_path / "data") as history:
        assert [row.frames for row in history.sessions()] == [60]
