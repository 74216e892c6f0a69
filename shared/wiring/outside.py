"""Stores and services outside, by the adapters that the settings name."""

import threading
import time
from functools import partial
from pathlib import Path

from shared.adapters.cursors import Cursors
from shared.adapters.identity import azure_identity
from shared.adapters.keyring import Keyring
from shared.adapters.opaque_references import OpaqueReferences
from shared.adapters.spans import Spans, spans
from shared.adapters.system import SystemClock, SystemRandomness
from shared.containers import ALL
from shared.ports import AuthenticatorCodes, Documents, FaceService, Media, PoisonQueues, Sms, SmsReports
from shared.services.health.measured import Latencies, MeasuredSms
from shared.settings import DocumentsKind, Settings, SmsProvider
from shared.wiring.once import once


class Outside:
    def __init__(self, chosen: Settings) -> None:
        self.making = threading.RLock()
        self.settings = chosen
        self.policy = chosen.policy
        self.clock = SystemClock()
        self.randomness = SystemRandomness()
        self.pause = time.sleep
        self.keys = Keyring(chosen.masters(), chosen.issuer)

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

    @once
    def authenticator_codes(self) -> AuthenticatorCodes:
        from shared.adapters.totp import Totp

        return Totp()
