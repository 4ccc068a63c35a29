"""Files that come with the app: pictures, sounds, texts."""

from __future__ import annotations

from pathlib import Path

import app

_PACKAGE = Path(app.__file__).parent
#: An installed wheel carries the assets inside the package; a checkout has them beside it.
_HOMES = (_PACKAGE / "_assets", _PACKAGE.parent / "assets")


def asset_path(*parts: str) -> Path:
    """Return the path of an asset, e.g. ``asset_path("sounds", "bump.wav")``.

    Raises:
        FileNotFoundError: it is in neither place; names both.

    """
    for home in _HOMES:
        path = home.joinpath(*parts)
        if path.exists():
            return path
    name = "/".join(parts)
    raise FileNotFoundError(f"The asset {name} is neither in {_HOMES[0]} nor in {_HOMES[1]}: reinstall hingecoach.")
