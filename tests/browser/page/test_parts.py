"""The page's pure parts, run in the browser that will run them."""

import math
from itertools import pairwise

import pytest

from shared import trace
from tests.browser.page.conftest import Evaluate
from tests.browser.page.contract import first_view, pin_view, voice_view

# hints


def test_a_hint_stays_for_600_ms_however_often_the_wish_changes(lab: Evaluate) -> None:
    shown = lab(
        "hints.js",
        """{
          let shown = { hint: null, since: -1000 };
          const seen = [];
          for (let at = 0; at < 3000; at += 100) {
            shown = m.holdHint(shown, at % 200 ? "come_closer" : "move_back", at);
            if (seen.at(-1)?.hint !== shown.hint) seen.push(shown);
          }
          return seen.map((one) => one.since);
        }""",
    )
    assert len(shown) > 2
    assert all(later - earlier >= 600 for earlier, later in pairwise(shown))


def test_one_hint_is_wanted_and_a_covered_lens_comes_first_unless_the_server_sees_a_face(lab: Evaluate) -> None:
    view = first_view() | pin_view() | {"guidance": "come_closer", "presence": "alone"}
    assert lab("hints.js", "m.wantedHint({ ...a, guidance: null }, true)", view) == "camera_covered"
    assert lab("hints.js", "m.wantedHint({ ...a, guidance: 'look_at_camera' }, true)", view) == "camera_covered"
    assert lab("hints.js", "m.wantedHint({ ...a, guidance: 'more_light' }, true)", view) == "more_light"
    assert lab("hints.js", "m.wantedHint(a, false)", view) == "come_closer"
    assert lab("hints.js", "m.wantedHint({ ...a, guidance: null }, false)", view) == "one_person"
    assert lab("hints.js", "m.wantedHint({ ...a, guidance: 'from_the_future' , presence: 'ok' }, false)", view) is None
    assert lab("hints.js", "m.wantedHint({ ...a, end: { kind: 'denied' } }, true)", view) is None


@pytest.mark.parametrize("state", ["identifying", "unknown", "claiming", "assistance"])
def test_before_anybody_is_accepted_presence_asks_for_nothing(lab: Evaluate, state: str) -> None:
    view = first_view() | {"presence": "look", "state": state}
    assert lab("hints.js", "m.wantedHint(a, false)", view) is None
    accepted = view | pin_view() | {"presence": "look"}
    assert lab("hints.js", "m.wantedHint(a, false)", accepted) == "look_at_camera"


# presence

SCENE = """
  const scene = (inside, outside) => {
    const rgba = new Uint8ClampedArray(m.WIDTH * m.HEIGHT * 4);
    for (let cell = 0; cell < m.WIDTH * m.HEIGHT; cell++) {
      const x = ((cell % m.WIDTH) + 0.5) / m.WIDTH - 0.5;
      const y = (Math.floor(cell / m.WIDTH) + 0.5) / m.HEIGHT - 0.5;
      const face = (x / 0.15) ** 2 + (y / 0.3) ** 2 <= 1;
      rgba.set([...(face ? inside : outside), 255], cell * 4);
    }
    return m.measure(rgba);
  };
  const wall = [90, 110, 130];
"""


@pytest.mark.parametrize("skin", [[236, 188, 160], [198, 134, 98], [141, 85, 56], [84, 52, 38]])
def test_a_face_of_any_skin_tone_is_noticed_before_any_background_is_known(lab: Evaluate, skin: list[int]) -> None:
    assert lab("presence.js", f"{{ {SCENE} return m.somebodyThere(scene(a, wall), null); }}", skin) is True


def test_an_empty_scene_and_a_beige_wall_are_nobody(lab: Evaluate) -> None:
    beige = "[222, 196, 170]"
    assert lab("presence.js", f"{{ {SCENE} return m.somebodyThere(scene(wall, wall), null); }}") is False
    assert lab("presence.js", f"{{ {SCENE} return m.somebodyThere(scene({beige}, {beige}), null); }}") is False


