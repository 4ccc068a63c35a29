"""What a coach was made of, as JSON: enough to make the same coach again, with its rules of then."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from app.coach.dose import Dose
from app.coach.drill_model import DrillModel
from app.coach.drill_rules import DrillRules, default_drills, parse_drills
from app.coach.drills import DrillPlan
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.reps import DrillId
from app.coach.rules import DEFAULT, Rules, default_rules, parse_rules
from app.coach.standing import StandingReference
from app.coach.standing_quality import StandingQuality
from app.coach.types import Facing, RunnerProfile
from app.store.calibration_json import LEAST_PX, MOST_PX
from app.store.sessions.errors import DamagedError
from app.store.sessions.plain_fields import made_of


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything a coach is made of.

    Attributes:
        mode, profile, standing, facing, rules, dose: as `CoachModel` takes them; rules None: those of the app.
        plan: of a `DrillModel`, None for the plain coach. drills: their numbers and words; None: those of the app.
    """

    mode: Mode = Mode.AUTO
    profile: RunnerProfile = field(default_factory=RunnerProfile)
    standing: StandingReference | None = None
    facing: Facing = Facing.UNKNOWN
    rules: Rules | None = None
    dose: Dose | None = None
    plan: DrillPlan | None = None
    drills: DrillRules | None = None

    @classmethod
    def of(
        cls, coach: CoachModel, standing: StandingReference | None = None, facing: Facing = Facing.UNKNOWN
    ) -> Recipe:
        """Return the recipe of a coach before its first frame, made with this standing and facing."""
        plan = drills = None
        if isinstance(coach, DrillModel):
            plan, drills = coach.plan, None if coach.drills is default_drills() else coach.drills
        return cls(coach.mode, coach.profile, standing, facing, coach.rules, coach.dose, plan, drills)

    def make(self, rules: Rules | None = None) -> CoachModel:
        """Return a coach of it; ``rules``: to judge by others than its own."""
        rules = rules or self.rules
        if self.plan is not None:
            drill = DrillModel(self.plan, self.profile, self.standing, self.facing, rules, self.drills, self.dose)
            if self.mode is not Mode.DRILL:
                drill.set_mode(self.mode)
            return drill
        return CoachModel(self.mode, self.profile, self.standing, self.facing, rules, self.dose)

    @property
    def rules_used(self) -> Rules:
        """The rules, the app's own where none were given."""
        return self.rules or default_rules()

    @property
    def rules_hash(self) -> str:
        """SHA-256 of the rules' words and numbers, whatever their file is called."""
        return hash_of(self.rules_used.tree)


