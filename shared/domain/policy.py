"""The numbers that rule a visit. One default each; `shared/settings.py` bounds them and says where they come from."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class EnrolmentPolicy(StrEnum):
    OPEN = "open"  # a new person goes on to the teller screen
    APPROVAL = "approval"  # a member of staff approves first
    CLOSED = "closed"  # nobody registers at a kiosk


class LivenessPolicy(StrEnum):
    PASSIVE = "passive"  # the presentation check of each frame; a challenge only where a rule demands one
    ACTIVE_ON_DOUBT = "active-on-doubt"  # and after three doubted frames
    ACTIVE = "active"  # before every PIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the session's table and the frames' verdict go by."""

    visit: timedelta = timedelta(minutes=5)
    enrolment_visit: timedelta = timedelta(minutes=15)
    extension: timedelta = timedelta(minutes=5)
    idle: timedelta = timedelta(seconds=30)

    good_frames_to_accept: int = 2
    good_frames_to_give_up: int = 5
    doubted_frames: int = 3
    frame_gap: timedelta = timedelta(seconds=2)
    presence_age: timedelta = timedelta(seconds=3)
    claims: int = 2
    identifications: int = 4

    pin_valid: timedelta = timedelta(minutes=3)
    wrong_pins: int = 3
    pin_sends: int = 3
    pin_resend_after: timedelta = timedelta(seconds=30)
    send_on_request: bool = False

    voice_attempts: int = 3

    liveness: LivenessPolicy = LivenessPolicy.ACTIVE_ON_DOUBT
    challenge_valid: timedelta = timedelta(seconds=30)
    challenges: int = 2
    challenge_orders: int = 4
    challenge_turn: float = 20.0
    challenge_straight: float = 8.0
    challenge_narrowing: float = 0.09
    challenge_nods: bool = False
    challenge_nod: float = 6.0
    challenge_nod_foul: float = 10.0
    challenge_squash: float = 1.15
    capture_rounds: int = 6

    handoff_valid: timedelta = timedelta(seconds=30)
    teller_locks_after: timedelta = timedelta(seconds=5)
    teller_ends_after: timedelta = timedelta(seconds=15)

    enrolment: EnrolmentPolicy = EnrolmentPolicy.OPEN
