"""What becomes an event, and when it is too late for it."""

from dataclasses import replace

from app.coach.report import Activity, Cue, StandingStatus
from app.session.events import MOST_EVENTS, ROOF_HIT_LIFE_S, Event, EventChannel, EventKind, events_between

CUE = Cue("tunnel", "Duck under the roof", "Duck", 10.0, 12.0, 2)
EVENT = Event(EventKind.CUE, 10.0, 12.0, CUE)


def test_only_what_is_new_becomes_an_event(fakes):
    first = fakes.report
    assert [e.kind for e in events_between(None, first)] == ["activity", "standing"]
    assert events_between(first, replace(first, t_s=0.1)) == []
    capturing = replace(first, standing=StandingStatus("none", True, 0.0, "hold still"))
    half_way = replace(first, standing=StandingStatus("none", True, 0.5, "hold still"))
    assert [e.kind for e in events_between(first, capturing)] == ["standing"]
    assert events_between(capturing, half_way) == []
    walking = replace(first, activity=Activity.WALKING, step=fakes.step, cue=CUE)
    assert [e.kind for e in events_between(first, walking)] == ["activity", "step", "cue"]
    assert events_between(first, walking)[2].expires_s == 12.0
    bump = events_between(first, replace(first, t_s=20.0, roof_hit=True))
    assert [(e.kind, e.t_s, e.expires_s) for e in bump] == [("roof_hit", 20.0, 20.25)]


def test_an_event_expires_by_the_frames_time():
    for frame_s, good in ((11.9, 1), (12.1, 0)):
        channel = EventChannel(wall_clock_counts=False)
        channel.put(EVENT, wall_s=0.0)
        assert len(channel.drain(frame_s, wall_s=100.0)) == good
        assert channel.expired == 1 - good
        assert channel.drain(frame_s, wall_s=100.0) == []


def test_a_live_event_also_expires_when_everything_stalled():
    for waited_s, good in ((1.9, 1), (2.1, 0)):
        channel = EventChannel(wall_clock_counts=True)
        channel.put(EVENT, wall_s=500.0)
        assert len(channel.drain(10.0, wall_s=500.0 + waited_s)) == good


def test_a_live_bump_survives_the_usual_analysis_and_look_but_no_stall():
    bump = Event(EventKind.ROOF_HIT, 10.0, 10.0 + ROOF_HIT_LIFE_S, CUE)
    for read_to_look_s, good in ((0.060 + 0.100, 1), (0.300, 0)):
        channel = EventChannel(wall_clock_counts=True)
        channel.put(bump, wall_s=500.0)
        assert len(channel.drain(10.0, wall_s=500.0 + read_to_look_s)) == good


def test_the_channel_is_bounded_and_the_oldest_go():
    channel = EventChannel(wall_clock_counts=False)
    for i in range(MOST_EVENTS + 3):
        channel.put(replace(EVENT, t_s=float(i)), wall_s=0.0)
    kept = channel.drain(0.0, 0.0)
    assert [event.t_s for event in kept] == [float(i) for i in range(3, MOST_EVENTS + 3)]
    assert channel.expired == 3
