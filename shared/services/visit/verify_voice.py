"""One spoken attempt: the right person, the right words, never heard before. Judged once, whatever is repeated."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from shared.containers import SESSION_LOG
from shared.domain import events as e
from shared.domain.errors import AlreadyExists, MediaRejected, NotFound
from shared.domain.phrase import PhraseChallenge, phrase_digits
from shared.domain.recording import CONTAINER, RecordingKind, parse_recording
from shared.domain.session import Factor, Session, State
from shared.domain.transitions import Refused
from shared.domain.voice import VoiceAnalysis
from shared.logs import say
from shared.ports import Body, Clock, Documents, Media, Randomness, VoiceEngine
from shared.services.enrolment.at_kiosk import Enrolment
from shared.services.enrolment.learning import Learning
from shared.services.people.heard import Heard, clip_of
from shared.services.people.languages import Languages
from shared.services.people.templates import Kind, Templates
from shared.services.session.scene import Scenes
from shared.services.session.store import SessionStore
from shared.services.visit.aftermath import Aftermath
from shared.services.visit.progress import Progress

_SPOKEN = frozenset({State.VOICE, State.ENROLLING})


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRule:
    """Thresholds of `VoiceEngine`'s numbers (docs/engines.md), and what is to be read, by the customer's language.

    A language without a sentence has the digits alone.
    """

    speaker: float
    sentence: float
    digits: float
    speech_s: float
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`why` is for the timeline and the console: one word, never a score."""

    passed: bool
    counts: bool
    problem: str | None
    why: str


class VerifyVoice:
    def __init__(
        self,
        documents: Documents,
        sessions: SessionStore,
        scenes: Scenes,
        templates: Templates,
        media: Media,
        engine: VoiceEngine,
        clock: Clock,
        randomness: Randomness,
        aftermath: Aftermath,
        progress: Progress,
        enrolment: Enrolment,
        heard: Heard,
        learning: Learning,
        languages: Languages,
        rule: VoiceRule,
    ) -> None:
        self._progress = progress
        self._enrolment = enrolment
        self._documents = documents
        self._sessions = sessions
        self._scenes = scenes
        self._templates = templates
        self._media = media
        self._engine = engine
        self._clock = clock
        self._randomness = randomness
        self._aftermath = aftermath
        self._heard = heard
        self._learning = learning
        self._languages = languages
        self._rule = rule

    def clip(self, name: str, wav: bytes | None = None) -> None:
        """Handle a stored clip; repeating it, or naming anything else, changes nothing. Raises Unavailable."""
        recording = parse_recording(name)
        if recording is None or recording.kind is not RecordingKind.VOICE:
            return
        try:
            session = self._sessions.load(recording.session).session
        except NotFound:
            return
        phrase = session.phrase
        if session.state not in _SPOKEN or phrase is None or phrase.attempt != recording.number:
            return
        judgement = self._judgement(session, phrase, wav if wav is not None else self._media.read(CONTAINER, name))
        self._apply(session, recording.number, judgement)

    def _apply(self, session: Session, attempt: int, judgement: Judgement) -> None:
        taken = session.state is State.ENROLLING and judgement.passed
        more = taken and self._enrolment.clip_taken(session, attempt)

        def checked(now: Session) -> e.VoiceChecked | e.EnrolmentVoiceTaken:
            scene = self._scenes.of(now)
            digits = phrase_digits(self._randomness.bytes(8))
            if taken:
                return e.EnrolmentVoiceTaken(
                    at=scene.at,
                    attempt=attempt,
                    seq=scene.analysed_seq,
                    more=more,
                    digits=digits,
                    presence=scene.presence,
                )
            return e.VoiceChecked(
                at=scene.at,
                attempt=attempt,
                passed=judgement.passed,
                seq=scene.analysed_seq,
                digits=digits,
                problem=judgement.problem,
                counts=judgement.counts,
                presence=scene.presence,
            )

        try:
            after, changed = self._sessions.change(session.id, checked)
        except Refused as refusal:
            say(logging.INFO, "clip came too late", session=session.id, attempt=attempt, why=refusal.code)
            return
        if changed:
            self._aftermath.of(session, after)
            self._languages.after(session, after)
            self._learning.after(session, after)
        if after.state is State.ENROLLING and after.passed(Factor.VOICE):
            self._progress.advance(session.id)

    def _judgement(self, session: Session, phrase: PhraseChallenge, wav: bytes) -> Judgement:
        """The first judgement of an attempt stands: it is written down before it is applied."""
        place = f"voice.{phrase.attempt:02d}"
        known = self._documents.get(SESSION_LOG, session.id, place)
        if known is None:
            judged = self._judge(session, phrase, wav)
            body: Body = {
                "kind": "voice",
                "passed": judged.passed,
                "counts": judged.counts,
                "problem": judged.problem,
                "why": judged.why,
            }
            try:
                self._documents.create(SESSION_LOG, session.id, place, body)
            except AlreadyExists:
                known = self._documents.get(SESSION_LOG, session.id, place)
            else:
                return judged
        if known is None:
            raise NotFound("the judgement vanished")
        body = known.body
        problem = body["problem"]
        return Judgement(
            passed=body["passed"] is True,
            counts=body["counts"] is True,
            problem=problem if isinstance(problem, str) else None,
            why=str(body["why"]),
        )

    def _judge(self, session: Session, phrase: PhraseChallenge, wav: bytes) -> Judgement:
        try:
            heard = self._engine.analyse(wav, self._sentence(session), phrase.digits)
        except MediaRejected:
            return Judgement(False, False, "try_again", "unreadable")
        if heard.embedding is None or heard.speech_s < self._rule.speech_s:
            return Judgement(False, False, "too_short", "too_short")
        if session.state is State.ENROLLING:
            why = self._enrolment_objection(session, heard)
        else:
            why = self._objection(session, phrase.attempt, heard)
        return Judgement(why is None, True, "try_again" if why else None, why or "passed")

    def _objection(self, session: Session, attempt: int, heard: VoiceAnalysis) -> str | None:
        person = session.person
        if person is None or heard.embedding is None:
            return "nobody"
        clip = clip_of(session.id, attempt)
        if self._heard.before(person, heard, clip):
            return "repeated"
        self._heard.remember(person, heard, clip)
        profiles = self._templates.of(person, Kind.VOICE, self._engine.model)
        if not any(self._engine.similarity(p.embedding, heard.embedding) >= self._rule.speaker for p in profiles):
            return "speaker"
        return self._misread(session, heard)

    def _enrolment_objection(self, session: Session, heard: VoiceAnalysis) -> str | None:
        """A new voice is compared with its own earlier phrases: one speaker, three readings."""
        embedding = heard.embedding
        if embedding is None:
            return "nobody"
        earlier = self._enrolment.voices(session)
        if not all(self._engine.similarity(known, embedding) >= self._rule.speaker for known in earlier):
            return "speaker"
        return self._misread(session, heard)

    def _sentence(self, session: Session) -> str:
        return self._rule.sentences.get(session.language, "")

    def _misread(self, session: Session, heard: VoiceAnalysis) -> str | None:
        score = heard.phrase
        if score is None:
            return "sentence"
        if self._sentence(session) and (score.sentence is None or score.sentence < self._rule.sentence):
            return "sentence"
        return "digits" if score.digits is None or score.digits < self._rule.digits else None
