"""Every setting of the app: one name, one default, bounds, and the sentence the documentation shows.

Read from the environment (in Azure: application settings; locally: the launcher or `local.settings.json`). A value out
of range, or a name that looks like ours and is not, stops the start with one sentence.
"""

import base64
import binascii
import difflib
import os
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.domain.bands import SearchFor
from shared.domain.credentials import parse_credentials
from shared.domain.policy import EnrolmentPolicy, LivenessPolicy, Policy
from shared.engines.face_settings import FaceSettings
from shared.engines.voice_settings import VoiceSettings

_OURS = (
    "ATM_",
    "PIN_",
    "VISIT_",
    "VOICE_",
    "FACE_",
    "SMS_",
    "KIOSK_",
    "TELLER_",
    "HANDOFF_",
    "ENROLMENT",
    "LIVENESS_",
    "LIMIT_",
    "FRAMES_",
    "CHALLENGE_",
    "RETENTION_",
    "OPERATOR",
    "PEOPLE_",
    "EXPORT_",
    "REPORT_",
    "GALLERY_",
    "RECOMPUTE_",
    "LOCAL_OPERATORS",
)
_FOREIGN = frozenset({"ATM_HOME", "FACE_ATM_CACHE"})  # the launcher's own


type _Language = Annotated[str, Field(pattern="^(en|es|ja|ar)$")]


class SettingsError(Exception):
    """One sentence that names the setting."""


class DocumentsKind(StrEnum):
    SQLITE = "sqlite"
    COSMOS = "cosmos"


class SmsProvider(StrEnum):
    TWILIO = "twilio"
    DEVPHONE = "devphone"


class FaceProvider(StrEnum):
    EMBEDDED = "embedded"
    AZURE = "azure"


class VoiceProvider(StrEnum):
    EMBEDDED = "embedded"


class Analyse(StrEnum):
    TRIGGER = "trigger"  # by the blob event; the page's poll rescues what stays behind
    INLINE = "inline"  # in the upload's own request


class OperatorsKind(StrEnum):
    LOCAL = "local"  # names and passwords of LOCAL_OPERATORS
    ENTRA = "entra"  # App Service Authentication sits in front, and nobody reaches the app around it
    NONE = "none"  # nobody signs in


class Start(StrEnum):
    FACE = "face"
    TOUCH = "touch"


