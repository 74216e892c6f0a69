"""The hand-off and the teller screen."""

from shared.services.teller.handoff import Handoffs
from shared.services.teller.ledger import Ledger
from shared.services.teller.own_authenticator import OwnAuthenticator
from shared.services.teller.own_phone import OwnPhone
from shared.services.teller.screen import Teller
from shared.wiring.admin import Administration
from shared.wiring.once import once


class TellerScreen(Administration):
    @once
    def handoff(self) -> Handoffs:
        return Handoffs(
            self.sessions,
            self.scenes,
            self.people,
            self.keys,
            self.clock,
            self.randomness,
            self.timeline,
            self.aftermath,
            audience=self.settings.handoff_audience,
            valid=self.policy.handoff_valid,
        )

    @once
    def ledger(self) -> Ledger:
        return Ledger(self.documents, self.clock, self.randomness, opens=self.settings.local_host)

    @once
    def teller(self) -> Teller:
        return Teller(
            self.handoff, self.sessions, self.people, self.ledger, self.timeline, self.randomness, self.watch.look
        )

    @once
    def own_phone(self) -> OwnPhone:
        return OwnPhone(self.phone_changes, self.teller, self.people, self.numbers, self.audit)

    @once
    def own_authenticator(self) -> OwnAuthenticator:
        return OwnAuthenticator(
            self.authenticators,
            self.teller,
            self.scenes,
            self.drafts,
            self.people,
            self.notices,
            self.audit,
            self.clock,
        )
