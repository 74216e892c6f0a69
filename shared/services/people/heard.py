"""The clips a person was heard in before, as fingerprints: the same audio is not taken a second time.

Kept like templates: sealed, bound to the person and the model, gone with the person. Beyond one visit, and from the
registration on; bounded, the oldest go first.
"""

from shared.domain.errors import AlreadyExists
from shared.domain.voice import VoiceAnalysis
from shared.ports import Clock, VoiceEngine
from shared.services.people.templates import Kind, Templates


class Heard:
    """`keep`: how many clips are remembered a person; `alike`: from here two fingerprints are one recording."""

    def __init__(self, templates: Templates, engine: VoiceEngine, clock: Clock, keep: int, alike: float) -> None:
        self._templates = templates
        self._engine = engine
        self._clock = clock
        self._keep = keep
        self._alike = alike

    def before(self, person: str, heard: VoiceAnalysis, clip: str) -> bool:
        """Whether this audio was heard earlier, in another clip than `clip`.

        Every remembered clip is compared, whatever the first ones say: how long it takes tells nothing.
        """
        earlier = [t for t in self._templates.of(person, Kind.FINGERPRINT, heard.model) if t.id != _place(clip)]
        scores = [self._engine.repeat(known.embedding, heard.fingerprint) for known in earlier]
        return max(scores, default=0.0) >= self._alike

    def remember(self, person: str, heard: VoiceAnalysis, clip: str) -> None:
        """Keep the fingerprint of a clip; remembering it again changes nothing."""
        known = self._templates.of(person, Kind.FINGERPRINT)
        if any(t.id == _place(clip) for t in known):
            return
        for old in known[: max(0, len(known) - self._keep + 1)]:
            self._templates.remove(person, old.id)
        try:
            at = self._clock.now()
            self._templates.add(person, Kind.FINGERPRINT, heard.model, heard.fingerprint, at=at, id=_place(clip))
        except AlreadyExists:
            return


def clip_of(session_id: str, attempt: int) -> str:
    """The clip's name among a person's fingerprints."""
    return f"{session_id}.{attempt:02d}"


def _place(clip: str) -> str:
    return f"fingerprint.{clip}"
