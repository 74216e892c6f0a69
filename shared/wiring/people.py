"""What is kept of people, and of the kiosks they come to."""

from shared.services.kiosks.pairing import Kiosks
from shared.services.kiosks.starts import KioskSessions
from shared.services.messages.notices import Notices
from shared.services.people.authenticators import Authenticators
from shared.services.people.heard import Heard
from shared.services.people.languages import Languages
from shared.services.people.numbers import Numbers
from shared.services.people.registry import People
from shared.services.people.templates import Templates
from shared.wiring.once import once
from shared.wiring.oversight import Oversight


class KnownPeople(Oversight):
    @once
    def kiosks(self) -> Kiosks:
        return Kiosks(self.documents, self.keys, self.clock, self.randomness, self.limits)

    @once
    def kiosk_sessions(self) -> KioskSessions:
        return KioskSessions(self.limits, self.settings.limit_sessions_kiosk_minute)

    @once
    def people(self) -> People:
        return People(self.documents, self.keys, self.clock, self.randomness)

    @once
    def templates(self) -> Templates:
        return Templates(self.documents, self.keys, self.randomness)

    @once
    def heard(self) -> Heard:
        voice = self.settings.voice
        return Heard(self.templates, self.voice_engine, self.clock, voice.remembered, voice.repeat)

    @once
    def authenticators(self) -> Authenticators:
        return Authenticators(
            self.documents,
            self.keys,
            self.authenticator_codes,
            self.clock,
            self.randomness,
            self.limits,
            self.settings.bank_name,
        )

    @once
    def languages(self) -> Languages:
        return Languages(self.people)

    @once
    def numbers(self) -> Numbers:
        return Numbers(self.settings.sms_country)

    @once
    def notices(self) -> Notices:
        return Notices(self.people, self.sms, self.limits, self.kiosks)
