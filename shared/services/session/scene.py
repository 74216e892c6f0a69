"""Who stands in front right now, read from the session's recent frames."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.domain import frames as fold
from shared.domain import liveness
from shared.domain.events import Presence, Tick
from shared.domain.face import Guidance
from shared.domain.frames import FrameFact
from shared.domain.policy import Policy
from shared.domain.session import Factor, Session, State
from shared.ports import Clock
from shared.services.session.frame_log import FrameLog, Received

_WINDOW = 16
_CHALLENGE_WINDOW = 120  # all frames of a challenge that its judge looks at: three a second
_GUIDANCE_AGE = timedelta(seconds=3)


class Scene:
    """The recent past of one session. `frames`: the last analysed ones, oldest first."""

    def __init__(
        self, session: Session, frames: Sequence[FrameFact], received: Received, at: datetime, policy: Policy
    ) -> None:
        self.session = session
        self.frames = frames
        self.received = received
        self.at = at
        self._policy = policy

    @property
    def analysed_seq(self) -> int:
        return self.frames[-1].seq if self.frames else 0

    @property
    def presence(self) -> Presence:
        """OK only once somebody was accepted and stands in front now. Frames up to `since_seq` count no more."""
        if self.session.person is None:
            return Presence.LOOK
        counting = [frame for frame in self.frames if frame.seq > self.session.since_seq]
        return fold.presence(counting, self.session.person, self.at, self._policy)

    @property
    def guidance(self) -> Guidance | None:
        return fold.guidance(self.frames, self.at, _GUIDANCE_AGE)

    @property
    def tick(self) -> Tick:
        """What the clock says: when a face or a touch was last seen, and when the person was.

        Whoever stands in pictures that wait to be analysed is not away: of the time since the last one analysed nothing
        is known, so it does not count as time without a face. The person must have been shown all the same.
        """
        created = self.session.created_at
        waiting = self.received.frames > self.analysed_seq
        unknown = self.at - (self.frames[-1].at if self.frames else created) if waiting else timedelta(0)
        face = (fold.last_face(self.frames) or created) + unknown
        seen = (face, self.received.input_at, created)
        shown = fold.last_shown(self.frames, self.session.person) if self.session.person else None
        return Tick(at=self.at, seen_at=max(t for t in seen if t is not None), shown_at=shown or created)

    @property
    def challenge(self) -> liveness.Progress | None:
        """How far the orders of the challenge now open were carried out; None when there is none."""
        session, asked = self.session, self.session.challenge
        if asked is None or session.state is not State.CHALLENGE:
            return None
        accepted = session.person if session.passed(Factor.FACE) else None
        counting = [frame for frame in self.frames if frame.seq > asked.since_seq]
        return liveness.judge(counting, asked.orders, accepted, self._policy)

    @property
    def teller_locked(self) -> bool:
        return self.at - self.tick.shown_at >= self._policy.teller_locks_after


class Scenes:
    def __init__(self, log: FrameLog, clock: Clock, policy: Policy) -> None:
        self._log = log
        self._clock = clock
        self._policy = policy

    def of(self, session: Session) -> Scene:
        return Scene(
            session,
            self._log.latest(session.id, _CHALLENGE_WINDOW if session.state is State.CHALLENGE else _WINDOW),
            self._log.received(session.id),
            self._clock.now(),
            self._policy,
        )
