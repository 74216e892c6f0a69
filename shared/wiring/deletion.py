"""What goes, and what keeps it."""

from collections.abc import Callable

from shared.domain.retention import Kept, RetentionRule
from shared.domain.visit_facts import Outcome
from shared.services.deletion.belongings import Belongings
from shared.services.deletion.erase import Erase
from shared.services.deletion.held_visits import HeldVisits
from shared.services.deletion.holds import Holds
from shared.services.deletion.removal import Removal
from shared.services.deletion.retention import Retention
from shared.wiring.once import once
from shared.wiring.teller import TellerScreen


class Deletion(TellerScreen):
    @once
    def holds(self) -> Holds:
        return Holds(self.documents, self.clock, self.randomness, self.audit, self.people, self.visit_index)

    @once
    def held_visits(self) -> HeldVisits:
        return HeldVisits(self.holds, self.visit_index, self.visit_queries)

    def copies(self) -> tuple[Callable[[frozenset[str]], None], ...]:
        """What removes whatever was made of the recordings of some visits."""
        return (
            self.thumbnails.forget,
            self.exports.forget,
            self.strangers.forget,
            lambda sessions: self.face_search.forget(frozenset(), sessions),
        )

    @once
    def removal(self) -> Removal:
        return Removal(self.documents, self.media, self.templates, self.visit_index, self.copies)

    @once
    def retention(self) -> Retention:
        s = self.settings
        shown = s.recording_days  # to everybody who stands in front
        rules = (
            RetentionRule(Kept.FRAME, Outcome.GRANTED, min(s.retention_granted_days, shown)),
            RetentionRule(Kept.FRAME, Outcome.DENIED, min(s.retention_denied_days, shown)),
            RetentionRule(Kept.FRAME, None, shown),
            RetentionRule(Kept.VOICE, None, min(s.retention_voice_days, shown)),
            RetentionRule(Kept.VISIT, None, max(s.retention_visit_days, shown)),
        )
        return Retention(self.documents, self.clock, self.audit, self.holds, self.removal, rules, s.retention_batch)

    @once
    def belongings(self) -> Belongings:
        return Belongings(
            self.documents,
            self.media,
            self.people,
            self.templates,
            self.keys,
            self.visit_index,
            (*self.copies(), self._discard_poison),
            (
                self.attention.forget,
                self.phone_changes.forget,
                lambda person: self.face_search.forget(frozenset({person}), frozenset()),
            ),
        )

    def _discard_poison(self, sessions: frozenset[str]) -> None:
        self.poison.discard(sessions)

    @once
    def erase(self) -> Erase:
        return Erase(
            self.documents,
            self.people,
            self.belongings,
            self.feed,
            self.snapshots,
            self.cut_off,
            self.clock,
            self.audit,
            held=self.holds.on_person,
            recognition=lambda: self.recognition,
        )
