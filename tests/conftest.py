"""How hard property tests try: `quick` by default, the same on every run; `--hypothesis-profile deep` tries more."""

import signal

from hypothesis import HealthCheck, settings

# A shell starts a background job with Ctrl-C ignored, and children inherit that: a test that interrupts its own child
# would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_EVERYWHERE = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("quick", _EVERYWHERE, max_examples=60, derandomize=True)
settings.register_profile("deep", _EVERYWHERE, max_examples=2000)
settings.load_profile("quick")
