"""A picture of the window with few colours: a third of the bytes, and the window's own colours as they are."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtGui import QImage, qRgb

#: Colours of a README picture, at a third of the bytes: so many that are seen most (of the window), the rest evened out
#: over the others (of the scene).
FLAT_COLOURS, OTHER_COLOURS = 96, 160


def with_few_colours(image: QImage) -> QImage:
    """Return the picture with a table of its own colours: the most frequent ones as they are, the others evened out."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    height, width = plain.height(), plain.width()
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(height, plain.bytesPerLine())
    pixels = rows[:, : 3 * width].reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    flat, others = colours[order[:FLAT_COLOURS]], colours[order[FLAT_COLOURS:]].astype(np.float32)
    if len(others) > OTHER_COLOURS:
        cv2.setRNGSeed(0)
        until = (cv2.TERM_CRITERIA_MAX_ITER, 12, 0.0)
        _, _, others = cv2.kmeans(others, OTHER_COLOURS, None, until, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]  # None is allowed
    table = [qRgb(*(round(float(part)) for part in colour)) for colour in (*flat, *others)]
    return plain.convertToFormat(QImage.Format.Format_Indexed8, table)
