"""The hand-off: what the bank is told, by a token that works once, for half a minute, for nobody else."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import jwt
import pytest

from shared.containers import SESSIONS
from shared.domain.errors import AtmError, NotAllowed, Unavailable
from shared.domain.events import StaffVouched
from shared.domain.pin import NONCE_BYTES
from shared.domain.session import Reason, State
from shared.domain.transitions import Refused
from shared.services.people.registry import Status
from shared.services.teller.handoff import AlreadyRedeemed, BadToken, Claims, public_claims
from tests.fakes import fake_keys
from tests.stage import Stage


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada", "+12025550142")
    stage.enrol("ben", "+12025550187")
    return stage


def hand_off(stage: Stage, name: str = "ada") -> str:
    stage.to_granted(name)
    stage.show(name)
    return stage.app.handoff.ask(stage.stored())


def redeem(stage: Stage, token: str) -> Claims:
    claims = stage.app.handoff.read(token)
    stage.app.handoff.redeem(claims)
    return claims


def test_the_bank_is_told_who_was_let_in_where_and_how(stage: Stage) -> None:
    token = hand_off(stage)
    issued = int(stage.app.clock.now().timestamp())
    told = public_claims(redeem(stage, token))
    assert told == {
        "iss": "face-atm",
        "aud": "bank-teller",
        "sub": "C-ada",
        "person": "pada",
        "sid": stage.session,
        "kiosk": "K7",
        "amr": ["face", "otp", "voice"],
        "assurance": "full",
        "identity": "staff",
        "iat": issued,
        "exp": issued + 30,
    }


def test_the_bank_can_check_the_token_itself_with_the_published_keys(stage: Stage) -> None:
    token = hand_off(stage)
    published = jwt.PyJWKSet.from_dict(stage.app.keys.jwks())
    header = jwt.get_unverified_header(token)
    key = published[header["kid"]]
    checked = jwt.decode(
        token, key, algorithms=["ES256"], audience="bank-teller", issuer="face-atm", options={"verify_exp": False}
    )
    assert header["alg"] == "ES256"
    assert checked["sid"] == stage.session
    assert not any("d" in jwk for jwk in stage.app.keys.jwks()["keys"])  # type: ignore[union-attr, operator]


def test_the_token_says_nothing_that_the_bank_need_not_know(stage: Stage) -> None:
    body = hand_off(stage).split(".")[1]
    plain = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    assert "Ada" not in plain and "2025550142" not in plain and stage.token not in plain


def test_its_id_has_128_random_bits_and_only_their_hash_is_kept(stage: Stage) -> None:
    claims = stage.app.handoff.read(hand_off(stage))
    jti = str(claims["jti"])
    assert len(base64.urlsafe_b64decode(jti + "==")) == 16
    assert not any(jti in text for text in stage.app.fake_documents.texts())
    assert stage.now().handoff is not None


def test_somebody_who_registered_themselves_is_said_to_have(stage: Stage) -> None:
    person = stage.app.people.require("pada")
    stage.app.people.save(replace(person, assurance="self-asserted", customer=None))
    told = public_claims(redeem(stage, hand_off(stage)))
    assert (told["identity"], told["assurance"], told["sub"]) == ("self-asserted", "full", None)


def test_a_visit_that_staff_vouched_for_says_so(stage: Stage) -> None:
    app = stage.app
    stage.to_pin()
    app.visit.assistance(stage.stored())
    nonce = app.randomness.bytes(NONCE_BYTES).hex()
    app.sessions.change(
        stage.session,
        lambda s: StaffVouched(
            at=app.clock.now(),
            person="pada",
            face_failed=False,
            officers=("o1",),
            barred=False,
            free=True,
            seq=4,
            nonce=nonce,
            key=app.keys.current,
        ),
    )
    stage.show("ada", "ada", "ada")
    assert stage.type_pin(stage.code())
    stage.show("ada")
    told = redeem(stage, app.handoff.ask(stage.stored()))
    assert (told["amr"], told["assurance"]) == (["staff", "otp"], "assisted")


def test_nothing_is_handed_off_before_all_factors_passed(stage: Stage) -> None:
    stage.to_voice()
    stage.show("ada")
    with pytest.raises(Refused):
        stage.app.handoff.ask(stage.stored())
    assert stage.state is State.VOICE


@pytest.mark.parametrize("seen", [["nobody"] * 4, ["ada+ben", "ada+ben"]], ids=["gone", "somebody beside"])
def test_the_person_must_be_in_front_and_alone_when_it_is_given(stage: Stage, seen: list[str]) -> None:
    stage.to_granted()
    stage.show(*seen, every=0.9)
    with pytest.raises(Refused) as refused:
        stage.app.handoff.ask(stage.stored())
    assert refused.value.code == "in_front"
    assert stage.state is State.GRANTED
    stage.show("ada", "ada", "ada")
    assert redeem(stage, stage.app.handoff.ask(stage.stored()))["sub"] == "C-ada"


def test_the_visits_own_token_dies_with_the_hand_off(stage: Stage) -> None:
    hand_off(stage)
    with pytest.raises(NotAllowed):
        stage.stored()


def test_it_is_given_once_even_to_twenty_that_ask_at_once(stage: Stage) -> None:
    stage.to_granted()
    stage.show("ada")
    stored = stage.stored()

    def ask(_: int) -> str | type[AtmError]:
        try:
            return stage.app.handoff.ask(stored)
        except AtmError as failure:
            return type(failure)

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(ask, range(20)))
    tokens = [r for r in results if isinstance(r, str)]
    assert len(tokens) == 1
    assert results.count(Refused) == 19
    assert redeem(stage, tokens[0])["sid"] == stage.session


def test_of_twenty_that_redeem_at_once_one_succeeds(stage: Stage) -> None:
    claims = stage.app.handoff.read(hand_off(stage))
    stage.app.fake_documents.gather(SESSIONS, 20)

    def attempt(number: int) -> str:
        try:
            stage.app.handoff.redeem(claims, f"hash {number}")
        except AlreadyRedeemed:
            return ""
        return f"hash {number}"

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(attempt, range(20)))
    (winner,) = [r for r in results if r]
    handoff = stage.now().handoff
    assert handoff is not None and handoff.teller_token_hash == winner


def test_a_token_works_once(stage: Stage) -> None:
    token = hand_off(stage)
    redeem(stage, token)
    with pytest.raises(AlreadyRedeemed):
        redeem(stage, token)


def test_it_works_until_its_last_second_and_not_longer(stage: Stage) -> None:
    token = hand_off(stage)
    stage.app.fake_clock.set(stage.now().changed_at.replace(microsecond=0))
    stage.app.fake_clock.advance(29.9)
    claims = stage.app.handoff.read(token)
    stage.app.fake_clock.advance(0.1)
    with pytest.raises(BadToken):
        stage.app.handoff.read(token)
    stage.app.fake_clock.advance(1)
    with pytest.raises(BadToken):
        stage.app.handoff.redeem(claims)
    assert stage.now().handoff is not None and stage.now().handoff.redeemed_at is None  # type: ignore[union-attr]


def test_uncollected_the_visit_ends(stage: Stage) -> None:
    token = hand_off(stage)
    stage.app.fake_clock.advance(30)
    ended = stage.app.watch.tick(stage.session)
    assert (ended.state, ended.reason) == (State.ENDED, Reason.NOT_COLLECTED)
    with pytest.raises(BadToken):
        redeem(stage, token)


def test_after_somebody_else_stepped_in_front_it_opens_nothing(stage: Stage) -> None:
    token = hand_off(stage)
    stage.show("ben", "ben")
    assert (stage.state, stage.now().reason) == (State.ENDED, Reason.DIFFERENT_FACE)
    with pytest.raises(BadToken):
        redeem(stage, token)


def test_a_foreign_token_opens_nothing(stage: Stage) -> None:
    claims = stage.app.handoff.read(hand_off(stage))
    ours = stage.app.keys
    foreign = {
        "for another bank": ours.sign({**claims, "aud": "another-bank"}),
        "of another machine": ours.sign({**claims, "iss": "another-atm"}),
        "signed with another secret under our key's id": fake_keys("k1").sign(claims),
        "signed with a key we do not have": fake_keys("k9").sign(claims),
    }
    for what, token in foreign.items():
        with pytest.raises(BadToken):
            redeem(stage, token)
            pytest.fail(what)
    redeem(stage, ours.sign(claims))


def test_a_token_that_was_altered_or_is_none_at_all_opens_nothing(stage: Stage) -> None:
    head, body, signature = hand_off(stage).split(".")
    plain = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    altered = base64.urlsafe_b64encode(json.dumps({**plain, "sub": "C-ben"}).encode()).rstrip(b"=").decode()
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","kid":"k1"}').rstrip(b"=").decode()
    for token in ("", "x", f"{head}.{altered}.{signature}", f"{unsigned}.{body}.", f"{head}.{body}", "a" * 5000):
        with pytest.raises(BadToken):
            redeem(stage, token)


def test_the_token_of_one_visit_does_not_open_another(stage: Stage) -> None:
    claims = stage.app.handoff.read(hand_off(stage))
    bens = hand_off(stage, "ben")
    crossed = stage.app.keys.sign({**claims, "sid": stage.session})
    with pytest.raises(BadToken):
        redeem(stage, crossed)
    redeem(stage, bens)
    with pytest.raises(BadToken):
        redeem(stage, crossed)


def test_a_person_suspended_meanwhile_gets_nothing(stage: Stage) -> None:
    token = hand_off(stage)
    person = stage.app.people.require("pada")
    stage.app.people.save(replace(person, status=Status.SUSPENDED))
    with pytest.raises(BadToken):
        redeem(stage, token)


def test_a_person_suspended_before_the_hand_off_is_not_handed_off(stage: Stage) -> None:
    stage.to_granted()
    stage.show("ada")
    person = stage.app.people.require("pada")
    stage.app.people.save(replace(person, status=Status.SUSPENDED))
    with pytest.raises(NotAllowed):
        stage.app.handoff.ask(stage.stored())
    assert stage.state is State.GRANTED


def test_a_store_that_is_down_neither_gives_nor_takes_a_token(stage: Stage) -> None:
    stage.to_granted()
    stage.show("ada")
    stored = stage.stored()
    stage.app.fake_documents.down = True
    with pytest.raises(Unavailable):
        stage.app.handoff.ask(stored)
    stage.app.fake_documents.down = False
    token = stage.app.handoff.ask(stage.stored())
    claims = stage.app.handoff.read(token)
    stage.app.fake_documents.down = True
    with pytest.raises(Unavailable):
        stage.app.handoff.redeem(claims)
    stage.app.fake_documents.down = False
    stage.app.handoff.redeem(claims)


def test_the_timeline_says_that_it_was_handed_off_and_redeemed(stage: Stage) -> None:
    redeem(stage, hand_off(stage))
    assert [e["what"] for e in stage.app.timeline.of(stage.session)][-2:] == ["handed_off", "redeemed"]
