"""The log file: small, rotating, in the user's log folder, for its owner alone; threads by name."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.store.atomic import OutputError, keep_private, make_private_folder
from app.store.paths import log_folder

MOST_BYTES = 1_000_000
KEPT_FILES = 3


@contextmanager
def log_file() -> Iterator[Path | None]:
    """Log everything from INFO up to a file while the block runs; gives its path, None where none can be written."""
    path = log_folder() / "hingecoach.log"
    try:
        make_private_folder(path.parent)
        handler = RotatingFileHandler(
            path, maxBytes=MOST_BYTES, backupCount=KEPT_FILES, encoding="utf-8", errors="replace"
        )
    except (OSError, OutputError):
        yield None
        return
    keep_private(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(threadName)s] %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield path
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
