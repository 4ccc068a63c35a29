"""What thresholds may be set on: words, unit and sensible range of every measure a rule can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measure: its words, the unit of its thresholds, the range that makes sense, thresholds over field."""

    words: str
    unit: str
    least: float
    most: float
    scale: float = 1.0


#: Fields of `faults.StepMedians`; ranges are far outside what people do, but catch a slip of a digit.
RUNNING_MEASURES: Mapping[str, Quantity] = {
    "knee_flexion_deg": Quantity("knee bend at midstance", "deg", 5.0, 90.0),
    "hip_flexion_deg": Quantity("hip bend at midstance", "deg", -20.0, 80.0),
    "thigh_deg": Quantity("thigh ahead of upright at midstance (hip bend less trunk lean)", "deg", -30.0, 60.0),
    "shank_deg": Quantity("forward tilt of the shank at midstance", "deg", 0.0, 70.0),
    "trunk_lean_deg": Quantity("trunk lean, mean of the step", "deg", -20.0, 50.0),
    "line_offset_bh": Quantity(
        "hip ahead of the line from ear to rear toe, at push-off", "bh_pct", -15.0, 15.0, scale=100.0
    ),
    "midstance_drop_bh": Quantity("hips lower at midstance than in standing", "bh_pct", -5.0, 15.0, scale=100.0),
    "reach_of_travel": Quantity(
        "front ankle ahead of the hip, as a share of the way the foot then goes back",
        "travel_pct",
        5.0,
        90.0,
        scale=100.0,
    ),
}
#: Fields of `report.StanceValues`.
STANCE_MEASURES: Mapping[str, Quantity] = {
    "theta_l_deg": Quantity("tilt of the line from ear to rear ankle", "deg", -20.0, 45.0),
    "theta_t_deg": Quantity("trunk lean", "deg", -20.0, 60.0),
    "d_h_bh_pct": Quantity("hip ahead of the line from ear to rear ankle", "bh_pct", -15.0, 15.0),
    "front_load_deg": Quantity("bend of the front hip and the front knee together", "deg", -20.0, 150.0),
    "front_knee_deg": Quantity("bend of the front knee", "deg", -20.0, 90.0),
    "rear_knee_deg": Quantity("bend of the rear knee", "deg", -20.0, 90.0),
    "front_shank_deg": Quantity("forward tilt of the front shank", "deg", -30.0, 60.0),
    "drop_bh_pct": Quantity("ear lower than in standing", "bh_pct", -5.0, 20.0),
    "stagger_bh_pct": Quantity("distance of the ankles", "bh_pct", 0.0, 60.0),
}
UNIT_WORDS = {"deg": "deg", "bh_pct": "% of body height", "travel_pct": "%"}
