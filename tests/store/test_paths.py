"""Where the app keeps and finds its files."""

from pathlib import Path

import pytest

from app.store import assets, paths


def test_one_variable_moves_everything_that_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("HINGECOACH_DATA", str(tmp_path / "kept"))
    assert paths.data_folder() == tmp_path / "kept"
    assert paths.log_folder() == tmp_path / "kept" / "logs"
    assert not (tmp_path / "kept").exists()


def test_without_it_the_platforms_user_folders_are_used(monkeypatch):
    monkeypatch.delenv("HINGECOACH_DATA", raising=False)
    code = Path(paths.__file__).parents[2]
    for folder in (paths.data_folder(), paths.log_folder()):
        assert "hingecoach" in str(folder)
        assert not folder.is_relative_to(code)


def test_an_asset_is_found_in_the_wheel_before_the_checkout(tmp_path, monkeypatch):
    wheel, checkout = tmp_path / "app" / "_assets", tmp_path / "assets"
    monkeypatch.setattr(assets, "_HOMES", (wheel, checkout))
    (checkout / "sounds").mkdir(parents=True)
    (checkout / "sounds" / "bump.wav").touch()
    assert assets.asset_path("sounds", "bump.wav") == checkout / "sounds" / "bump.wav"
    (wheel / "sounds").mkdir(parents=True)
    (wheel / "sounds" / "bump.wav").touch()
    assert assets.asset_path("sounds", "bump.wav") == wheel / "sounds" / "bump.wav"
    with pytest.raises(FileNotFoundError) as caught:
        assets.asset_path("sounds", "gone.wav")
    assert str(wheel) in str(caught.value)
    assert str(checkout) in str(caught.value)
