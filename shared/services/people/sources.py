"""The pictures that templates were made from: frames of a registration, and photos that staff took."""

from shared.domain.errors import NotFound
from shared.domain.recording import CONTAINER as RECORDINGS
from shared.domain.recording import parse_recording
from shared.ports import Media

PHOTOS = "photos"
PHOTO = "photo"
"""The kind of document of a photo that waits for a second operator."""
_PREFIX = f"{PHOTOS}/"


def photo_source(person: str, photo: str) -> str:
    """What a template says of a photo that staff took."""
    return f"{_PREFIX}{photo_blob(person, photo)}"


def photo_blob(person: str, photo: str) -> str:
    """The photo's name in its container."""
    return f"{person}/{photo}.jpg"


def picture(media: Media, source: str) -> bytes:
    """Raises NotFound for a picture that is kept no more."""
    if source.startswith(_PREFIX):
        return media.read(PHOTOS, source.removeprefix(_PREFIX))
    if parse_recording(source) is None:
        raise NotFound("no such picture")
    return media.read(RECORDINGS, source)
