"""The console alone, in a real Chromium: against a small server that plays its contract, and against the real stack."""
