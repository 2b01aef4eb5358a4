"""Images of Pillow: every mode becomes a PNG file in base64, which holds what the mode holds."""

from __future__ import annotations

import io
import math
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFilter, ImageFont

from packflow.exceptions import NormalizationError
from packflow.normalizers.pillow import PillowNormalizer
from packflow.testing import NormalizerSuite
from packflow.utils.normalize import ensure_valid_output
from tests.normalizers.support import native, refused, rows_of, same

RANDOM = np.random.default_rng(0)
BYTES = RANDOM.integers(0, 256, (4, 5, 4), dtype=np.uint8)
RGBA = Image.fromarray(BYTES)
WORDS = RANDOM.integers(0, 65_536, (4, 5), dtype=np.uint16)
WORDS[0, :2] = 0, 65_535


def image(mode: str) -> Any:
    if mode in ("I", "F"):
        return Image.fromarray(WORDS.astype("i4" if mode == "I" else "f4"))
    if mode.startswith("I;16"):
        order = {"I;16": "<", "I;16L": "<", "I;16B": ">", "I;16N": "="}[mode]
        return Image.frombytes(mode, (5, 4), WORDS.astype(f"{order}u2").tobytes())
    if mode == "LAB":
        return Image.merge("LAB", [Image.fromarray(np.ascontiguousarray(BYTES[..., band])) for band in range(3)])
    if mode in ("La", "LA"):
        return RGBA.convert("LA").convert(mode)
    if mode == "RGBX":
        return Image.frombytes("RGBX", (5, 4), BYTES.tobytes())
    return RGBA.convert(mode)


def png(obj: Any) -> Any:
    """Open the PNG file that an image became."""
    opened = Image.open(io.BytesIO(b64decode(native([obj])[0], validate=True)))
    assert opened.format == "PNG"
    opened.load()
    return opened


LAB_COLOURS = [(255, 128, 128), (0, 128, 128), (138, 209, 198)]  # white, black, red
KEPT = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]
GREY = ["I", "F", "I;16B", "I;16L", "I;16N"]
CONVERTED = {"CMYK": "RGB", "YCbCr": "RGB", "HSV": "RGB", "RGBX": "RGB", "RGBa": "RGBA", "La": "LA", "PA": "RGBA"}


def test_every_mode_is_in_these_tests() -> None:
    assert {*Image.MODES} | {"I;16"} == {*KEPT, *GREY, *CONVERTED, "LAB"}


@pytest.mark.parametrize("mode", KEPT)
def test_modes_that_png_has_are_kept(mode: str) -> None:
    given = image(mode)
    found = png(given)
    assert found.mode == given.mode == mode
    assert found.size == (5, 4)
    assert found.tobytes() == given.tobytes()
    if mode == "P":
        assert found.convert("RGBA").tobytes() == given.convert("RGBA").tobytes()


@pytest.mark.parametrize("mode", GREY)
def test_grey_of_sixteen_bits_is_kept(mode: str) -> None:
    given = image(mode)
    assert given.mode == mode
    assert np.array_equal(np.asarray(png(given)), WORDS)


@pytest.mark.parametrize("mode", CONVERTED)
def test_other_modes_are_converted(mode: str) -> None:
    given = image(mode)
    found = png(given)
    assert given.mode == mode
    assert found.mode == CONVERTED[mode]
    assert found.tobytes() == given.convert(CONVERTED[mode]).tobytes()


def test_padding_is_left_away_and_nothing_else() -> None:
    assert np.array_equal(np.asarray(png(image("RGBX"))), BYTES[..., :3])


def test_transparent_palettes() -> None:
    quantized = RGBA.quantize(8)
    assert quantized.mode == "P"
    assert png(quantized).convert("RGBA").tobytes() == quantized.convert("RGBA").tobytes()
    keyed = Image.new("P", (2, 1), 3)
    keyed.putpalette(range(12))
    keyed.info["transparency"] = 3
    assert png(keyed).convert("RGBA").getpixel((0, 0))[3] == 0


def test_lab_becomes_srgb() -> None:
    found = png(image("LAB"))
    assert found.mode == "RGB"
    white, black, red = (png(Image.new("LAB", (1, 1), colour)) for colour in LAB_COLOURS)
    assert min(white.getpixel((0, 0))) > 252
    assert max(black.getpixel((0, 0))) < 3
    first, second, third = red.getpixel((0, 0))
    assert first > 248
    assert max(second, third) < 8


