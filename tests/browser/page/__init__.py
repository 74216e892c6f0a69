"""The kiosk page alone, in a real Chromium, against a small server that plays the contract."""