def to_json(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as plain JSON values; every number to the last bit, NaN as null."""
    plan, dose, standing = recipe.plan, recipe.dose, recipe.standing
    rules, drills = recipe.rules_used, recipe.drills or default_drills()
    return {
        "mode": recipe.mode.value,
        "facing": recipe.facing.value,
        "profile": asdict(recipe.profile),
        "standing": None if standing is None else standing_json(standing),
        "dose": None if dose is None else asdict(dose),
        "plan": None if plan is None else asdict(plan) | {"drill": plan.drill.value},
        "rules": {"name": rules.name, "tree": rules.tree},
        "drills": None if plan is None else {"name": drills.name, "tree": drills.tree},
    }


def from_json(tree: Mapping[str, Any], rules: Rules | None = None) -> Recipe:
    """Return the recipe that `to_json` was given.

    Args:
        tree: of `to_json`, its "rules" apart where ``rules`` are given in their place.
        rules: to judge by. Those that come with the app bring its drills, too; others leave the drills as they were.

    Raises:
        DamagedError: it is none.
        RulesError: the rules of then cannot be used by this app.
    """
    try:
        plan, dose, standing = tree["plan"], tree["dose"], tree["standing"]
        return Recipe(
            mode=Mode(tree["mode"]),
            profile=profile_of(tree["profile"]),
            standing=None if standing is None else standing_of(standing),
            facing=Facing(tree["facing"]),
            rules=rules or rules_of(tree["rules"]),
            dose=None if dose is None else made_of(Dose, dose),
            plan=None if plan is None else _plan_of(plan),
            # Sessions of before have none: they are repeated by the drills of now.
            drills=None if rules is default_rules() else drills_of(tree.get("drills")),
        )
    except KeyError as error:
        raise DamagedError(f"what the coach of a session was made of cannot be read (it lacks {error})") from error
    except ValueError as error:
        raise DamagedError(f"what the coach of a session was made of cannot be read ({error})") from error
    except (AttributeError, TypeError, RecursionError):
        raise DamagedError("what the coach of a session was made of cannot be read (it has another form)") from None


def profile_of(tree: object) -> RunnerProfile:
    """Return the profile that these plain values are. Raises ValueError for what is none."""
    profile = made_of(RunnerProfile, tree)
    if (
        not (profile.height_cm is None or 0.0 < profile.height_cm < MOST_PX)
        or not 0.0 <= profile.tunnel_drop_cm < MOST_PX
    ):
        raise ValueError("nobody is that tall")
    return profile


def _plan_of(tree: Mapping[str, Any]) -> DrillPlan:
    return made_of(DrillPlan, {**tree, "drill": DrillId(tree["drill"])})


def hash_of(tree: object) -> str:
    """Return the SHA-256 of a tree of plain values, whatever the order of its keys."""
    return hashlib.sha256(_plain(tree).encode()).hexdigest()


def standing_json(standing: StandingReference) -> dict[str, Any]:
    """Return a standing as plain JSON values; every number to the last bit, NaN as null."""
    values = asdict(standing) | {"facing": standing.facing.value}
    return {key: _no_nan(value) for key, value in values.items()}


def standing_of(tree: Mapping[str, Any]) -> StandingReference:
    """Return the standing that `standing_json` was given.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: it is none.
    """
    quality = tree["quality"]
    # null stands for NaN, but where nothing at all may stand.
    values: dict[str, Any] = {
        key: math.nan if value is None and key != "height_cm" else value for key, value in tree.items()
    }
    values["facing"] = Facing(tree["facing"])
    values["image_size_px"] = tuple(tree["image_size_px"])
    values["quality"] = None
    if quality is not None:
        known: dict[str, Any] = {key: math.nan if value is None else value for key, value in quality.items()}
        values["quality"] = made_of(StandingQuality, known)
    standing = made_of(StandingReference, values)
    if not (LEAST_PX <= standing.body_height_px < MOST_PX and LEAST_PX <= standing.leg_length_px < MOST_PX):
        raise ValueError("the standing has no scale")
    if any(abs(value) >= MOST_PX for value in values.values() if isinstance(value, int | float)):
        raise ValueError("the standing lies outside of every picture")
    return standing


def rules_of(kept: Mapping[str, Any]) -> Rules:
    """Return rules kept as {"name", "tree"}. Raises RulesError where this app cannot use them."""
    name, tree = kept["name"], kept["tree"]
    if _plain(tree) == _plain(default_rules().tree):
        return replace(default_rules(), name=name)
    return parse_rules(_toml(tree), name, None)


def drills_of(kept: Mapping[str, Any] | None) -> DrillRules | None:
    """Return drills kept as {"name", "tree"}, None where they are the app's.

    Raises RulesError where this app cannot use them.
    """
    if kept is None or (kept["name"] == DEFAULT and _plain(kept["tree"]) == _plain(default_drills().tree)):
        return None
    return parse_drills(_toml(kept["tree"]), kept["name"])


def _no_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _no_nan(one) for key, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(tree: object) -> str:
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _toml(value: Any, top: bool = True) -> str:
    """Return a tree of tables, lists, texts and numbers as TOML, each entry of the top on a line of its own."""
    if isinstance(value, Mapping):
        entries = [f"{_toml(key, False)} = {_toml(one, False)}" for key, one in value.items()]
        return "\n".join(entries) if top else f"{{{', '.join(entries)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(one, False) for one in value)}]"
    # JSON's texts and numbers are TOML's, but for DEL and for surrogate pairs, which plain characters avoid.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