def test_somebody_in_grey_is_noticed_against_the_learned_background(lab: Evaluate) -> None:
    script = f"""{{ {SCENE}
      const background = m.learnBackground(null, scene(wall, wall).luma);
      return [m.somebodyThere(scene([40, 40, 40], wall), background), m.somebodyThere(scene(wall, wall), background)];
    }}"""
    assert lab("presence.js", script) == [True, False]


def test_slow_daylight_is_relearned_and_stays_nobody(lab: Evaluate) -> None:
    script = f"""{{ {SCENE}
      let background = null;
      const seen = [];
      for (let step = 0; step <= 300; step++) {{
        const light = [60 + step / 3, 70 + step / 3, 80 + step / 3];
        const look = scene(light, light);
        seen.push(m.somebodyThere(look, background));
        background = m.learnBackground(background, look.luma);
      }}
      return seen.includes(true);
    }}"""
    assert lab("presence.js", script) is False


def test_a_visit_starts_after_one_second_and_not_for_a_passer_by(lab: Evaluate) -> None:
    script = """{
      const arrival = new m.Arrival();
      const looks = a.map(([present, at]) => arrival.look(present, at));
      return looks;
    }"""
    stays = [[True, 0], [True, 400], [True, 800], [True, 1000], [True, 1200]]
    passes = [[True, 0], [True, 800], [False, 900], [True, 1000], [True, 1900]]
    assert lab("presence.js", script, stays) == [False, False, False, True, False]
    assert lab("presence.js", script, passes) == [False] * 5


def test_after_a_visit_the_guide_must_be_empty_once_before_the_next_begins(lab: Evaluate) -> None:
    script = """{
      const arrival = new m.Arrival({ armed: false });
      return a.map(([present, at]) => arrival.look(present, at));
    }"""
    looks = [[True, 0], [True, 2000], [False, 2200], [True, 2400], [True, 3400]]
    assert lab("presence.js", script, looks) == [False, False, False, False, True]


def test_a_face_detector_counts_one_near_face_in_the_middle(lab: Evaluate) -> None:
    script = "m.oneFaceInGuide(a.map((boundingBox) => ({ boundingBox })), 640, 480)"
    near = {"x": 240, "y": 120, "width": 160, "height": 200}
    assert lab("presence.js", script, [near]) is True
    assert lab("presence.js", script, [near, near | {"x": 20}]) is False
    assert lab("presence.js", script, [near | {"x": 0}]) is False
    assert lab("presence.js", script, [near | {"width": 40, "height": 50, "x": 300, "y": 200}]) is False


# uplink

FOLLOW = """{
  let plan = m.firstPlan();
  const sizes = [];
  for (let frame = 0; frame < a.frames; frame++) {
    const shape = m.frameShape(plan, { maxWidth: 640, quality: 0.85 }, a.interval);
    const bytes = 45000 * (shape.width / 640) ** 2 * (shape.quality / 0.85);
    const rate = typeof a.rate === "number" ? a.rate : a.rate[frame];
    plan = m.learnUpload(plan, bytes, a.latency + bytes / rate, a.interval);
    sizes.push({ width: shape.width, interval: shape.intervalMs, ms: a.latency + bytes / rate });
  }
  return sizes;
}"""


def test_a_fast_uplink_keeps_full_frames_and_full_rate(lab: Evaluate) -> None:
    sizes = lab("frames/uplink.js", FOLLOW, {"frames": 20, "interval": 400, "latency": 20, "rate": 1000})
    assert {size["width"] for size in sizes} == {640}
    assert {size["interval"] for size in sizes} == {400}


def test_slow_3g_gets_small_frames_less_often_within_three_frames(lab: Evaluate) -> None:
    sizes = lab("frames/uplink.js", FOLLOW, {"frames": 20, "interval": 400, "latency": 400, "rate": 50})
    assert sizes[3]["width"] == 320
    assert sizes[-1]["interval"] >= sizes[-1]["ms"]


def test_frames_grow_again_one_step_at_a_time_when_the_uplink_recovers(lab: Evaluate) -> None:
    rates = [40] * 10 + [2000] * 20
    sizes = lab("frames/uplink.js", FOLLOW, {"frames": 30, "interval": 400, "latency": 10, "rate": rates})
    widths = [size["width"] for size in sizes]
    assert widths[9] == 320
    assert widths[-1] == 640
    growth = [later - earlier for earlier, later in pairwise(widths[10:])]
    assert all(0 <= step <= 80 for step in growth)