@pytest.mark.parametrize(
    "given",
    [
        Image.new("I", (2, 2), 65_536),
        Image.new("I", (2, 2), -1),
        Image.new("F", (2, 2), 65_536.0),
        Image.new("F", (2, 2), -0.6),
        Image.new("F", (2, 2), math.nan),
        Image.new("F", (2, 2), math.inf),
    ],
)
def test_grey_that_sixteen_bits_do_not_hold_is_refused(given: Any) -> None:
    error = refused({"deep": [given]})
    assert error.path == "deep[0]"
    assert "0 to 65535" in str(error)


def test_fractions_are_rounded_and_that_is_said_once(logs: Any) -> None:
    given = Image.fromarray(np.array([[0.4, 0.6, 65_535.2]], "f4"))
    assert np.asarray(png(given)).tolist() == [[0, 1, 65_535]]
    normalizer = PillowNormalizer()
    del logs[:]
    normalizer.to_native(Image.new("F", (2, 2), 3.0))
    assert logs == []
    normalizer.to_native(given)
    normalizer.to_native(given)
    assert len(logs) == 1
    assert "fractions" in str(logs[0])


def test_images_without_pixels_are_refused() -> None:
    for size in ((0, 3), (3, 0)):
        assert "without pixels" in str(refused([Image.new("L", size)]))


def test_an_image_is_one_value() -> None:
    with pytest.raises(NormalizationError, match="have no rows"):
        ensure_valid_output(RGBA)
    first, second = rows_of([RGBA, RGBA.convert("L")], 2)
    assert first != second
    assert ensure_valid_output({"mask": RGBA, "n": 1}) == [{"mask": first, "n": 1}]
    assert ensure_valid_output(np.array([RGBA, None], object)[:1]) == [{"output": first}]


def test_the_same_image_is_the_same_text_and_stays_as_it_is() -> None:
    given = RGBA.copy()
    given.info["note"] = "x"
    assert native(given) == native(given) == native(RGBA)
    assert (given.mode, given.info, given.tobytes()) == ("RGBA", {"note": "x"}, RGBA.tobytes())


def test_colour_profiles_are_kept_with_the_bands_that_they_describe() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept, dropped = RGBA.convert("RGB"), RGBA.convert("CMYK")
    for given in (kept, dropped):
        given.info["icc_profile"] = profile
    assert png(kept).info["icc_profile"] == profile
    assert "icc_profile" not in png(dropped).info


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_images_that_were_opened_and_not_yet_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "image"
    RGBA.convert("RGB").save(path, kind)
    with Image.open(path) as opened, Image.open(path) as read:
        assert type(opened) is not Image.Image
        assert png(opened).convert("RGB").tobytes() == read.convert("RGB").tobytes()


def test_the_current_frame_of_several(tmp_path: Path) -> None:
    frames = [Image.new("L", (2, 2), shade) for shade in (10, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with Image.open(tmp_path / "a.gif") as opened:
        opened.seek(1)
        found = png(opened)
    assert getattr(found, "n_frames", 1) == 1
    assert found.convert("L").getpixel((0, 0)) == 200


def test_files_that_break_off_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(RANDOM.integers(0, 256, (90, 90), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with Image.open(path) as opened:
        assert "truncated" in str(refused([opened]))
    closed = Image.open(path)
    closed.close()
    assert refused([closed]).path == "[0]"


def test_subclasses_of_images() -> None:
    class Mine(Image.Image):
        pass

    mine = Mine()
    mine.__dict__.update(RGBA.copy().__dict__)
    assert native(mine) == native(RGBA)


@pytest.mark.parametrize(
    "obj",
    [RGBA.quantize(8).palette, ImageFilter.BLUR, ImageFont.load_default(), Image.core],
    ids=lambda obj: type(obj).__name__,
)
def test_other_objects_of_pillow_are_refused(obj: Any) -> None:
    assert "no JSON form" in str(refused([obj]))


def test_what_pillow_knows_of_a_file_is_plain_data() -> None:
    exif = Image.Exif()
    exif[271] = "maker"
    assert same(native(exif), {"271": "maker"})
    assert native(Image.Resampling.NEAREST) == 0


DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


class TestConformance(NormalizerSuite):
    plugin = "PIL"
    cases = [(lambda: Image.new("1", (1, 1)), DOT)]
    refused = [lambda: Image.new("L", (0, 1)), lambda: Image.new("I", (1, 1), -1), lambda: RGBA.quantize(8).palette]
