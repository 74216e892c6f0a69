"""The one place that chooses implementations. All is made when first asked for: an HTTP instance loads no engine."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from shared.adapters.cursors import Cursors
from shared.adapters.identity import azure_identity
from shared.adapters.keyring import Keyring
from shared.adapters.opaque_references import OpaqueReferences
from shared.adapters.spans import Spans, spans
from shared.adapters.system import SystemClock, SystemRandomness
from shared.containers import ALL
from shared.domain.audit_chain import Broken
from shared.domain.bands import SearchFor
from shared.domain.confidence import ConfidenceRule
from shared.domain.credentials import parse_credentials
from shared.domain.frames import Likeness
from shared.domain.match import MatchRule
from shared.domain.recording import RecordingKind, recording_name
from shared.domain.retention import Kept, RetentionRule
from shared.domain.session import Session
from shared.domain.visit_facts import Outcome
from shared.domain.wav_header import WavLimits
from shared.ports import (
    Documents,
    FaceEngine,
    FaceService,
    Media,
    MutableGallery,
    PoisonQueues,
    Sms,
    SmsReports,
    Thumbnailer,
    VoiceEngine,
)
from shared.services.aftermath import Aftermath
from shared.services.analysis import Analyses
from shared.services.assistance import Assistance
from shared.services.attention import Attention, Matter
from shared.services.attention_review import AttentionReview
from shared.services.audit import Audit
from shared.services.audit_chain import AuditChain
from shared.services.audit_seal import AuditSealer
from shared.services.audit_verify import AuditVerify
from shared.services.authenticators import Authenticators
from shared.services.belongings import Belongings
from shared.services.challenges import Challenges
from shared.services.cut_off import CutOff
from shared.services.deliveries import Deliveries
from shared.services.enrol import Enrol
from shared.services.enrolment import Enrolment
from shared.services.enrolment_commit import EnrolmentCommit
from shared.services.enrolment_draft import Drafts
from shared.services.erase import Erase
from shared.services.export_visit import ExportVisits
from shared.services.export_work import ExportWork
from shared.services.exports import Exports
from shared.services.face_search import FaceSearch
from shared.services.first_words import FirstWords
from shared.services.frame_log import FrameLog
from shared.services.gallery_feed import GalleryFeed
from shared.services.gallery_log import GalleryLog
from shared.services.gallery_snapshot import SnapshotRule, Snapshots
from shared.services.gallery_source import GallerySource
from shared.services.handoff import Handoffs
from shared.services.health import Health
from shared.services.heard import Heard
from shared.services.held_visits import HeldVisits
from shared.services.holds import Holds
from shared.services.identify import Identify
from shared.services.index import RecordingIndex
from shared.services.kiosk_admin import KioskAdmin
from shared.services.kiosks import Kiosks
from shared.services.languages import Languages
from shared.services.learning import Learning, LearnRule
from shared.services.ledger import Ledger
from shared.services.limits import Limit, Limits
from shared.services.live import LiveVisits
from shared.services.live_view import LiveViews
from shared.services.measured import Latencies, MeasuredFaceEngine, MeasuredSms, MeasuredVoiceEngine
from shared.services.messages import Messages, SmsLimits
from shared.services.notices import Notices
from shared.services.numbers import Numbers
from shared.services.operators import Operators, SignIn, SignInRule
from shared.services.own_authenticator import OwnAuthenticator
from shared.services.own_phone import OwnPhone
from shared.services.people import People
from shared.services.people_admin import PeopleAdmin
from shared.services.people_export import PeopleExport
from shared.services.people_import import PeopleImport
from shared.services.phone_changes import PhoneChanges
from shared.services.phones_due import PhonesDue
from shared.services.photos import Photos
from shared.services.progress import Progress
from shared.services.rebuild import Rebuild
from shared.services.recipients import Recipients
from shared.services.recognition import GalleryRecognition, Recognition
from shared.services.recompute import Recompute
from shared.services.reconcile import Reconcile
from shared.services.recording_check import RecordingCheck
from shared.services.recordings import Recordings
from shared.services.remote_catch_up import RemoteCatchUp
from shared.services.remote_copies import RemoteCopies
from shared.services.remote_recognition import RemoteRecognition
from shared.services.remote_training import RemoteTraining
from shared.services.removal import Removal
from shared.services.reports import Reports
from shared.services.retention import Retention
from shared.services.scene import Scenes
from shared.services.session_store import SessionStore
from shared.services.standing import FailureLimits, Standing
from shared.services.strangers import Strangers
from shared.services.sweep import Sweep
from shared.services.tallies import Tallies
from shared.services.teller import Teller
from shared.services.templates import Templates
from shared.services.thumbnails import Thumbnails
from shared.services.timeline import Timeline
from shared.services.two_places import TwoPlaces
from shared.services.verify_voice import VerifyVoice, VoiceRule
from shared.services.view import Views
from shared.services.viewing import Viewing
from shared.services.visit import Visit
from shared.services.visit_index import VisitIndex
from shared.services.visit_query import VisitQueries
from shared.services.vouching import Vouching
from shared.services.waits import Waits
from shared.services.warmth import Warmth
from shared.services.watch import Watch
from shared.settings import DocumentsKind, FaceProvider, Settings, SmsProvider, load_settings


class once[T](cached_property[T]):  # noqa: N801  # used as a decorator
    """A cached property that is made by one thread only."""

    if not TYPE_CHECKING:  # the type is the base class's

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            with instance.making:
                return super().__get__(instance, owner)


@cache
def settings() -> Settings:
    """This process's settings. Raises SettingsError."""
    return load_settings()


