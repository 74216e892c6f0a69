"""What operators do with people and kiosks."""

from datetime import timedelta

from shared.services.kiosks.admin import KioskAdmin
from shared.services.limits import Limit
from shared.services.operators.assistance import Assistance
from shared.services.operators.first_words import FirstWords
from shared.services.operators.vouching import Vouching
from shared.services.people_admin.care import PeopleAdmin
from shared.services.people_admin.csv_export import PeopleExport
from shared.services.people_admin.csv_import import PeopleImport
from shared.services.people_admin.phone_changes import PhoneChanges
from shared.services.people_admin.phones_due import PhonesDue
from shared.services.people_admin.photos import Photos
from shared.wiring.once import once
from shared.wiring.visit import VisitSteps


class Administration(VisitSteps):
    @once
    def kiosk_admin(self) -> KioskAdmin:
        return KioskAdmin(self.kiosks, self.cut_off.kiosk, self.audit)

    @once
    def people_admin(self) -> PeopleAdmin:
        return PeopleAdmin(
            self.documents,
            self.media,
            self.people,
            self.templates,
            self.standing,
            self.feed,
            self.cut_off,
            self.audit,
            self.notices,
        )

    @once
    def people_import(self) -> PeopleImport:
        return PeopleImport(self.people, self.numbers, self.audit, self.settings.people_import_most)

    @once
    def people_export(self) -> PeopleExport:
        return PeopleExport(self.people, self.people_admin, self.audit)

    @once
    def photos(self) -> Photos:
        return Photos(
            self.documents,
            self.media,
            self.people,
            self.templates,
            self.feed,
            lambda: self.face_engine,
            lambda: self.recognition,
            self.audit,
            self.clock,
            self.randomness,
            self.match_rule,
            self.settings.face.enrol_min_norm,
        )

    @once
    def phone_changes(self) -> PhoneChanges:
        s = self.settings
        per_phone = (
            Limit("sms-hour", s.limit_sms_phone_hour, timedelta(hours=1)),
            Limit("sms-day", s.limit_sms_phone_day, timedelta(days=1)),
        )
        return PhoneChanges(
            self.documents,
            self.people,
            self.sms,
            self.notices,
            self.limits,
            per_phone,
            self.keys,
            self.clock,
            self.randomness,
        )

    @once
    def phones_due(self) -> PhonesDue:
        return PhonesDue(self.documents, self.people, self.notices, self.keys, self.clock)

    @once
    def assistance(self) -> Assistance:
        return Assistance(
            self.media,
            self.sessions,
            self.live,
            self.log,
            self.first_words,
            self.kiosks,
            self.aftermath,
            self.timeline,
            self.audit,
            self.clock,
        )

    @once
    def first_words(self) -> FirstWords:
        return FirstWords(self.documents)

    @once
    def vouching(self) -> Vouching:
        return Vouching(
            self.assistance,
            self.first_words,
            self.sessions,
            self.log,
            self.people,
            self.kiosks,
            self.standing,
            self.aftermath,
            self.timeline,
            self.notices,
            self.audit,
            self.keys,
            self.clock,
            self.randomness,
        )
