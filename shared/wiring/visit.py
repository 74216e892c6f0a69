"""The steps of a visit."""

import os

from shared.domain.recording import RecordingKind, recording_name
from shared.domain.session import Session
from shared.services.visit.aftermath import Aftermath
from shared.services.visit.customer import Visit
from shared.services.visit.cut_off import CutOff
from shared.services.visit.handling import Handling
from shared.services.visit.identify import Identify
from shared.services.visit.progress import Progress
from shared.services.visit.sweep import Sweep
from shared.services.visit.turns import HandTurns, Turns
from shared.services.visit.verify_voice import VerifyVoice, VoiceRule
from shared.services.visit.view import Views
from shared.services.visit.watch import Watch
from shared.settings import FaceProvider
from shared.wiring.enrolment import Enrolling
from shared.wiring.once import once

_WAITING_HANDS = 8


class VisitSteps(Enrolling):
    @once
    def aftermath(self) -> Aftermath:
        return Aftermath(
            self.timeline,
            self.messages,
            self.standing,
            self.live,
            self.visit_index,
            self.attention,
            self.notices,
            self.strangers,
        )

    @once
    def cut_off(self) -> CutOff:
        return CutOff(self.sessions, self.live, self.aftermath, self.clock)

    @once
    def visit(self) -> Visit:
        return Visit(
            self.sessions,
            self.log,
            self.scenes,
            self.people,
            self.standing,
            self.media,
            self.keys,
            self.clock,
            self.randomness,
            self.aftermath,
            self.live,
            self.visit_index,
            self.timeline,
            self.authenticators,
            self.languages,
        )

    @once
    def progress(self) -> Progress:
        return Progress(
            self.sessions,
            self.log,
            self.people,
            self.standing,
            self.keys,
            self.clock,
            self.randomness,
            self.policy,
            self.aftermath,
            self.enrolment,
            self.challenges,
        )

    @once
    def identify(self) -> Identify:
        return Identify(
            self.sessions,
            self.log,
            self.media,
            self.analyses,
            self.face_engine,
            self.gallery,
            self.feed,
            self.progress,
            self.recognition,
            self.likeness,
            self.enrolment,
            self.strangers,
        )

    @once
    def verify_voice(self) -> VerifyVoice:
        s, voice = self.settings, self.settings.voice
        rule = VoiceRule(
            speaker=voice.speaker,
            sentence=voice.sentence,
            digits=voice.digits,
            speech_s=voice.min_speech_s,
            sentences=s.voice_sentences,
        )
        return VerifyVoice(
            self.documents,
            self.sessions,
            self.scenes,
            self.templates,
            self.media,
            self.voice_engine,
            self.clock,
            self.randomness,
            self.aftermath,
            self.progress,
            self.enrolment,
            self.heard,
            self.learning,
            self.languages,
            rule,
        )

    @once
    def analysing(self) -> Turns:
        """One hand for each core, at least two; more where it mostly waits for the Face service."""
        remote = self.settings.face_provider is FaceProvider.AZURE
        return HandTurns("analysing", _WAITING_HANDS if remote else max(2, os.cpu_count() or 1))

    @once
    def indexing(self) -> Turns:
        return HandTurns("indexing", 2)

    @once
    def handling(self) -> Handling:
        return Handling(
            self.sessions,
            self.analysing,
            self.indexing,
            lambda: self.identify,
            lambda: self.verify_voice,
            self.index,
        )

    @once
    def watch(self) -> Watch:
        return Watch(
            self.sessions,
            self.log,
            self.scenes,
            self.media,
            self.handling,
            self.progress,
            self.messages,
            self.aftermath,
            self.clock,
        )

    @once
    def sweep(self) -> Sweep:
        return Sweep(self.live, self.watch, self.visit_index, self.clock)

    @once
    def views(self) -> Views:
        s = self.settings
        return Views(
            self.people,
            self.recipients,
            self.enrolment,
            self.policy,
            s.voice_sentences,
            s.help_telephone,
            s.kiosk_greet_at_once,
            self.authenticators,
        )

    def inline_frame(self, session: Session, seq: int, image: bytes) -> None:
        """ANALYSE=inline: what the event would do, in the upload's own request."""
        self.handling.frame(str(recording_name(session.id, RecordingKind.FRAME, seq)), image).result()

    def inline_voice(self, session: Session, attempt: int, clip: bytes) -> None:
        self.handling.clip(str(recording_name(session.id, RecordingKind.VOICE, attempt)), clip).result()