# voice

TONE = """
  const tone = (hertz, rate, seconds) =>
    Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
  const power = (samples) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
  const middle = (samples) => samples.subarray(1000, samples.length - 1000);
"""


@pytest.mark.parametrize("rate", [48_000, 44_100, 96_000])
def test_resampling_keeps_the_voice_and_takes_out_what_would_fold_onto_it(lab: Evaluate, rate: int) -> None:
    script = f"""{{ {TONE}
      const level = (hertz) => power(middle(m.resample(tone(hertz, a, 0.5), a, 16000))) / power(tone(hertz, a, 0.5));
      return [200, 1000, 4000, 6800, 9500, 12000, 15000].map((hertz) => 20 * Math.log10(level(hertz) + 1e-9));
    }}"""
    decibels = lab("voice/resample.js", script, rate)
    assert all(abs(one) < 0.5 for one in decibels[:4])
    assert all(one < -55 for one in decibels[4:])


def test_resampling_keeps_the_length_and_the_phase(lab: Evaluate) -> None:
    script = f"""{{ {TONE}
      const out = m.resample(tone(440, 48000, 1), 48000, 16000);
      const ideal = tone(440, 16000, 1);
      return [out.length, Math.max(...middle(out).map((x, i) => Math.abs(x - middle(ideal)[i])))];
    }}"""
    length, error = lab("voice/resample.js", script)
    assert length == 16_000
    assert error < 0.005


def test_a_clip_is_16_khz_mono_pcm_and_clips_what_is_too_loud(lab: Evaluate) -> None:
    raw = lab(
        "voice/wav.js",
        "m.wav(Float32Array.of(0, 0.5, -0.5, 2, -2), 16000).arrayBuffer().then((b) => [...new Uint8Array(b)])",
    )
    clip = bytes(raw)
    assert clip[:4] == b"RIFF"
    assert clip[8:16] == b"WAVEfmt "
    header = [
        int.from_bytes(clip[at : at + size], "little") for at, size in ((20, 2), (22, 2), (24, 4), (34, 2), (40, 4))
    ]
    assert header == [1, 1, 16_000, 16, 10]
    samples = [int.from_bytes(clip[at : at + 2], "little", signed=True) for at in range(44, 54, 2)]
    assert samples == [0, 16384, -16383, 32767, -32767]


HEAR = """{
  let state = m.listening();
  for (const [level, seconds] of a) {
    for (let t = 0; t < seconds - 1e-6; t += 0.04) {
      state = m.hear(state, level, 0.04);
      if (state.done) return [state.done, state.elapsed];
    }
  }
  return [null, state.elapsed];
}"""


def speech(seconds: float, level: float = 0.08, room: float = 0.002) -> list[list[float]]:
    """Syllables with the short gaps that speech has."""
    return [[level, 0.32], [room, 0.08]] * round(seconds / 0.4)


def test_recording_stops_by_itself_after_the_phrase(lab: Evaluate) -> None:
    done, elapsed = lab("voice/endpoint.js", HEAR, [[0.002, 0.8], *speech(5), [0.002, 4]])
    assert done == "spoken"
    assert math.isclose(elapsed, 7.4, abs_tol=0.3)


def test_a_breath_between_sentence_and_digits_does_not_stop_it(lab: Evaluate) -> None:
    done, _ = lab("voice/endpoint.js", HEAR, [*speech(2), [0.002, 1.3], *speech(0.8)])
    assert done is None


def test_silence_is_noticed_after_six_seconds_and_uses_no_attempt(lab: Evaluate) -> None:
    done, elapsed = lab("voice/endpoint.js", HEAR, [[0.002, 15]])
    assert done == "nothing"
    assert math.isclose(elapsed, 6, abs_tol=0.1)


def test_a_steady_fan_is_not_a_voice(lab: Evaluate) -> None:
    done, elapsed = lab("voice/endpoint.js", HEAR, [[0.03, 2], *speech(4, level=0.15, room=0.03), [0.03, 6]])
    assert done == "spoken"
    assert math.isclose(elapsed, 7.6, abs_tol=0.3)


