"""What is known of a session when it begins, and what its analysis is written with at the end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from app.store.session_facts import SessionFacts
from app.store.sessions import recipe as recipes
from app.store.sessions import tables
from app.store.sessions.errors import DamagedError
from app.store.sessions.plain_fields import made_of
from app.store.sessions.recipe import Recipe

_SPEEDS = ("frames_per_s", "pose_ms_p50", "coach_ms_p50", "coach_ms_p99")


@dataclass(frozen=True, slots=True)
class SessionStart:
    """A session as it begins.

    Attributes:
        recipe: what its coach is made of.
        person: name of the runner, "" nobody known.
        source_kind: "camera", "virtual", "video" or "trc". source: act, file or camera in words. camera: what it is
            called among the runner's standings, "" none.
        app_version, model, model_sha256, engine, other_people, notices: as of `SessionFacts`.
        settings: whatever else is to be kept, plain JSON.
    """

    recipe: Recipe
    person: str = ""
    source_kind: str = "camera"
    source: str = ""
    camera: str = ""
    app_version: str = ""
    model: str = "none"
    model_sha256: str = ""
    engine: str = "none"
    other_people: int | None = None
    notices: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def head(self, session: str, started_at: str) -> dict[str, Any]:
        """Return the head of the pose file: all of it."""
        start = {name: getattr(self, name) for name in self.__slots__ if name != "recipe"}
        return {"id": session, "started_at": started_at, **start, "recipe": recipes.to_json(self.recipe)}

    def facts(self, tracking: Mapping[str, Any]) -> SessionFacts:
        """Return the facts of a session that nobody could close; ``tracking``: the newest totals that were kept."""
        return SessionFacts(
            source_kind=self.source_kind,
            frames_per_s=math.nan,
            pose_ms_p50=math.nan,
            coach_ms_p50=math.nan,
            coach_ms_p99=math.nan,
            version=self.app_version,
            model=self.model,
            model_sha256=self.model_sha256,
            other_people=self.other_people,
            notices=(*self.notices, *tracking.get("notices", ())),
            leg_swaps_repaired=tracking.get("leg_swaps_repaired"),
            subject_switches=tracking.get("subject_switches"),
            engine=self.engine,
        )


def row_values(head: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a new session's row, by the head of its pose file. Raises DamagedError."""
    try:
        recipe = head["recipe"]
        plan, rules = recipe["plan"], recipe["rules"]
        names = ("person", "source_kind", "source", "camera", "app_version", "model", "model_sha256", "engine")
        values: dict[str, Any] = {
            "id": head["id"],
            "started_at": head["started_at"],
            **{name: head[name] for name in names},
            "person_key": tables.person_key(head["person"]),
            "mode": recipe["mode"],
            "drill": "" if plan is None else plan["drill"],
            "rules_name": rules["name"],
            "rules_hash": recipes.hash_of(rules["tree"]),
            "settings": tables.to_text(head["settings"]),
            "profile": tables.to_text(recipe["profile"]),
            "standing": None if recipe["standing"] is None else tables.to_text(recipe["standing"]),
            "state": tables.OPEN,
        }
        for name, value in values.items():
            if not (isinstance(value, str) or (name == "standing" and value is None)):
                raise DamagedError(f"the head of a session has no {name}")
            (value or "").encode()  # a lone surrogate can be kept nowhere
        # What cannot be read again would spoil the whole list.
        if datetime.fromisoformat(values["started_at"]).tzinfo is None or not isinstance(head["settings"], dict):
            raise DamagedError("the head of a session has no time zone or no settings")
        recipes.profile_of(recipe["profile"])
        if recipe["standing"] is not None:
            recipes.standing_of(recipe["standing"])
    except KeyError as error:
        raise DamagedError(f"the head of a session lacks {error}") from error
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise DamagedError("the head of a session is not what it should be") from error
    return values


def start_of(head: Mapping[str, Any], recipe: Recipe) -> SessionStart:
    """Return the start that `SessionStart.head` was of. Raises DamagedError."""
    try:
        named = {name: head[name] for name in SessionStart.__slots__ if name != "recipe"}
        return made_of(SessionStart, named | {"notices": tuple(named["notices"]), "recipe": recipe})
    except KeyError as error:
        raise DamagedError(f"the head of a session lacks {error}") from error
    except (TypeError, ValueError) as error:
        raise DamagedError("the head of a session is not what it should be") from error


def facts_json(facts: SessionFacts) -> dict[str, Any]:
    """Return facts as plain JSON values, NaN as null."""
    values = asdict(facts)
    return values | {name: None if math.isnan(values[name]) else values[name] for name in _SPEEDS}


def facts_of(tree: Mapping[str, Any]) -> SessionFacts:
    """Return the facts that `facts_json` was given. Raises KeyError, TypeError, ValueError for what is none."""
    speeds = {name: math.nan if tree[name] is None else tree[name] for name in _SPEEDS}
    return made_of(SessionFacts, {**tree, **speeds, "notices": tuple(tree["notices"])})
