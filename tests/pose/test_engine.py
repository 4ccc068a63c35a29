"""Choosing what runs the pose network."""

from __future__ import annotations

import pytest

from app.coach.errors import WorldError
from app.pose import litert_net
from app.pose.engine import VARIABLE, Engine, chosen_engine, default_engine


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, " MediaPipe ")
    assert chosen_engine() is Engine.MEDIAPIPE
    monkeypatch.setenv(VARIABLE, "litert")
    assert chosen_engine() is Engine.LITERT


def test_an_engine_that_does_not_exist_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "torch")
    with pytest.raises(WorldError, match="mediapipe or litert") as refused:
        chosen_engine()
    assert "\n" not in str(refused.value)


def test_without_litert_it_is_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(litert_net, "available", lambda: False)
    assert default_engine() is chosen_engine() is Engine.MEDIAPIPE
