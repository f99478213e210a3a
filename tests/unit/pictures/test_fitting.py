"""Pictures that people upload come out small, square and bare, or are refused in plain words."""

import io
import random
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from adapters.pictures import MAX_UPLOAD_BYTES, NO_PICTURE, SIDE_PX, TOO_MANY_PIXELS, fitted
from engine.domain.avatar import MAX_PICTURE_BYTES
from engine.errors import Invalid

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # it warns of broken files, too

RED, BLUE = (220, 30, 40), (20, 40, 220)
CANARY = b"N 48 51.5"


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.frombytes(mode, (width, height), random.Random(7).randbytes(width * height * len(mode)))


def shown(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(fitted(content).content))
    image.load()
    return image


def near(pixel: object, colour: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=False))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (3, 700), (40, 40), (512, 512), (1920, 1080)])
def test_every_picture_becomes_a_small_square(format: str, size: tuple[int, int]) -> None:
    image = shown(encoded(Image.new("RGB", size, RED), format))
    assert image.format == "WEBP"
    assert image.size == (min(*size, SIDE_PX),) * 2
    assert near(image.getpixel((0, 0)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixels_is_read(mode: str) -> None:
    assert shown(encoded(Image.new(mode, (600, 600)))).size == (SIDE_PX, SIDE_PX)


def test_printers_colours_are_read() -> None:
    assert shown(encoded(Image.new("CMYK", (600, 600)), "JPEG")).size == (SIDE_PX, SIDE_PX)


def test_the_middle_is_kept_and_the_edges_are_cut_off() -> None:
    image = Image.new("RGB", (900, 300), BLUE)
    image.paste(RED, (300, 0, 600, 300))
    middle = shown(encoded(image))
    assert all(near(middle.getpixel(at), RED) for at in [(3, 3), (296, 150), (150, 296)])


@pytest.mark.parametrize("size", [(3_000, 2_100), (1_023, 1_500), (1_025, 1_024), (5_130, 5_130)])
def test_a_large_picture_that_is_made_smaller_in_strips_looks_as_if_it_were_not(size: tuple[int, int]) -> None:
    gradient = Image.radial_gradient("L").resize(size)
    picture = Image.merge("RGB", (gradient, gradient.transpose(Image.Transpose.FLIP_LEFT_RIGHT), gradient))
    whole = ImageOps.fit(picture, (SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    difference = ImageChops.difference(whole, shown(encoded(picture)).convert("RGB"))
    assert all(most <= 16 for _, most in difference.getextrema())


def test_what_is_see_through_stays_so() -> None:
    image = Image.new("RGBA", (600, 600), (*RED, 0))
    image.paste((*RED, 255), (0, 0, 300, 600))
    kept = shown(encoded(image))
    assert kept.mode == "RGBA"
    assert kept.getpixel((500, 100))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("limit_bytes", [MAX_PICTURE_BYTES, 5_000, 600])
def test_even_noise_becomes_as_small_as_it_has_to_be(mode: str, limit_bytes: int) -> None:
    assert len(fitted(encoded(noise(700, 700, mode)), limit_bytes=limit_bytes).content) <= limit_bytes


def test_of_an_animation_the_first_frame_is_shown() -> None:
    frames = [Image.new("RGB", (80, 80), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP"):
        image = shown(encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))
        assert not getattr(image, "is_animated", False)
        assert near(image.getpixel((5, 5)), RED)


# --- what comes along unseen ---


def where_it_was_taken(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = CANARY.decode()
    exif.get_ifd(0x8825)[2] = tuple(TiffImagePlugin.IFDRational(number) for number in (48, 51, 30))
    return exif


def with_metadata() -> list[bytes]:
    image, comments = noise(60, 60), PngInfo()
    comments.add_text("Comment", CANARY.decode())
    exif = where_it_was_taken().tobytes()
    return [
        encoded(image, "PNG", pnginfo=comments, exif=exif),
        encoded(image, "JPEG", exif=exif, comment=CANARY, xmp=CANARY),
        encoded(image, "WEBP", exif=exif, xmp=CANARY, icc_profile=CANARY),
        encoded(image, "GIF", comment=CANARY),
        encoded(image, "WEBP") + CANARY,
        encoded(image, "PNG") + CANARY,
    ]


@pytest.mark.parametrize("content", with_metadata())
def test_nothing_comes_along_but_what_is_seen(content: bytes) -> None:
    assert CANARY in content
    picture = fitted(content)
    assert CANARY not in picture.content
    image = Image.open(io.BytesIO(picture.content))
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()


def test_a_picture_that_a_camera_took_on_its_side_is_set_upright() -> None:
    image = Image.new("RGB", (100, 100), BLUE)
    image.paste(RED, (0, 0, 100, 50))
    taken = encoded(image, "JPEG", exif=where_it_was_taken(6).tobytes())
    upright = shown(taken)
    assert near(upright.getpixel((90, 50)), RED)
    assert near(upright.getpixel((10, 50)), BLUE)


def test_a_broken_note_of_the_camera_spoils_no_picture() -> None:
    taken = encoded(Image.new("RGB", (50, 50), RED), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert near(shown(taken).getpixel((5, 5)), RED)


def test_fitting_twice_changes_nothing() -> None:
    for image in (noise(700, 700), noise(20, 30), noise(600, 600, "RGBA")):
        once = fitted(encoded(image))
        assert fitted(once.content) == once


# --- refused ---


def png_that_promises(width: int, height: int) -> bytes:
    """A header and hardly any pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def never_decoded(_: object) -> None:
    raise AssertionError("it was decoded")


@pytest.mark.parametrize("size", [(10_001, 10_000), (14_000, 14_000), (100_000, 100_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never_decoded)
    with pytest.raises(Invalid, match=TOO_MANY_PIXELS):
        fitted(png_that_promises(*size))


def test_a_text_that_unpacks_to_gigabytes_is_refused() -> None:
    packed = zlib.compress(b"\0" * 80_000_000, 9)
    text = b"zTXt" + b"Comment\0\0" + packed
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    whole = encoded(Image.new("RGB", (20, 20)))
    with pytest.raises(Invalid, match="no picture"):
        fitted(whole[:33] + chunk + whole[33:])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encoded(Image.new("RGB", (9, 9)), "BMP"),
        encoded(Image.new("RGB", (9, 9)), "TIFF"),
        encoded(Image.new("RGB", (9, 9)), "ICO"),
        encoded(noise(90, 90))[:-2_000],
        encoded(noise(90, 90), "JPEG")[:300],
        encoded(noise(90, 90), "WEBP")[:300],
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        fitted(content)
    assert refused.value.message == NO_PICTURE


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(Invalid, match="at most 25 MB"):
        fitted(b"\x89PNG" + bytes(MAX_UPLOAD_BYTES))


# --- anything at all ---


SEEDS = [
    encoded(noise(33, 21)),
    encoded(noise(33, 21, "RGBA"), "WEBP"),
    encoded(noise(33, 21), "WEBP", exif=where_it_was_taken().tobytes()),
    encoded(noise(33, 21), "JPEG", exif=where_it_was_taken(5).tobytes()),
    encoded(noise(33, 21), "GIF"),
    encoded(noise(9, 9), "GIF", save_all=True, append_images=[noise(9, 9)]),
    encoded(noise(33, 21).convert("P")),
    encoded(noise(33, 21), "JPEG", progressive=True),
]


def becomes_a_picture_or_is_refused(content: bytes) -> None:
    try:
        picture = fitted(content)
    except Invalid:
        return
    assert len(picture.content) <= MAX_PICTURE_BYTES
    assert Image.open(io.BytesIO(picture.content)).format == "WEBP"


@settings(max_examples=400, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    damage=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), max_size=12),
    end=st.integers(0, 3_000),
    is_cut=st.booleans(),
)
def test_a_damaged_file_becomes_a_picture_or_is_refused(
    *, seed: bytes, damage: list[tuple[int, int]], end: int, is_cut: bool
) -> None:
    content = bytearray(seed)
    for at, value in damage:
        content[at % len(content)] = value
    becomes_a_picture_or_is_refused(bytes(content[: end % len(content)] if is_cut else content))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1", b"GIF89a", b"RIFF\x40\0\0\0WEBPVP8X", b""]), st.binary()
)
def test_any_bytes_become_a_picture_or_are_refused(start: bytes, rest: bytes) -> None:
    becomes_a_picture_or_is_refused(start + rest)