@cache
def app() -> "App":
    """This process's services."""
    return App(settings())


class KioskSessions:
    """How many visits a kiosk may start."""

    def __init__(self, limits: Limits, most: int) -> None:
        self._limits = limits
        self._limit = Limit("kiosk-sessions", most, timedelta(minutes=1))

    def take(self, kiosk: str) -> None:
        """Raises LimitReached."""
        self._limits.take(self._limit, kiosk)


class App:
    def __init__(self, chosen: Settings) -> None:
        self.making = threading.RLock()
        self.settings = chosen
        self.policy = chosen.policy
        self.clock = SystemClock()
        self.randomness = SystemRandomness()
        self.pause = time.sleep
        self.keys = Keyring(chosen.masters(), chosen.issuer)

    # --- outside ---

    @once
    def documents(self) -> Documents:
        s = self.settings
        cursors = Cursors(self.keys)
        if s.documents is DocumentsKind.SQLITE:
            from shared.adapters.sqlite_documents import SqliteDocuments

            safe = s.sqlite_power_loss_safe
            return SqliteDocuments(Path(s.sqlite_path), self.clock, cursors, power_loss_safe=safe)
        from shared.adapters.cosmos_documents import CosmosDocuments

        key = s.cosmos_key.get_secret_value() if s.cosmos_key else azure_identity()
        cosmos = CosmosDocuments(
            str(s.cosmos_endpoint),
            key,
            self.clock,
            cursors,
            database=s.cosmos_database,
            verify_tls=s.cosmos_verify_tls,
        )
        if s.local_host:
            cosmos.ensure_containers(ALL)
        return cosmos

    @once
    def media(self) -> Media:
        from shared.adapters.azure_media import AzureMedia

        if self.settings.storage_connection is not None:
            return AzureMedia.with_connection_string(self.settings.storage_connection.get_secret_value())
        return AzureMedia.with_identity(str(self.settings.storage_account_url), azure_identity())

    @once
    def poison(self) -> PoisonQueues:
        from shared.adapters.azure_poison import AzurePoisonQueues

        s = self.settings
        if s.storage_connection is not None:
            return AzurePoisonQueues.with_connection_string(s.storage_connection.get_secret_value())
        return AzurePoisonQueues.with_identity(
            str(s.storage_account_url).replace(".blob.", ".queue."), azure_identity()
        )

    @once
    def sms(self) -> Sms:
        s = self.settings
        if s.sms_provider is SmsProvider.DEVPHONE:
            from shared.adapters.devphone_sms import DevphoneSms

            return MeasuredSms(DevphoneSms(s.devphone_url), self.latencies, "devphone")
        from shared.adapters.twilio_sms import TwilioSms

        account, token = str(s.twilio_account_sid), s.twilio_auth_token
        twilio = TwilioSms(
            account,
            account,
            token.get_secret_value() if token else "",
            str(s.twilio_from),
            status_callback=s.twilio_status_callback,
            hide=self.references.hide,
            base_url=s.twilio_base_url,
        )
        return MeasuredSms(twilio, self.latencies, "twilio")

    @once
    def latencies(self) -> Latencies:
        return Latencies(self.clock)

    @once
    def spans(self) -> Spans:
        return spans()

    @once
    def references(self) -> OpaqueReferences:
        return OpaqueReferences(self.keys)

    @once
    def sms_reports(self) -> SmsReports | None:
        s = self.settings
        if s.sms_provider is not SmsProvider.TWILIO or s.twilio_auth_token is None or s.twilio_status_callback is None:
            return None
        from shared.adapters.twilio_reports import TwilioReports

        token = s.twilio_auth_token.get_secret_value()
        return TwilioReports(str(s.twilio_account_sid), token, s.twilio_status_callback, self.references)

    @once
    def face_service(self) -> FaceService:
        from shared.adapters.azure_face import AzureFace, by_identity, by_key
        from shared.adapters.azure_face_http import FaceHttp

        s = self.settings
        who = by_key(s.face_key.get_secret_value()) if s.face_key else by_identity(azure_identity())
        measure = partial(self.latencies.time, "azure face")
        return AzureFace(FaceHttp(str(s.face_endpoint), who, s.face_timeout_seconds, measure=measure), s.face_group)

    # --- engines ---

    @once
    def face_engine(self) -> FaceEngine:
        from shared.engines.face import EmbeddedFaceEngine

        embedded = EmbeddedFaceEngine(Path(self.settings.models_path), self.settings.face)
        return MeasuredFaceEngine(embedded, self.latencies)

    @once
    def voice_engine(self) -> VoiceEngine:
        from shared.engines.voice import EmbeddedVoiceEngine

        embedded = EmbeddedVoiceEngine(Path(self.settings.models_path), self.settings.voice)
        return MeasuredVoiceEngine(embedded, self.latencies)

    @once
    def gallery(self) -> MutableGallery:
        from shared.engines.gallery import MatrixGallery

        return MatrixGallery(self.face_engine.model, self.settings.face.learn_lift)

    # --- services ---

    @once
    def limits(self) -> Limits:
        return Limits(self.documents, self.clock)

    @once
    def audit(self) -> Audit:
        return Audit(self.documents, self.clock, self.randomness)

    @once
    def audit_chain(self) -> AuditChain:
        return AuditChain(self.documents, self.media, self.keys)

    @once
    def audit_sealer(self) -> AuditSealer:
        return AuditSealer(self.audit_chain, self.keys, self.clock, self.randomness, self.tampered)

    @once
    def audit_verify(self) -> AuditVerify:
        return AuditVerify(self.audit_chain, self.clock)

    def tampered(self, broken: Broken) -> None:
        """The audit is not what was written."""
        where = f"{broken.day}/{broken.entry}"
        self.attention.call(Matter.TAMPER, where, what="audit", day=broken.day, entry=broken.entry, why=broken.why)

    @once
    def attention(self) -> Attention:
        return Attention(self.documents, self.clock, self.audit)

    @once
    def attention_review(self) -> AttentionReview:
        return AttentionReview(
            self.attention, self.sessions, self.people, self.standing, self.kiosks, lambda: self.poison
        )

    @once
    def two_places(self) -> TwoPlaces:
        return TwoPlaces(self.documents, self.keys, self.clock, self.sessions, self.live, self.log, self.attention)

    @once
    def operators(self) -> Operators:
        s = self.settings
        rule = SignInRule(
            kind=SignIn(s.operators),
            tenant=s.operator_tenant,
            life=timedelta(hours=s.operator_hours),
            idle=timedelta(minutes=s.operator_idle_minutes),
            tries_name=s.limit_operator_tries,
            tries_address=s.limit_operator_tries_address,
        )
        credentials = parse_credentials(s.local_operators.get_secret_value())
        return Operators(self.documents, self.clock, self.randomness, self.limits, self.audit, credentials, rule)

    @once
    def kiosks(self) -> Kiosks:
        return Kiosks(self.documents, self.keys, self.clock, self.randomness, self.limits)

    @once
    def kiosk_admin(self) -> KioskAdmin:
        return KioskAdmin(self.kiosks, self.cut_off, self.audit)

    @once
    def cut_off(self) -> CutOff:
        return CutOff(self.sessions, self.live, self.aftermath, self.clock)

    @once
    def kiosk_sessions(self) -> KioskSessions:
        return KioskSessions(self.limits, self.settings.limit_sessions_kiosk_minute)

    @once
    def people(self) -> People:
        return People(self.documents, self.keys, self.clock, self.randomness)

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
    def notices(self) -> Notices:
        return Notices(self.people, self.sms, self.limits, self.kiosks)

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

    @once
    def holds(self) -> Holds:
        return Holds(self.documents, self.clock, self.randomness, self.audit, self.people, self.visit_index)

    def copies(self) -> tuple[Callable[[frozenset[str]], None], ...]:
        """What removes whatever was made of the recordings of some visits."""
        return (
            self.thumbnails.forget,
            self.exports.forget,
            self.strangers.forget,
            lambda sessions: self.face_search.forget(frozenset(), sessions),
        )

    def _discard_poison(self, sessions: frozenset[str]) -> None:
        self.poison.discard(sessions)

    @once
    def strangers(self) -> Strangers:
        allowed = self.settings.face_search is SearchFor.STRANGERS
        return Strangers(
            self.documents, self.keys, self.clock, self.match_rule, lambda: self.face_engine.model, allowed=allowed
        )

    @once
    def face_search(self) -> FaceSearch:
        s = self.settings
        return FaceSearch(
            self.documents,
            self.media,
            lambda: self.face_engine,
            lambda: self.gallery,
            self.feed,
            self.visit_index,
            self.strangers,
            self.keys,
            self.clock,
            self.randomness,
            self.limits,
            self.audit,
            self.match_rule,
            s.face_search,
            max_bytes=s.face_search_photo_bytes,
            max_pixels=s.face.max_pixels,
            per_hour=s.limit_face_searches,
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
    def recording_check(self) -> RecordingCheck:
        days = self.settings.recording_days
        return RecordingCheck(self.documents, self.recordings, self.attention, self.clock, days)

    @once
    def reconcile(self) -> Reconcile:
        days = self.settings.recording_days
        return Reconcile(self.documents, self.media, self.index, self.kiosks, self.attention, self.clock, days)

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

    @once
    def templates(self) -> Templates:
        return Templates(self.documents, self.keys, self.randomness)

    @once
    def gallery_log(self) -> GalleryLog:
        return GalleryLog(self.documents, self.clock)

    @once
    def gallery_source(self) -> GallerySource:
        return GallerySource(self.documents, self.people, self.templates)

    @once
    def snapshots(self) -> Snapshots:
        s = self.settings
        rule = SnapshotRule(entries=s.gallery_snapshot_entries, age=timedelta(minutes=s.gallery_snapshot_minutes))
        return Snapshots(
            self.documents,
            self.media,
            self.keys,
            self.clock,
            self.randomness,
            self.gallery_log,
            self.gallery_source,
            rule,
        )

    @once
    def feed(self) -> GalleryFeed:
        return GalleryFeed(self.gallery_log, self.gallery_source, self.snapshots, self.clock)

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

    @once
    def authenticators(self) -> Authenticators:
        from shared.adapters.totp import Totp

        return Authenticators(
            self.documents, self.keys, Totp(), self.clock, self.randomness, self.limits, self.settings.bank_name
        )

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

    @once
    def numbers(self) -> Numbers:
        return Numbers(self.settings.sms_country)

    @once
    def live(self) -> LiveVisits:
        return LiveVisits(self.documents)

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
    def languages(self) -> Languages:
        return Languages(self.people)

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
    def match_rule(self) -> MatchRule:
        return self.settings.face.match_rule()

    @once
    def likeness(self) -> Likeness:
        """Halfway between a person and the mean of strangers: clearly somebody else."""
        return Likeness(same=self.match_rule.base, other=(self.match_rule.base + self.match_rule.mean) / 2)

    @once
    def recognition(self) -> Recognition:
        s = self.settings
        if s.face_provider is FaceProvider.EMBEDDED:
            return GalleryRecognition(self.gallery, self.feed, self.match_rule, self.likeness)
        rule = ConfidenceRule(
            identify=s.face_identify_confidence,
            verify=s.face_verify_confidence,
            margin=s.face_confidence_margin,
            duplicate=s.face_duplicate_confidence,
        )
        service, group = self.face_service, s.face_group
        copies = RemoteCopies(self.documents, service, self.clock, group)
        training = RemoteTraining(self.documents, service, self.clock, group, lambda seconds: self.pause(seconds))
        catch_up = RemoteCatchUp(self.documents, self.media, self.templates, copies, training, group)
        return RemoteRecognition(service, copies, training, self.people, rule, catch_up)

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
    def analyses(self) -> Analyses:
        return Analyses(self.media, self.face_engine)

    @once
    def drafts(self) -> Drafts:
        return Drafts(self.documents, self.keys)

    @once
    def recipients(self) -> Recipients:
        return Recipients(self.people, self.drafts)

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
    def heard(self) -> Heard:
        voice = self.settings.voice
        return Heard(self.templates, self.voice_engine, self.clock, voice.remembered, voice.repeat)

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
    def enrol(self) -> Enrol:
        return Enrol(
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
    def wav_limits(self) -> WavLimits:
        """What an uploaded clip may be."""
        voice = self.settings.voice
        return WavLimits(
            max_bytes=voice.max_bytes,
            max_seconds=voice.max_seconds,
            max_channels=voice.max_channels,
            rates=(voice.min_rate, voice.max_rate),
        )

    @once
    def index(self) -> RecordingIndex:
        return RecordingIndex(self.documents, self.media, self.visit_index, self.log)

    @once
    def visit_queries(self) -> VisitQueries:
        return VisitQueries(self.documents, self.visit_index, self.clock)

    @once
    def held_visits(self) -> HeldVisits:
        return HeldVisits(self.holds, self.visit_index, self.visit_queries)

    @once
    def live_views(self) -> LiveViews:
        return LiveViews(self.live, self.sessions, self.scenes, self.clock)

    @once
    def tallies(self) -> Tallies:
        return Tallies(self.documents, self.visit_queries, self.clock)

    @once
    def rebuild(self) -> Rebuild:
        return Rebuild(self.media, self.index, self.visit_index, self.tallies)

    @once
    def reports(self) -> Reports:
        return Reports(self.visit_queries, self.tallies, self.kiosks, self.keys, self.media, self.clock)

    @once
    def exports(self) -> Exports:
        life = timedelta(hours=self.settings.export_hours)
        return Exports(self.documents, self.media, self.audit, self.clock, self.randomness, life=life)

    @once
    def export_work(self) -> ExportWork:
        visits = ExportVisits(self.media, self.visit_index, self.index, self.timeline, self.kiosks, self.people)
        most = self.settings.export_visits_most
        return ExportWork(self.exports, visits, self.visit_queries, self.media, self.clock, most)

    @once
    def viewing(self) -> Viewing:
        return Viewing(self.documents, self.audit, self.clock)

    @once
    def thumbnailer(self) -> Thumbnailer:
        from shared.engines.thumbnail import CvThumbnailer

        return CvThumbnailer(self.settings.face.max_bytes, self.settings.face.max_pixels)

    @once
    def thumbnails(self) -> Thumbnails:
        return Thumbnails(self.media, lambda: self.thumbnailer)

    @once
    def recordings(self) -> Recordings:
        return Recordings(self.documents, self.media, self.index, self.thumbnails, self.viewing)

    @once
    def visit_index(self) -> VisitIndex:
        return VisitIndex(self.documents, self.sessions, self.log, self.timeline, self.clock)

    @once
    def watch(self) -> Watch:
        return Watch(
            self.sessions,
            self.log,
            self.scenes,
            self.media,
            lambda: self.identify,
            lambda: self.verify_voice,
            self.progress,
            self.messages,
            self.aftermath,
            self.clock,
        )

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
    def sweep(self) -> Sweep:
        return Sweep(self.live, self.watch, self.visit_index, self.clock)

    @once
    def health(self) -> Health:
        checks = {"storage": self.media.check, "documents": self.documents.check, "models": self._models}
        if self.settings.warm_engines:
            checks["engines"] = self.warmth.check
        if self.settings.face_provider is FaceProvider.AZURE:
            checks["recognition"] = self.face_service.prepare  # costs nothing once the group is there
        return Health(checks)

    @once
    def warmth(self) -> Warmth:
        return Warmth(self._warm)

    def _warm(self) -> None:
        self.face_engine.warm()
        self.voice_engine.warm()
        self.feed.refresh(self.gallery)
        self.recognition.prepare()

    def _models(self) -> None:
        """The weights lie where the settings say; loading them is the first analysis' business."""
        folder = Path(self.settings.models_path)
        if not any(folder.glob("*.onnx")):
            from shared.domain.errors import Unavailable

            raise Unavailable("models")

    def inline_frame(self, session: Session, seq: int, image: bytes) -> None:
        """ANALYSE=inline: what the event would do, in the upload's own request."""
        self.identify.frame(str(recording_name(session.id, RecordingKind.FRAME, seq)), image)

    def inline_voice(self, session: Session, attempt: int, clip: bytes) -> None:
        self.verify_voice.clip(str(recording_name(session.id, RecordingKind.VOICE, attempt)), clip)
