"""The contact clock against virtual runners whose contacts are known, of several sizes and speeds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from app.coach.contacts import REACH_S, STEPS, ContactClock
from app.coach.geometry import Body, body_from_pose
from app.coach.types import Facing
from app.sim.acts import RunnerParams
from app.sim.scene import VirtualScene

STANDING_S, FROM_S, UNTIL_S = 0.5, 2.0, 9.0


@cache
def run_of(speed_m_s: float, height_cm: float, fps: float) -> tuple[tuple[Body, ...], tuple[tuple[float, float], ...]]:
    """Return the frames and the true (initial contact, toe-off) of a good runner."""
    params = RunnerParams(speed_m_s=speed_m_s, height_cm=height_cm, standing_s=STANDING_S, seed=131)
    scene = VirtualScene(params)
    times_s = np.arange(FROM_S, UNTIL_S, 1.0 / fps)
    bodies = tuple(body_from_pose(scene.landmarks_at(float(t)), Facing.RIGHT) for t in times_s)
    inside = [c for c in scene.contacts(FROM_S + 0.1, UNTIL_S) if c.toe_off_s < UNTIL_S - 0.1]
    return bodies, tuple((c.initial_contact_s, c.toe_off_s) for c in inside)


def midstance_s(bodies: tuple[Body, ...], contact: tuple[float, float]) -> float:
    """Return when the trunk is lowest in a contact, s, to half a frame."""
    inside = [b for b in bodies if contact[0] <= b.t_s <= contact[1]]
    return min(inside, key=lambda b: b.trunk_y_px).t_s


def height_px(bodies: tuple[Body, ...]) -> float:
    return 1.13 * max(b.ear[1] - b.lowest_y_px for b in bodies)


def clocked(bodies: tuple[Body, ...], contacts: tuple[tuple[float, float], ...], clock: ContactClock) -> np.ndarray:
    """Return what the clock says of every contact (n, 2), s."""
    rows = []
    for contact in contacts:
        at_s = midstance_s(bodies, contact)
        rows.append(clock.contact([b for b in bodies if abs(b.t_s - at_s) <= REACH_S], at_s, height_px(bodies)))
    return np.array(rows)


@pytest.mark.parametrize("fps", [60.0, 30.0])
@pytest.mark.parametrize(("speed_m_s", "height_cm"), [(2.5, 165.0), (3.3, 178.0), (4.5, 165.0), (4.5, 185.0)])
def test_contacts_of_runners_of_any_speed_and_size(speed_m_s, height_cm, fps):
    bodies, contacts = run_of(speed_m_s, height_cm, fps)
    error_ms = 1e3 * (clocked(bodies, contacts, ContactClock(height_cm)) - np.array(contacts))
    assert np.isfinite(error_ms).all()
    assert np.abs(error_ms).mean(axis=0) == pytest.approx([0.0, 0.0], abs=11.0)
    assert abs((error_ms[:, 1] - error_ms[:, 0]).mean()) < 12.0


def test_contact_time_follows_speed_and_size():
    """From 312 ms to 205 ms: the same constants for everybody would be off by 30 ms either way."""
    for (speed_m_s, height_cm), true_ms in {(2.5, 185.0): 312.0, (4.5, 165.0): 205.0}.items():
        bodies, contacts = run_of(speed_m_s, height_cm, 60.0)
        assert 1e3 * np.diff(np.array(contacts)).mean() == pytest.approx(true_ms, abs=8.0)
        found = clocked(bodies, contacts, ContactClock(height_cm))
        assert 1e3 * np.diff(found).mean() == pytest.approx(true_ms, abs=12.0)


def test_noise_averages_out_over_the_steps():
    bodies, contacts = run_of(3.3, 178.0, 30.0)
    rng = np.random.default_rng(7)

    def shaken(body: Body) -> Body:
        sd_px = 0.006 * height_px(bodies)
        ear, shoulder, hip = (
            (x + dx, y + dy)
            for (x, y), (dx, dy) in zip(
                (body.ear, body.shoulder, body.hip), rng.standard_normal((3, 2)) * sd_px / np.sqrt(2.0), strict=True
            )
        )
        return replace(body, ear=ear, shoulder=shoulder, hip=hip)

    noisy = tuple(shaken(body) for body in bodies)
    clock = ContactClock(178.0)
    rows = []
    for contact in contacts:
        at_s = midstance_s(bodies, contact)
        rows.append(clock.contact([b for b in noisy if abs(b.t_s - at_s) <= REACH_S], at_s, height_px(bodies)))
    error_ms = 1e3 * (np.array(rows) - np.array(contacts))[4:]
    assert np.abs(error_ms).mean(axis=0) == pytest.approx([0.0, 0.0], abs=12.0)
    assert np.abs(error_ms).max() < 40.0


def test_a_late_midstance_is_put_right():
    """Where the caller's midstance is off by 12 ms now and again, the contact is not."""
    bodies, contacts = run_of(3.3, 178.0, 60.0)
    clock, off_ms = ContactClock(178.0), []
    for n, contact in enumerate(contacts):
        at_s = midstance_s(bodies, contact) + (0.012 if n % 4 == 3 else 0.0)
        found = clock.contact([b for b in bodies if abs(b.t_s - at_s) <= REACH_S], at_s, height_px(bodies))
        off_ms.append(1e3 * (found[0] - contact[0]))
    late = np.array(off_ms)[3::4].mean() - np.delete(np.array(off_ms), np.s_[3::4]).mean()
    assert abs(late) < 6.0


def test_another_rhythm_starts_anew():
    """Steps of another run, or from before a pause, say nothing about this one."""
    slow, slow_contacts = run_of(2.5, 165.0, 60.0)
    fast, fast_contacts = run_of(4.5, 165.0, 60.0)
    clock = ContactClock(165.0)
    clocked(slow, slow_contacts, clock)
    later_s = 20.0
    moved = tuple(replace(b, t_s=b.t_s + later_s) for b in fast)
    after = clocked(moved, tuple((a + later_s, b + later_s) for a, b in fast_contacts), clock)
    alone = clocked(fast, fast_contacts, ContactClock(165.0))
    assert after - later_s == pytest.approx(alone, abs=1e-6)


def test_a_standing_body_has_no_contacts():
    bodies, _ = run_of(3.3, 178.0, 60.0)
    still = [replace(bodies[0], t_s=k / 60.0) for k in range(60)]
    assert np.isnan(ContactClock().contact(still, 0.5, 500.0)).all()
    assert np.isnan(ContactClock().contact([], 0.5, 500.0)).all()


def test_hidden_feet_cost_only_the_speed():
    """Without feet the usual speed stands in; at 3.3 m/s that is no more than some milliseconds off."""
    nan = (float("nan"), float("nan"))
    bodies, contacts = run_of(3.3, 178.0, 60.0)
    legs = tuple(replace(leg, ankle=nan, heel=nan, toe=nan) for leg in bodies[0].legs)
    footless = [replace(b, legs=(legs[0], legs[1])) for b in bodies]
    clock, error_ms = ContactClock(178.0), []
    for contact in contacts[: STEPS + 4]:
        at_s = midstance_s(bodies, contact)
        found = clock.contact([b for b in footless if abs(b.t_s - at_s) <= REACH_S], at_s, height_px(bodies))
        error_ms.append(1e3 * (np.array(found) - contact))
    assert np.abs(error_ms).mean(axis=0) == pytest.approx([0.0, 0.0], abs=14.0)
