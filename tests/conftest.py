"""How hard property tests try: `quick` by default, the same on every run; `--hypothesis-profile deep` tries more."""

from hypothesis import HealthCheck, settings

_EVERYWHERE = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("quick", _EVERYWHERE, max_examples=60, derandomize=True)
settings.register_profile("deep", _EVERYWHERE, max_examples=2000)
settings.load_profile("quick")
