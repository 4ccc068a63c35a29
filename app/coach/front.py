"""Seen from the front, as by a laptop on the treadmill's console: what can be measured then, and what is running.

From there every angle of the sagittal plane lies along the line of sight: lean, line, knees and reach are not seen,
only how high the head is, how far it bounces and how often. The camera looks down on the belt, so a foot that the belt
carries back goes up in the picture: the difference of the ankles' rows takes the place of what the side view sees of
the feet (`guard`). Measured on virtual runners of 160 to 190 cm, lens 1.0 to 1.4 m high and 1.5 to 2.5 m ahead, 3 px of
landmark noise, and on two rendered runners through the network (yaw 90 and 75), at 30 fps, least to most; heights in %
of body height; r: correlation of trunk height with the distance of the ankles' rows:

    =====================  ==============  ==============  ============
    what is done           difference of   r               trunk travel
                           rows travels
    =====================  ==============  ==============  ============
    running, 2 to 5 m/s    42 .. 74        -.19 .. +.49    2.7 .. 4.4
    jogging, no flight     39 .. 56        +.38 .. +.78    2.1 .. 2.5
    runners, network       26 .. 58        -.27 .. +.34    4.2 .. 4.4
    walking, 1 to 2 m/s    33 .. 51        -.90 .. -.54    1.2 .. 3.8
    running on the spot    15 .. 18        -.75 .. -.55    3.1 .. 3.5
    marching on the spot   13 .. 17        -               0.9 .. 1.3
    jumping jacks          1 .. 5          -               3.0 .. 3.6
    squats, hinges         1 .. 3          -               0.5 .. 17
    =====================  ==============  ==============  ============

A head that leans ahead is nearer to the camera: seen 45 mm too high from 2 m, lens 1.2 m high. So its height holds
against the runner's own roof, not against standing, and bounce is seen 4 (landmarks) to 8 to 13 % (network) too big.
"""

from __future__ import annotations

from dataclasses import replace

from app.coach.filters import NAN
from app.coach.geometry import Body
from app.coach.guard import RunGuard, Sample
from app.coach.report import Step

#: What is said instead of a verdict.
FROM_THE_FRONT = "seen from the front: only tunnel, bounce and cadence"
#: Half the travel of the ankles' rows is told from the spot where the side view's travel of the lower foot is.
ROWS_AS_TRAVEL = 0.5
#: Within one step they travel half of .16 BH at least (network, yaw 75), jumping jacks half of .05.
STEP_ROWS_BH = 0.06
#: Steps under way before the roof counts them: the first ones are still getting going.
FIRST_STEPS = 6


class FrontGuard(RunGuard):
    """Tells running from walking and from moving on the spot by the rows of the ankles."""

    step_travel_bh = STEP_ROWS_BH

    def _sample(self, body: Body) -> Sample:
        """Return what is looked at of one frame: rows of the ankles in place of their distance and travel."""
        left, right = body.legs
        rows_px = left.ankle[1] - right.ankle[1]
        return body.t_s, body.trunk_y_px, abs(rows_px), ROWS_AS_TRAVEL * rows_px, abs(rows_px)


def measured_from_front(step: Step) -> Step:
    """Return the step with what is not seen from the front taken out."""
    return replace(
        step,
        side="unknown",
        trunk_lean_deg=NAN,
        hip_flexion_deg=NAN,
        knee_flexion_deg=NAN,
        shank_deg=NAN,
        line_offset_bh=NAN,
        line_angle_deg=NAN,
        reach_ll=NAN,
        reach_of_travel=NAN,
        lean_from_hip_deg=NAN,
        lean_from_ankle_deg=NAN,
        hip_share=NAN,
        weight_shift=NAN,
    )
