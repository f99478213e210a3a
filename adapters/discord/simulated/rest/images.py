"""Pictures that come as data URIs: avatars. Source: docs, reference, "Image Data"."""

import base64
import binascii
import hashlib
import re

from adapters.discord.simulated.problems import Problem, refuse_if_any
from adapters.discord.simulated.world.world import StoredFile, World

DATA_URI = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,(.+)", re.DOTALL)
SIZES_ASKED = ("png", "webp", "jpg", "gif")


def keep_avatar(world: World, owner_id: int, data_uri: str | None) -> str | None:
    """Put the picture where the CDN finds it, and give its hash."""
    if data_uri is None:
        return None
    match = DATA_URI.fullmatch(data_uri)
    try:
        data = b"" if match is None else base64.b64decode(match[2], validate=True)
    except binascii.Error:
        data = b""
    if match is None or not data:
        words = "The resource must be an image given as a data URI"
        refuse_if_any([Problem("avatar", "IMAGE_INVALID", words)])
    assert match is not None, "it was refused otherwise"
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    for extension in SIZES_ASKED:
        world.files[f"avatars/{owner_id}/{digest}.{extension}"] = StoredFile(data, match[1])
    return digest


def hash_of_url(url: str) -> str:
    """What stands for a picture that Discord would fetch; the simulated one fetches nothing."""
    return hashlib.md5(url.encode(), usedforsecurity=False).hexdigest()
