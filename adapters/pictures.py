"""Pictures that people upload, made into what a character shows: small, square, and rid of all that is not seen.

What a file is, its first bytes say and nothing else. It is decoded only when its header promises a size that can be
afforded, and encoded anew from its pixels alone, so that no place, camera or comment comes along.
"""

import io
import struct

from PIL import Image

from engine.domain.avatar import MAX_PICTURE_BYTES, Picture
from engine.errors import Invalid

MAX_UPLOAD_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 100_000_000
SIDE_PX = 512
STRIP_ROWS = 64
QUALITIES = (85, 70, 55, 40)
"""What is tried until the picture is small enough; after the last one it is made half as wide."""

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
NO_PICTURE = "That is no picture that I can read: take a PNG, JPEG, GIF or WebP."
TOO_MANY_PIXELS = f"The picture has too many pixels: at most {MAX_PIXELS // 1_000_000} million."

UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)
"""What Pillow raises over broken files; every one of them says the same to whoever uploaded it."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
"""How Pillow refuses twice as many pixels, and warns of more, where somebody made errors of warnings."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a camera held the picture, by the number of EXIF's orientation, and what sets it upright."""
ORIENTATION = 0x0112

SEEN_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})
"""The parts of a WebP file that hold pixels; all others say something about them."""
CHUNK_HEADER = struct.Struct("<4sI")
RIFF_HEADER_BYTES = 12


def fitted(content: bytes, *, side_px: int = SIDE_PX, limit_bytes: int = MAX_PICTURE_BYTES) -> Picture:
    """The middle square of a picture, at most `side_px` wide and `limit_bytes` large. Raises Invalid.

    Of an animation the first frame. What is as it should be already is returned as it is, so that fitting twice
    changes nothing. It takes up to some seconds and four hundred megabytes: call it in a thread, one at a time.
    """
    if len(content) > MAX_UPLOAD_BYTES:
        raise Invalid(f"The picture is too large: at most {MAX_UPLOAD_BYTES // 1024 // 1024} MB.")
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except BOMBS:
        raise Invalid(TOO_MANY_PIXELS) from None
    except UNREADABLE:
        raise Invalid(NO_PICTURE) from None
    with image:
        if image.width * image.height > MAX_PIXELS:
            raise Invalid(TOO_MANY_PIXELS)
        try:
            square = _square(image, side_px)
        except (*UNREADABLE, *BOMBS):
            raise Invalid(NO_PICTURE) from None
        if _is_fitted(image, content, side_px, limit_bytes):
            return Picture("image/webp", content)
    return Picture("image/webp", _encoded(square, limit_bytes))


def _square(image: Image.Image, side_px: int) -> Image.Image:
    """The middle of the picture, upright, with its pixels and nothing else."""
    turn = _turn(image)
    image.draft("RGB", (2 * side_px, 2 * side_px))  # a JPEG is decoded as small as it may be
    cut = _middle(image, side_px)
    if cut.width > side_px:
        cut = cut.resize((side_px, side_px), Image.Resampling.LANCZOS)
    if turn is not None:
        cut = cut.transpose(turn)
    return Image.frombytes(cut.mode, cut.size, cut.tobytes())


def _middle(image: Image.Image, side_px: int) -> Image.Image:
    """The middle square, at least twice as wide as it is to be where it was that.

    It is made strip by strip: converted or made smaller as a whole, a large picture would be in memory three times.
    """
    mode = "RGBA" if image.has_transparency_data else "RGB"
    side = min(image.size)
    factor = max(1, side // (2 * side_px))
    width = side // factor
    left, top = (image.width - width * factor) // 2, (image.height - width * factor) // 2
    middle = Image.new(mode, (width, width))
    for row in range(0, width, STRIP_ROWS):
        rows = min(STRIP_ROWS, width - row)
        box = (left, top + row * factor, left + width * factor, top + (row + rows) * factor)
        middle.paste(image.crop(box).convert(mode).reduce(factor), (0, row))
    return middle


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except UNREADABLE:  # what the camera wrote is broken, not the picture
        return None


def _encoded(image: Image.Image, limit_bytes: int) -> bytes:
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            image.save(out, "WEBP", quality=quality, alpha_quality=quality, method=4)
            if out.tell() <= limit_bytes:
                return out.getvalue()
        image = image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.LANCZOS)


def _is_fitted(image: Image.Image, content: bytes, side_px: int, limit_bytes: int) -> bool:
    """Whether nothing has to be done to a picture."""
    is_small = image.width == image.height <= side_px and len(content) <= limit_bytes
    return is_small and image.format == "WEBP" and not getattr(image, "is_animated", False) and _is_bare(content)


def _is_bare(webp: bytes) -> bool:
    """Whether a WebP file holds pixels and nothing else, also behind its end."""
    at = RIFF_HEADER_BYTES
    while at < len(webp):
        if at + CHUNK_HEADER.size > len(webp):
            return False
        name, size_bytes = CHUNK_HEADER.unpack_from(webp, at)
        if name not in SEEN_CHUNKS:
            return False
        at += CHUNK_HEADER.size + size_bytes + size_bytes % 2
    return at == len(webp) and int.from_bytes(webp[4:8], "little") + 8 == len(webp)