class Settings(BaseSettings):
    """Values are read once, when the app starts."""

    model_config = SettingsConfigDict(
        env_nested_delimiter="__", case_sensitive=False, extra="ignore", frozen=True, env_ignore_empty=True
    )

    # where things are kept
    storage_connection: SecretStr | None = Field(
        None,
        validation_alias="AzureWebJobsStorage",
        description="Connection string of the storage account; in Azure leave it out and name the account instead.",
    )
    storage_account_url: str | None = Field(
        None,
        validation_alias="AzureWebJobsStorage__blobServiceUri",
        description="Blob service address for access by managed identity.",
    )
    documents: DocumentsKind = Field(DocumentsKind.SQLITE, description="Where documents are kept: sqlite or cosmos.")
    sqlite_path: str = Field(".atm/data/documents.sqlite", description="The database file for DOCUMENTS=sqlite.")
    sqlite_power_loss_safe: bool = Field(
        False,
        description="Whether each write to SQLite also waits for the disk: slower, and survives a power cut. "
        "Without it an acknowledged write survives the death of its process only.",
    )
    cosmos_endpoint: str | None = Field(None, description="Address of the Cosmos DB account for DOCUMENTS=cosmos.")
    cosmos_key: SecretStr | None = Field(None, description="Its key; leave it out to use the managed identity.")
    cosmos_database: str = Field("atm", description="Name of the Cosmos DB database.")
    cosmos_verify_tls: bool = Field(True, description="Off only for an emulator with a certificate of its own.")
    models_path: str = Field("models", description="Folder that holds the engines' weights.")

    # secrets
    atm_keys: SecretStr = Field(
        description="Master keys as `id:base64` (at least 32 bytes), separated by commas, the current one first."
    )

    # who runs it
    bank_name: str = Field("Face ATM", max_length=60, description="The name on the screen and in messages.")
    notice_operator: str = Field("Face ATM Demo Bank", max_length=80, description="Who records, for the notice.")
    help_telephone: str = Field("+1 202 555 0143", max_length=40, description="Telephone shown when nobody answers.")
    help_hours: str = Field("08:00-20:00", max_length=60, description="When that telephone is answered.")
    issuer: str = Field("face-atm", max_length=200, description="`iss` of the hand-off token.")
    handoff_audience: str = Field("bank-teller", max_length=200, description="`aud` of the hand-off token.")

    # providers
    sms_provider: SmsProvider = Field(SmsProvider.DEVPHONE, description="Who sends messages: twilio or devphone.")
    devphone_url: str = Field("http://127.0.0.1:7071", description="Address of the dev phone.")
    twilio_account_sid: str | None = Field(None, description="Twilio account (AC…).")
    twilio_auth_token: SecretStr | None = Field(None, description="Its auth token.")
    twilio_from: str | None = Field(None, description="Sending number, or a Messaging Service (MG…).")
    twilio_base_url: str = Field("https://api.twilio.com", description="Address that speaks Twilio's API.")
    twilio_status_callback: str | None = Field(
        None, description="Public address of /api/sms/status, where Twilio reports."
    )
    sms_country: str = Field("US", min_length=2, max_length=2, description="Country for numbers typed without +.")
    face_provider: FaceProvider = Field(FaceProvider.EMBEDDED, description="Who identifies: embedded or azure.")
    face_endpoint: str | None = Field(
        None,
        max_length=300,
        description="Address of the Face service (FACE_PROVIDER=azure): any host that speaks v1.2.",
    )
    face_key: SecretStr | None = Field(None, description="Its key; leave it out to use the managed identity.")
    face_group: str = Field(
        "face-atm", pattern=r"^[a-z0-9_-]{1,64}$", description="Its large person group, made at the first start."
    )
    face_identify_confidence: float = Field(
        0.7,
        ge=0.5,
        le=0.99,
        description="Least confidence of the Face service to identify; its own default for two equal faces is 0.5, and "
        "Microsoft publishes no distribution: measure with your customers.",
    )
    face_verify_confidence: float = Field(
        0.6,
        ge=0.5,
        le=0.99,
        description="Least confidence that a face is the person claimed; the service says identical from 0.5.",
    )
    face_confidence_margin: float = Field(
        0.1, ge=0.02, le=0.5, description="How far behind the second person's confidence must be; nearer is ambiguous."
    )
    face_duplicate_confidence: float = Field(
        0.5, ge=0.3, le=0.9, description="From this confidence on, somebody who registers may be enrolled already."
    )
    face_timeout_seconds: float = Field(
        3.0, ge=0.5, le=20, description="Longest wait for one answer of the Face service, its retries included."
    )
    voice_provider: VoiceProvider = Field(VoiceProvider.EMBEDDED, description="Who verifies voices: embedded.")
    face: FaceSettings = Field(FaceSettings(), description="The embedded face engine.")
    voice: VoiceSettings = Field(VoiceSettings(), description="The embedded voice engine.")
    analyse: Analyse = Field(Analyse.TRIGGER, description="Analyse by blob trigger, or inline in the upload.")
    warm_engines: bool = Field(False, description="Load engines and gallery at the start, not with the first frame.")
    local_host: bool = Field(False, description="Set by the local host: dev phone, demo bank and live console exist.")

    # the kiosk
    kiosk_start: Start = Field(Start.FACE, description="What starts a visit: a face in the guide, or a touch.")
    kiosk_poll_ms: int = Field(300, ge=100, le=5000, description="How often the page asks for the state.")
    kiosk_identify_ms: int = Field(350, ge=100, le=5000, description="Time between frames while identifying.")
    kiosk_watch_ms: int = Field(1000, ge=300, le=2000, description="Time between frames afterwards.")
    kiosk_greet_at_once: bool = Field(False, description="Show the given name after the face, as the original did.")
    recording_days: int = Field(90, ge=1, le=3650, description="How long recordings are kept; shown in the notice.")

    # the visit (DESIGN.md, Rules and their sources)
    visit_minutes: int = Field(5, ge=1, le=30, description="Longest visit; it can be extended once by as much.")
    enrolment_minutes: int = Field(15, ge=5, le=60, description="Longest visit with a registration.")
    visit_idle_seconds: int = Field(30, ge=10, le=300, description="Ends after this long without face and input.")
    presence_seconds: int = Field(3, ge=1, le=10, description="How old the frame may be that shows the person.")
    frame_gap_seconds: float = Field(2, ge=0.5, le=10, description="Most time between the two accepting frames.")
    frames_most: int = Field(2400, ge=100, le=20_000, description="Frames one visit may have.")
    frame_bytes: int = Field(400_000, ge=20_000, le=6_000_000, description="Largest frame.")
    frame_side: int = Field(1280, ge=320, le=4096, description="Longest side of a frame in pixels.")
    pin_seconds: int = Field(180, ge=60, le=600, description="Life of a PIN; SP 800-63B-4 allows 10 minutes.")
    pin_wrong_most: int = Field(3, ge=1, le=5, description="Wrong PINs that end a visit.")
    pin_sends_most: int = Field(3, ge=1, le=5, description="Messages one visit may send.")
    pin_resend_seconds: int = Field(30, ge=10, le=120, description="Wait before the code can be sent again.")
    pin_on_request: bool = Field(False, description="Send only after `Send my code` was pressed.")
    voice_attempts: int = Field(3, ge=1, le=5, description="Spoken attempts that end a visit.")
    voice_sentences: dict[_Language, Annotated[str, Field(min_length=10, max_length=80)]] = Field(
        {"en": "My voice is my passport, verify me"},
        description="What is read aloud before the digits, by the customer's language, always in English: the phrase"
        " engine checks no other. A customer whose language has none reads the six digits alone, in English.",
    )
    handoff_seconds: int = Field(30, ge=5, le=120, description="Life of the hand-off token.")
    teller_lock_seconds: int = Field(5, ge=2, le=30, description="The teller screen locks without the face.")
    teller_end_seconds: int = Field(15, ge=5, le=120, description="And ends after this long.")
    challenge_seconds: int = Field(30, ge=10, le=120, description="Time for an active liveness challenge.")
    challenge_orders: int = Field(
        4,
        ge=3,
        le=6,
        description="Turns of a challenge. There are two to the n sequences less two: never one side and the other in"
        " turn. A recording made in advance fits one of them.",
    )
    challenge_turn_degrees: float = Field(
        20.0,
        ge=14,
        le=25,
        description="From here a head counts as turned. Measured (`bench liveness`): flat prints stay under 10; one"
        " bent round a cylinder may pass at any number here, which is why its narrowing counts too.",
    )
    challenge_straight_degrees: float = Field(
        8.0, ge=4, le=10, description="Up to here it counts as straight: what the five points know it by."
    )
    challenge_narrowing: float = Field(
        0.09,
        ge=0.03,
        le=0.3,
        description="How much narrower than its turn explains a face may be, by its breadth looking straight. Measured"
        " (docs/hostile.md): within it 23 of 29 frames of turned heads, 5 of 26 of bent prints.",
    )
    challenge_nods: bool = Field(
        False,
        description="One order of a challenge may be to look up or to nod; the others stay turns. Five points measure"
        " up and down poorly (docs/hostile.md): more orders for a recording to meet, and more people asked twice.",
    )
    challenge_nod_degrees: float = Field(
        6.0,
        ge=4,
        le=15,
        description="From here a head counts as raised or lowered, by how it looks straight: 20 degrees of a head.",
    )
    challenge_nod_foul_degrees: float = Field(
        10.0, ge=6, le=25, description="From here the opposite of looking up or of nodding ends the challenge."
    )
    challenge_squash: float = Field(
        1.15,
        ge=1.05,
        le=1.5,
        description="How much broader a raised or lowered face may be than looking straight; a print tilted until its"
        " pitch is measured is broader.",
    )
    liveness_policy: LivenessPolicy = Field(
        LivenessPolicy.ACTIVE_ON_DOUBT, description="passive, active-on-doubt or active."
    )
    enrolment: EnrolmentPolicy = Field(EnrolmentPolicy.OPEN, description="open, approval or closed.")
    enrolment_adults_only: bool = Field(True, description="Ask for `I am 18 or older`.")
    consent_version: str = Field("2026-11", max_length=20, description="Version of the consent text.")

    # limits
    limit_sms_phone_hour: int = Field(5, ge=1, le=100, description="Messages to one number an hour.")
    limit_sms_phone_day: int = Field(10, ge=1, le=200, description="Messages to one number a day.")
    limit_sms_kiosk_hour: int = Field(60, ge=1, le=1000, description="Messages from one kiosk an hour.")
    limit_sessions_kiosk_minute: int = Field(30, ge=1, le=1000, description="Visits one kiosk may start a minute.")
    limit_frames_second: float = Field(
        5, ge=3, le=30, description="Frames a second a visit may send on average; the page sends three at most."
    )
    limit_wrong_pins_day: int = Field(10, ge=1, le=100, description="Wrong PINs of one person in 24 hours.")
    limit_wrong_pins_total: int = Field(100, ge=1, le=1000, description="Wrong PINs since the last success.")
    limit_doubt_after: int = Field(5, ge=1, le=50, description="Failures after which the active challenge comes first.")
    limit_biometric_off: int = Field(50, ge=5, le=100, description="Failures after which the face no longer opens.")

    # who works here
    operators: OperatorsKind = Field(OperatorsKind.NONE, description="How operators sign in: local, entra or none.")
    operator_tenant: str | None = Field(
        None, max_length=36, description="Entra directory (tenant id) that operators must be of, for OPERATORS=entra."
    )
    local_operators: SecretStr = Field(
        SecretStr(""), description="Operators as `name:role:scrypt$…`, separated by commas; the launcher makes them."
    )
    operator_hours: int = Field(8, ge=1, le=12, description="Longest time an operator stays signed in (local).")
    operator_idle_minutes: int = Field(30, ge=5, le=60, description="Signed out after this long without a request.")
    limit_operator_tries: int = Field(10, ge=3, le=100, description="Passwords tried for one name in 15 minutes.")
    limit_operator_tries_address: int = Field(
        30, ge=3, le=1000, description="Passwords tried from one address in 15 minutes."
    )

    gallery_snapshot_entries: int = Field(
        200, ge=10, le=100_000, description="Changes of people after which the gallery's snapshot is written again."
    )
    gallery_snapshot_minutes: int = Field(
        15, ge=1, le=1440, description="And how long any one change may wait for it: who is gone leaves it by then."
    )
    # how long what is kept (shared/domain/retention.py); no recording longer than RECORDING_DAYS, as the notice says
    retention_granted_days: int = Field(
        30, ge=1, le=3650, description="How long pictures of a granted visit are kept; never over RECORDING_DAYS."
    )
    retention_denied_days: int = Field(
        90, ge=1, le=3650, description="How long pictures of a denied visit are kept; never over RECORDING_DAYS."
    )
    retention_voice_days: int = Field(
        30, ge=1, le=3650, description="How long spoken clips are kept; never over RECORDING_DAYS."
    )
    retention_visit_days: int = Field(
        400, ge=1, le=3650, description="How long everything else that is known of a visit is kept."
    )
    retention_batch: int = Field(500, ge=10, le=10_000, description="Visits one run of the retention timer looks at.")

    # what leaves
    export_hours: int = Field(24, ge=1, le=168, description="How long an export can be fetched before it is deleted.")
    export_visits_most: int = Field(2_000, ge=1, le=20_000, description="Visits one export may hold, the newest.")
    report_key: SecretStr = Field(
        SecretStr(""),
        description="Key (32 characters and more) that opens the reports to a program, in `x-report-key`; empty: none.",
    )

    face_search: SearchFor = Field(
        SearchFor.NOBODY,
        description="Search by face: off, people (enrolled ones), or strangers (and then unknown visitors' faces are "
        "kept for 72 hours).",
    )
    face_search_photo_bytes: int = Field(
        3_000_000, ge=100_000, le=10_000_000, description="Largest photograph a search by face takes."
    )
    limit_face_searches: int = Field(30, ge=1, le=1000, description="Searches by face of one operator an hour.")

    recompute_most: int = Field(
        2_000, ge=1, le=50_000, description="Pictures looked at anew in one run of the timer, after a model changed."
    )
    people_import_most: int = Field(10_000, ge=1, le=50_000, description="People one import may bring.")

    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Level of our own log lines.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self.masters()
        if self.sms_provider is SmsProvider.TWILIO:
            for name in ("twilio_account_sid", "twilio_auth_token", "twilio_from"):
                if getattr(self, name) is None:
                    raise ValueError(f"{name.upper()} is needed for SMS_PROVIDER=twilio")
        if self.documents is DocumentsKind.COSMOS and self.cosmos_endpoint is None:
            raise ValueError("COSMOS_ENDPOINT is needed for DOCUMENTS=cosmos")
        if self.face_provider is FaceProvider.AZURE:
            check_address("FACE_ENDPOINT", self.face_endpoint or "")
        if self.twilio_status_callback is not None:
            check_address("TWILIO_STATUS_CALLBACK", self.twilio_status_callback)
        check_address("TWILIO_BASE_URL", self.twilio_base_url)
        parse_credentials(self.local_operators.get_secret_value())
        if 0 < len(self.report_key.get_secret_value()) < 32:
            raise ValueError("REPORT_KEY needs at least 32 characters")
        if self.operators is OperatorsKind.ENTRA and self.local_host:
            raise ValueError("OPERATORS=entra is for the platform: under the local host anybody could sign the header")
        if self.storage_connection is None and self.storage_account_url is None:
            raise ValueError("AzureWebJobsStorage or AzureWebJobsStorage__blobServiceUri is needed")
        return self

    def masters(self) -> dict[str, bytes]:
        """Key id → secret bytes. Raises ValueError."""
        found: dict[str, bytes] = {}
        for part in self.atm_keys.get_secret_value().split(","):
            key, _, encoded = part.strip().partition(":")
            try:
                found[key] = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                raise ValueError("ATM_KEYS must be `id:base64`, separated by commas") from None
            if len(found[key]) < 32:
                raise ValueError("ATM_KEYS needs at least 32 bytes a key")
        return found

    @cached_property
    def policy(self) -> Policy:
        """The numbers the session's table goes by."""
        return Policy(
            visit=timedelta(minutes=self.visit_minutes),
            enrolment_visit=timedelta(minutes=self.enrolment_minutes),
            extension=timedelta(minutes=self.visit_minutes),
            idle=timedelta(seconds=self.visit_idle_seconds),
            frame_gap=timedelta(seconds=self.frame_gap_seconds),
            presence_age=timedelta(seconds=self.presence_seconds),
            pin_valid=timedelta(seconds=self.pin_seconds),
            wrong_pins=self.pin_wrong_most,
            pin_sends=self.pin_sends_most,
            pin_resend_after=timedelta(seconds=self.pin_resend_seconds),
            send_on_request=self.pin_on_request,
            voice_attempts=self.voice_attempts,
            liveness=self.liveness_policy,
            challenge_valid=timedelta(seconds=self.challenge_seconds),
            challenge_orders=self.challenge_orders,
            challenge_turn=self.challenge_turn_degrees,
            challenge_straight=self.challenge_straight_degrees,
            challenge_narrowing=self.challenge_narrowing,
            challenge_nods=self.challenge_nods,
            challenge_nod=self.challenge_nod_degrees,
            challenge_nod_foul=self.challenge_nod_foul_degrees,
            challenge_squash=self.challenge_squash,
            handoff_valid=timedelta(seconds=self.handoff_seconds),
            teller_locks_after=timedelta(seconds=self.teller_lock_seconds),
            teller_ends_after=timedelta(seconds=self.teller_end_seconds),
            enrolment=self.enrolment,
        )


def check_address(name: str, address: str) -> None:
    """Raises ValueError unless what goes there is encrypted, or stays on this machine or its own network."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    near = host in {"localhost", "127.0.0.1", "::1"} or ("." not in host and ":" not in host)
    safe = parts.scheme == "https" or (parts.scheme == "http" and near)
    if not host or parts.query or parts.fragment or parts.username or not safe:
        raise ValueError(f"{name} must be an https address; http only for this machine or a container beside it")


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError with one sentence."""
    known = {name.upper() for name in Settings.model_fields}
    for name in os.environ:
        upper = name.upper()
        base = upper.split("__")[0]
        if upper.startswith(_OURS) and base not in known and upper not in _FOREIGN:
            near = difflib.get_close_matches(base, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsError(f"{name} is not a setting of this app{hint}")
    try:
        return Settings()
    except ValidationError as failure:
        first = failure.errors(include_input=False, include_url=False)[0]
        name = "__".join(str(part) for part in first["loc"]).upper()
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {message}" if name else message) from None
