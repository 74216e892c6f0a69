"""How people become known, and are known better."""

from datetime import timedelta

from shared.services.enrolment.at_kiosk import Enrolment
from shared.services.enrolment.commit import EnrolmentCommit
from shared.services.enrolment.from_files import Enrol
from shared.services.enrolment.learning import Learning, LearnRule
from shared.services.enrolment.recompute import Recompute
from shared.wiring.gallery import KnownFaces
from shared.wiring.once import once


class Enrolling(KnownFaces):
    @once
    def enrolment(self) -> Enrolment:
        return Enrolment(
            self.sessions,
            self.log,
            self.drafts,
            self.people,
            self.keys,
            self.clock,
            self.randomness,
            lambda: self.analyses,
            lambda: self.face_engine,
            lambda: self.enrolment_commit,
            self.match_rule,
            self.settings.face.enrol_min_norm,
            self.challenges,
        )

    @once
    def enrolment_commit(self) -> EnrolmentCommit:
        return EnrolmentCommit(
            self.people,
            self.templates,
            self.feed,
            self.media,
            self.analyses,
            self.face_engine,
            self.voice_engine,
            self.gallery,
            self.heard,
            self.clock,
            self.recognition,
            self.policy.enrolment,
            self.settings.local_host,
            self.attention,
            self.notices,
            self.authenticators,
        )

    @once
    def enrol(self) -> Enrol:
        return Enrol(
            self.media,
            self.people,
            self.templates,
            self.feed,
            self.face_engine,
            self.voice_engine,
            self.heard,
            self.clock,
            self.settings.face.enrol_min_norm,
            self.recognition,
        )

    @once
    def learning(self) -> Learning:
        face = self.settings.face
        rule = LearnRule(
            match=self.match_rule,
            every=timedelta(days=face.learn_days),
            most=face.learn_most,
            min_norm=face.enrol_min_norm,
        )
        return Learning(
            self.people,
            self.templates,
            self.feed,
            self.gallery,
            self.face_engine,
            self.analyses,
            self.log,
            self.clock,
            rule,
        )

    @once
    def recompute(self) -> Recompute:
        return Recompute(
            self.documents,
            self.media,
            self.people,
            self.templates,
            self.feed,
            self.face_engine,
            self.clock,
        )
