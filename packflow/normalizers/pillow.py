"""The normalizer for Pillow: an image of any mode becomes the base64 text of a PNG file.

It is imported when an image is met. Pillow itself is not: it is there by then, in ``sys.modules``.

==============================  =========================================================================
mode                            kind of PNG
==============================  =========================================================================
1, L, LA, P, RGB, RGBA, I;16    the same mode, every value kept
I;16B, I;16L, I;16N             16-bit grey, every value kept
I                               16-bit grey, every value kept; refused where one is not from 0 to 65535
F                               the same, rounded to whole numbers: said once in the log
PA                              RGBA, every value kept
RGBX                            RGB, without the unused band
La, RGBa                        LA, RGBA: alpha is no longer multiplied in, rounded
CMYK, YCbCr, HSV                RGB, as Pillow converts them, rounded
LAB                             RGB, through the sRGB profile, rounded
==============================  =========================================================================

An image is one value, not a batch of rows. Of a file with several frames, it is the current one.
"""

from __future__ import annotations

import io
import sys
from base64 import b64encode
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from packflow.exceptions import NormalizationError
from packflow.normalizers.base import Native, Normalizer
from packflow.utils.log import logger
from packflow.utils.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_CONVERTED = {
    "PA": "RGBA",
    "RGBX": "RGB",
    "La": "LA",
    "RGBa": "RGBA",
    "CMYK": "RGB",
    "YCbCr": "RGB",
    "HSV": "RGB",
}
_GREY = frozenset({"I", "F", "I;16B", "I;16L", "I;16N"})
"""Pillow itself would cut these to eight bits, or not write them at all."""

_MOST = 65_535


class PillowNormalizer(Normalizer):
    """Converts images. Palettes, fonts and other objects of Pillow are refused."""

    plugin_api_version = 1

    def __init__(self) -> None:
        self._told = Once()

    def to_native(self, obj: Any) -> Native:
        """Give an image as the base64 text of a PNG file."""
        if 0 in obj.size:
            raise NormalizationError(f"an image without pixels ({obj.width}x{obj.height}) has no PNG; give None")
        image = self._for_png(obj)
        file = io.BytesIO()
        # A colour profile describes the bands that were there before a conversion.
        options = {} if image is obj else {"icc_profile": None}
        image.save(file, "PNG", **options)
        return Native(b64encode(file.getbuffer()).decode("ascii"))

    def converter(self, cls: type) -> Callable[[Any], Any] | None:
        """Take images alone."""
        return self.to_native if issubclass(cls, sys.modules["PIL.Image"].Image) else None

    def _for_png(self, image: Any) -> Any:
        """Give the image itself where PNG has its mode, or one in the mode that keeps most of it."""
        mode = image.mode
        if mode in _KEPT:
            return image
        if mode in _CONVERTED:
            return image.convert(_CONVERTED[mode])
        if mode in _GREY:
            return self._grey(image)
        if mode == "LAB":
            return _from_lab(image)
        raise NormalizationError(f"an image of mode {mode!r} has no PNG; give image.convert('RGB')")

    def _grey(self, image: Any) -> Any:
        given = np.asarray(image)
        values = np.rint(given)
        if not ((values >= 0) & (values <= _MOST)).all():  # NaN is neither
            raise NormalizationError(
                f"an image of mode {image.mode!r} becomes a 16-bit PNG, whose values go from 0 to {_MOST}; scale it, "
                "or give numpy.asarray(image) for its numbers"
            )
        if "rounding" not in self._told and not np.array_equal(values, given) and self._told("rounding"):
            logger.warning(
                f"An image of mode {image.mode!r} has fractions, which its PNG cannot hold: they are rounded. Scale "
                f"such images to 0 … {_MOST} first, or give numpy.asarray(image) for the numbers."
            )
        return sys.modules["PIL.Image"].fromarray(values.astype(np.uint16))


def _from_lab(image: Any) -> Any:
    colours = import_module("PIL.ImageCms")  # the one part of Pillow that is not there already
    lab, srgb = colours.createProfile("LAB"), colours.createProfile("sRGB")
    return colours.applyTransform(image, colours.buildTransform(lab, srgb, "LAB", "RGB"))
