"""The two BlazePose networks run by LiteRT (``ai-edge-litert``), and nowhere else.

LiteRT is the inference engine alone: no graph, no filter, no telemetry, no threads of its own beyond the workers
of one call. It has no wheels for Intel Macs and Windows on ARM: `available` tells.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.coach.errors import WorldError
from app.coach.types import FloatArray, ImageArray
from app.pose import blazepose
from app.pose.blazepose import Detection, Float32Array, Region
from app.pose.model import is_own_file
from app.pose.quiet import quiet_stderr

_DETECTOR = "pose_detector.tflite"
_LANDMARKER = "pose_landmarks_detector.tflite"
#: What each network takes and answers (shape without the leading 1), by the name used here. LiteRT keeps no order
#: worth trusting, the sizes tell them apart.
_DETECTOR_SHAPES = {
    "input": (blazepose.DETECTOR_PX, blazepose.DETECTOR_PX, 3),
    "candidates": (blazepose.CANDIDATES, blazepose.CANDIDATE_NUMBERS),
    "logits": (blazepose.CANDIDATES, 1),
}
_LANDMARKER_SHAPES = {
    "input": (blazepose.LANDMARKER_PX, blazepose.LANDMARKER_PX, 3),
    "points": (blazepose.POINTS * blazepose.POINT_NUMBERS,),
    "presence": (1,),
    "mask": (blazepose.LANDMARKER_PX, blazepose.LANDMARKER_PX, 1),
    "heatmaps": (blazepose.HEATMAP_PX, blazepose.HEATMAP_PX, blazepose.POINTS),
}
#: How reading a bundle fails that is none: no zip, no such member, compressed or encrypted in a way unknown here; and
#: what LiteRT raises for a member that is no network.
_NO_BUNDLE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, ValueError)


def available() -> bool:
    """Whether LiteRT is installed here."""
    return util.find_spec("ai_edge_litert") is not None


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What the landmark network says of one region.

    Attributes:
        xy_px: (39, 2) image px. visibility: (39,) 0..1.
        presence: how sure it is that somebody is there, 0..1.
        mask_logits: (1, 256, 256, 1), upright like the region.
    """

    xy_px: FloatArray
    visibility: FloatArray
    presence: float
    mask_logits: Float32Array


class Networks:
    """Detector and landmark network out of one bundle. Not for two threads at once.

    Args:
        model_path: a pose landmarker bundle (``.task``).
        threads: workers per call.

    Raises:
        WorldError: the bundle cannot be read or does not hold the two networks; LiteRT is not installed.
    """

    def __init__(self, model_path: Path, threads: int) -> None:
        try:
            bundle = model_path.read_bytes()
        except OSError as error:
            raise WorldError(
                f"The pose model {model_path} cannot be read ({error.strerror}): "
                "check the path or run 'hingecoach model fetch'."
            ) from error
        try:
            with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
                members = {name: archive.read(name) for name in (_DETECTOR, _LANDMARKER)}
            self._detector = _Network(members[_DETECTOR], threads, _DETECTOR_SHAPES)
            self._landmarker = _Network(members[_LANDMARKER], threads, _LANDMARKER_SHAPES)
        except _NO_BUNDLE as error:
            reason = (str(error).strip("'\" \n").splitlines() or [type(error).__name__])[0]
            # The cached models were checked by their hash; an own file cannot be fetched.
            fetch = "" if is_own_file(model_path) else "run 'hingecoach model fetch' or "
            raise WorldError(
                f"The pose model {model_path} cannot be loaded ({reason}): {fetch}pass a sound one with --model PATH."
            ) from error

    def detect(self, image: ImageArray, region: Region) -> list[Detection]:
        """Return the people that the detector sees in a region of a BGR picture, surest first, in image px."""
        crop = _crop(image, region, blazepose.DETECTOR_PX)
        answer = self._detector.run(crop * np.float32(1 / 127.5) - np.float32(1.0))
        found = blazepose.decode_detections(answer["candidates"][0], answer["logits"].reshape(-1))
        return [person.placed(region) for person in found]

    def look(self, image: ImageArray, region: Region) -> Body:
        """Return what the landmark network says of a region of a BGR picture."""
        crop = _crop(image, region, blazepose.LANDMARKER_PX)
        answer = self._landmarker.run(crop * np.float32(1 / 255))
        unit_xy, visibility = blazepose.decode_points(answer["points"], answer["heatmaps"][0])
        presence = float(answer["presence"].reshape(-1)[0])
        return Body(region.place(unit_xy), visibility, presence, answer["mask"])


class _Network:
    """One network, with its tensors by name."""

    def __init__(self, content: bytes, threads: int, shapes: dict[str, tuple[int, ...]]) -> None:
        with quiet_stderr():
            self._interpreter = _interpreter(content, threads)
            self._interpreter.allocate_tensors()
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._input = _find(inputs, shapes["input"])
        self._outputs = {name: _find(outputs, shape) for name, shape in shapes.items() if name != "input"}

    def run(self, tensor: Float32Array) -> dict[str, Any]:
        """Return copies of the outputs for an input (H, W, 3)."""
        self._interpreter.set_tensor(self._input, tensor[None])
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}


def _interpreter(content: bytes, threads: int) -> Any:
    """Return a LiteRT interpreter of a network's file."""
    if not available():
        raise WorldError(
            "The engine LiteRT is not installed (there is none for this platform, perhaps): use the engine MediaPipe."
        )
    # Imported when needed: half a second, and not there on every platform.
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_content=content, num_threads=threads)


def _find(details: list[dict[str, Any]], shape: tuple[int, ...]) -> int:
    """Return the number of the tensor of a shape.

    Raises:
        ValueError: there is none, so it is another network than BlazePose.
    """
    for detail in details:
        if tuple(detail["shape"]) == (1, *shape) and detail["dtype"] is np.float32:
            return int(detail["index"])
    raise ValueError(f"no pose network: it has no float32 tensor {(1, *shape)}")


def _crop(image: ImageArray, region: Region, side_px: int) -> Float32Array:
    """Return a region of a BGR picture as RGB grey levels, float32 (side_px, side_px, 3); black outside of it.

    The colours are exchanged in the small picture: a thirtieth of the work of doing so in the large one.
    """
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    small = cv2.warpAffine(
        image, region.matrix(side_px), (side_px, side_px), flags=flags, borderMode=cv2.BORDER_CONSTANT
    )
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), dtype=np.float32)
