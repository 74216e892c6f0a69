"""The phrase read aloud."""

from shared.domain import events as e
from shared.domain.session import Assurance, Factor, Reason
from tests.unit import session_roads as r
from tests.unit.session_cases.case import (
    S,
    because,
    case,
    holds,
    one_more,
    phrase_asked,
    received,
    same,
    shown_in_frame,
)
from tests.unit.session_cases.steps import (
    clip,
    factors_of,
    nowhere,
    quiet_voice,
    right_voice,
    somebody_else,
    types_pin,
    wrong_voice,
)
from tests.unit.session_roads import ANN, BEN, happens

VOICE = [
    case("a clip is received", r.voice, clip, S.VOICE, received, same("factors", "phrases")),
    case("a second clip is not", r.voice_received, clip, "not_received_yet"),
    case("nor one for another phrase", r.voice, happens(e.VoiceReceived, attempt=7), "this_attempt"),
    case("nor with nobody in front", r.voice, nowhere(e.VoiceReceived), "in_front"),
    case("nor while registering", r.enrolling_voice, nowhere(e.VoiceReceived), "in_front"),
    case("nor for a phrase not asked", r.enrolling, clip, "this_attempt"),
    case(
        "face, PIN and voice grant",
        r.voice_received,
        right_voice,
        S.GRANTED,
        holds(Factor.FACE, Factor.PIN, Factor.VOICE),
        shown_in_frame,
        lambda _, now: now.assurance is Assurance.FULL and now.phrase is None,
    ),
    case(
        "a wrong voice counts",
        r.voice_received,
        wrong_voice,
        S.VOICE,
        one_more("voice_failures"),
        phrase_asked("246802", "try_again"),
        same("factors"),
    ),
    case(
        "and says what was wrong",
        r.voice_received,
        happens(e.VoiceChecked, passed=False, problem="odd"),
        S.VOICE,
        phrase_asked("246802", "odd"),
    ),
    case(
        "the second wrong voice counts",
        r.road(wrong_voice, clip, start=r.voice_received),
        wrong_voice,
        S.VOICE,
        one_more("voice_failures"),
    ),
    case(
        "the third wrong voice denies",
        r.voice_last_try,
        wrong_voice,
        S.DENIED,
        one_more("voice_failures"),
        because(Reason.WRONG_VOICE),
    ),
    case("the third right voice grants", r.voice_last_try, right_voice, S.GRANTED, same("voice_failures")),
    case(
        "looking away does not help a wrong voice",
        r.voice_received,
        nowhere(e.VoiceChecked, passed=False),
        S.VOICE,
        one_more("voice_failures"),
    ),
    case(
        "a clip too quiet to judge does not count",
        r.voice_received,
        quiet_voice,
        S.VOICE,
        phrase_asked("246802", "too_quiet"),
        same("voice_failures", "factors"),
    ),
    case("not even on the last try", r.voice_last_try, quiet_voice, S.VOICE, same("voice_failures", "factors")),
    case(
        "without a word it is try again",
        r.voice_received,
        happens(e.VoiceChecked, passed=False, counts=False),
        S.VOICE,
        phrase_asked("246802", "try_again"),
    ),
    *(
        case(
            f"a right voice grants nothing with {how} in front, and is not held against anybody{where}",
            given,
            happens(e.VoiceChecked, presence=presence),
            S.VOICE,
            phrase_asked("246802", "try_again"),
            same("voice_failures", "factors", "assurance"),
        )
        for how, presence in [("nobody", e.Presence.LOOK), ("two", e.Presence.ALONE)]
        for where, given in [("", r.voice_received), (" on the last try", r.voice_last_try)]
    ),
    *(
        case(
            f"no {what} voice {how}{where}",
            given,
            happens(e.VoiceChecked, passed=what == "right", counts=what != "quiet", **changes),
            code,
        )
        for what in ("right", "wrong", "quiet")
        for how, where, given, changes, code in [
            ("for another phrase", "", r.voice_received, {"attempt": 7}, "this_attempt"),
            ("for another phrase", " on the last try", r.voice_last_try, {"attempt": 1}, "this_attempt"),
            ("for another phrase", " registering", r.enrolling_received, {"attempt": 7}, "this_attempt"),
            ("that nobody was seen speaking", "", r.voice, {}, "received"),
            ("that nobody was seen speaking", " again", r.road(wrong_voice, start=r.voice_received), {}, "received"),
            (
                "that nobody was seen speaking",
                " on the last try",
                r.road(wrong_voice, clip, wrong_voice, start=r.voice_received),
                {},
                "received",
            ),
            ("that nobody was seen speaking", " registering", r.enrolling_voice, {}, "received"),
        ]
    ),
    *(
        case(
            f"a right voice grants nothing on {whose}",
            r.changed(r.voice_received, factors=factors),
            right_voice,
            S.VOICE,
            same("factors", "assurance"),
        )
        for whose, factors in [
            ("another's face and PIN", factors_of(BEN, Factor.FACE, Factor.PIN)),
            ("a PIN alone", factors_of(ANN, Factor.PIN)),
            ("a face alone", factors_of(ANN, Factor.FACE)),
        ]
    ),
    case(
        "phrases are numbered through the visit: nobody's old clip is another's answer",
        r.road(somebody_else, happens(e.FaceAccepted, person=BEN), start=r.voice_received),
        types_pin,
        S.VOICE,
        lambda _, now: now.phrase is not None and now.phrase.attempt == 2,
    ),
]