def test_nobody_is_recorded_for_longer_than_fifteen_seconds(lab: Evaluate) -> None:
    done, elapsed = lab("voice/endpoint.js", HEAR, speech(20))
    assert done == "full"
    assert math.isclose(elapsed, 15, abs_tol=0.1)


# words and numbers


def test_digits_of_every_script_are_typed_as_plain_ones(lab: Evaluate) -> None:
    assert lab("digits.js", "m.plainDigits(a)", "١٢٣ ４５６ ۷۸-9x") == "123456789"
    assert lab("digits.js", "m.plainPhone(a)", " +81 (90) 1234") == "+81901234"
    assert lab("digits.js", "m.plainPhone(a)", "090-1234") == "0901234"


def test_the_country_of_the_kiosk_is_chosen_first(lab: Evaluate) -> None:
    assert lab("countries.js", "m.likelyRegion('Asia/Tokyo', 'en')") == "JP"
    assert lab("countries.js", "m.likelyRegion(undefined, 'ar')") == "AE"
    assert lab("countries.js", "m.wholeNumber('JP', '9012345678')") == "+819012345678"
    assert lab("countries.js", "m.wholeNumber('JP', '+447700900123')") == "+447700900123"


def test_every_country_has_a_name_in_every_language(lab: Evaluate) -> None:
    for language in ("en", "es", "ja", "ar"):
        names = lab("countries.js", "m.countries(a).map(({ name }) => name)", language)
        assert len(names) > 150
        assert len(set(names)) == len(names)
        assert all(len(name) > 2 or language in ("ja", "ar") for name in names)


def test_money_and_dates_are_written_in_the_customers_language_with_plain_digits(lab: Evaluate) -> None:
    script = """{
      const f = m.formats(a, "Asia/Tokyo");
      return [f.money("70.00", "USD"), f.balance("1250.5", "USD"), f.date("2026-11-22T14:00:00.000Z")];
    }"""
    english, spanish, arabic = (lab("i18n.js", script, language) for language in ("en", "es", "ar"))
    assert english[:2] == ["$70", "$1,250.50"]
    assert "11:00" in english[2]
    assert spanish[1].replace("\u00a0", " ") == "1250,50 $"
    assert any("70" in text for text in arabic)
    assert not any("\u0660" <= letter <= "\u0669" for text in arabic for letter in text)


# which screen follows from which state


SCREEN = """{
  const state = { ...m.initialState(), config: { languages: ["en"] }, phase: "visit", ...a };
  return m.screenOf(state);
}"""


@pytest.mark.parametrize(
    ("state", "screen"),
    [
        ({"view": None}, "identifying"),
        ({"view": first_view()}, "identifying"),
        ({"view": first_view() | {"state": "unknown"}}, "choices"),
        ({"view": first_view() | {"state": "ambiguous"}, "claiming": True}, "claim"),
        ({"view": first_view() | pin_view()}, "pin"),
        ({"view": first_view() | voice_view(checking=True)}, "checking"),
        ({"view": first_view() | voice_view(), "camera": "missing"}, "camera"),
        ({"view": first_view() | {"state": "enrolling", "enrolment": {"step": "phrases"}}}, "phrases"),
        ({"view": first_view() | pin_view(), "network": "gone"}, "offline"),
        ({"view": first_view() | {"state": "denied", "end": {"kind": "denied"}}, "network": "gone"}, "final"),
        (
            {"view": first_view() | {"state": "handed_off", "teller": {"locked": True}}, "teller": {"page": "cash"}},
            "locked",
        ),
        (
            {"view": first_view() | {"state": "handed_off", "teller": {"locked": False}}, "teller": {"page": "menu"}},
            "teller",
        ),
        ({"view": None, "phase": "attract", "camera": "refused"}, "camera"),
        ({"config": None, "network": "gone"}, "offline"),
    ],
)
def test_the_screen_follows_from_the_state(lab: Evaluate, state: dict[str, object], screen: str) -> None:
    assert lab("state.js", SCREEN, state) == screen


