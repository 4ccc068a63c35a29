"""Hinge Coach: a live running-form coach. See ARCHITECTURE.md for the map."""

import os

__version__ = "0.2.0"

#: What ``import cv2`` sets for the Qt 5 plug-ins in its own wheel; Qt 6 crashes on them under X11.
_OPENCV_QT_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")


def keep_opencv_out_of_qt() -> None:
    """Import OpenCV now and take back the Qt variables it sets; to be called before a QApplication is made.

    The one place for this. OpenCV sets them at its first import only, so whatever imports it later (MediaPipe does,
    too) cannot bring them back. What the user had set before the import is kept.
    """
    before = {name: os.environ.get(name) for name in _OPENCV_QT_VARIABLES}
    import cv2

    for name, value in before.items():
        if value is not None and not value.startswith(os.path.dirname(cv2.__file__)):  # noqa: PTH120 - no pathlib here
            os.environ[name] = value
        else:
            os.environ.pop(name, None)
