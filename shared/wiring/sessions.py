"""What is kept of a session, and its messages."""

from shared.services.attention.review import AttentionReview
from shared.services.attention.two_places import TwoPlaces
from shared.services.messages.deliveries import Deliveries
from shared.services.messages.pin import Messages, SmsLimits
from shared.services.messages.recipients import Recipients
from shared.services.session.analysis import Analyses
from shared.services.session.challenges import Challenges
from shared.services.session.enrolment_draft import Drafts
from shared.services.session.frame_log import FrameLog
from shared.services.session.live import LiveVisits
from shared.services.session.scene import Scenes
from shared.services.session.store import SessionStore
from shared.services.session.timeline import Timeline
from shared.services.visit.standing import FailureLimits, Standing
from shared.services.visit.waits import Waits
from shared.wiring.once import once
from shared.wiring.people import KnownPeople


class Sessions(KnownPeople):
    @once
    def sessions(self) -> SessionStore:
        return SessionStore(self.documents, self.clock, self.randomness, self.policy)

    @once
    def log(self) -> FrameLog:
        return FrameLog(self.documents, self.settings.frames_most, self.settings.limit_frames_second)

    @once
    def timeline(self) -> Timeline:
        return Timeline(self.documents)

    @once
    def challenges(self) -> Challenges:
        policy = self.policy
        return Challenges(self.documents, self.randomness, policy.challenge_orders, nods=policy.challenge_nods)

    @once
    def scenes(self) -> Scenes:
        return Scenes(self.log, self.clock, self.policy)

    @once
    def live(self) -> LiveVisits:
        return LiveVisits(self.documents)

    @once
    def analyses(self) -> Analyses:
        return Analyses(self.media, self.face_engine)

    @once
    def drafts(self) -> Drafts:
        return Drafts(self.documents, self.keys)

    @once
    def waits(self) -> Waits:
        return Waits(self.documents, self.clock)

    @once
    def standing(self) -> Standing:
        s = self.settings
        allowed = FailureLimits(
            s.limit_wrong_pins_day, s.limit_wrong_pins_total, s.limit_doubt_after, s.limit_biometric_off
        )
        return Standing(self.documents, self.sessions, self.limits, self.clock, allowed, self.attention, self.waits)

    @once
    def two_places(self) -> TwoPlaces:
        return TwoPlaces(self.documents, self.keys, self.clock, self.sessions, self.live, self.log, self.attention)

    @once
    def recipients(self) -> Recipients:
        return Recipients(self.people, self.drafts)

    @once
    def messages(self) -> Messages:
        s = self.settings
        return Messages(
            self.sessions,
            self.people,
            self.recipients,
            self.kiosks,
            self.sms,
            self.keys,
            self.clock,
            self.limits,
            self.timeline,
            SmsLimits(s.limit_sms_phone_hour, s.limit_sms_phone_day, s.limit_sms_kiosk_hour),
        )

    @once
    def deliveries(self) -> Deliveries:
        return Deliveries(self.sessions, self.timeline, self.clock)

    @once
    def attention_review(self) -> AttentionReview:
        return AttentionReview(
            self.attention, self.sessions, self.people, self.standing.barred, self.kiosks, lambda: self.poison
        )