def test_what_was_typed_is_forgotten_at_the_next_step_and_kept_within_one(lab: Evaluate) -> None:
    script = """{
      const { visitState } = await import("/kiosk/js/state.js");
      const at = { ...visitState(), view: a.from, code: "123", held: "pin", problem: "wrong_code" };
      const { patch, moved } = m.absorb(at, a.to, 5);
      return [moved, patch.code ?? null, "held" in patch, patch.since ?? null];
    }"""
    pin, voice = first_view() | pin_view(), first_view() | voice_view()
    assert lab("absorb.js", script, {"from": pin, "to": pin | {"version": 9}}) == [False, None, False, None]
    assert lab("absorb.js", script, {"from": pin, "to": voice}) == [True, "", True, 5]


def test_a_new_attempt_makes_the_recorded_clip_void(lab: Evaluate) -> None:
    script = """{
      const { visitState } = await import("/kiosk/js/state.js");
      const at = { ...visitState(), view: a.from, voice: { mode: "sent" } };
      const { patch, newPhrase } = m.absorb(at, a.to, 5);
      return [newPhrase, patch.voice?.mode ?? null, patch.voice?.problem ?? null];
    }"""
    first, second = first_view() | voice_view(checking=True), first_view() | voice_view(attempt=2, problem="try_again")
    assert lab("absorb.js", script, {"from": first, "to": second}) == [True, "ready", "try_again"]
    assert lab("absorb.js", script, {"from": first, "to": first}) == [False, None, None]


# correlation


def test_every_request_of_a_visit_names_one_trace_and_the_next_visit_another(lab: Evaluate) -> None:
    headers = lab(
        "correlation.js",
        """{
          m.beginTrace();
          const first = [m.traceparent(), m.traceparent()];
          m.beginTrace();
          return [...first, m.traceparent()];
        }""",
    )
    for header in headers:
        trace.adopt(header)
        assert trace.current() == header
    traces = [header.split("-")[1] for header in headers]
    assert traces[0] == traces[1] != traces[2]
    assert len({header.split("-")[2] for header in headers}) == 3


# what may overtake what


def test_a_busy_servers_pause_begins_when_it_is_told_however_long_the_upload_took(lab: Evaluate) -> None:
    waited = lab(
        "frames/uploader.js",
        """{
          const { Problem } = await import("/kiosk/js/api.js");
          const begun = [];
          let told = 0;
          const uploader = new m.Uploader({
            grab: async () => { begun.push(performance.now()); return new Blob(["x"]); },
            send: () => new Promise((_, refuse) => setTimeout(() => {
              told = performance.now();
              refuse(new Problem(503, "unavailable", "", 0.3));
            }, begun.length > 1 ? 0 : 500)),
            analysed: () => 0, interval: () => 100, limits: () => ({ maxWidth: 640, quality: 0.8 }),
            onSent: () => {}, onError: () => {},
          });
          uploader.start();
          while (!told) await new Promise((later) => setTimeout(later, 5));
          const first = told;
          while (begun.length < 2) await new Promise((later) => setTimeout(later, 5));
          uploader.stop();
          return begun[1] - first;
        }""",
    )
    assert waited >= 300


def test_the_answer_to_a_clip_says_nothing_of_the_phrase_that_came_meanwhile(lab: Evaluate) -> None:
    mode = lab(
        "voice/actions.js",
        """{
          const { createStore } = await import("/kiosk/js/store.js");
          const store = createStore({ view: { voice: { attempt: 1 } }, voice: { mode: "ready" } });
          let answer;
          const visit = { call: () => new Promise((resolve) => { answer = resolve; }), poller: { now: () => {} } };
          const app = { store, visit: () => visit, over: () => {} };
          const voice = m.voiceActions(app, { record: async () => ({ clip: new Blob(["x"]) }), stop: () => {} });
          const recorded = voice.record();
          while (!answer) await new Promise((later) => setTimeout(later, 5));
          voice.forgetClip();
          store.set({ voice: { mode: "ready" } });
          answer({ attempt: 1 });
          await recorded;
          return store.get().voice.mode;
        }""",
    )
    assert mode == "ready"
