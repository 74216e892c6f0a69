"""Codes of authenticator apps: TOTP (RFC 6238) with what every app can do, SHA-1, six digits, 30 seconds."""

import hmac
from datetime import datetime
from io import BytesIO

import pyotp
import segno

SECONDS = 30
_DRIFT = (0, -1, 1)  # one step either way: RFC 6238 §5.2


class Totp:
    """An AuthenticatorCodes."""

    def uri(self, secret: str, account: str, issuer: str) -> str:
        return pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=account, issuer_name=issuer)

    def qr(self, uri: str) -> str:
        out = BytesIO()
        segno.make(uri, error="m", micro=False).save(
            out, kind="svg", xmldecl=False, svgclass=None, lineclass=None, border=4
        )
        return out.getvalue().decode().strip()

    def step(self, secret: str, code: str, at: datetime) -> int | None:
        now = int(at.timestamp()) // SECONDS
        codes = pyotp.TOTP(secret, interval=SECONDS)
        typed = code.encode("utf-8", "replace")
        found = [now + d for d in _DRIFT if hmac.compare_digest(codes.generate_otp(now + d).encode(), typed)]
        return found[0] if found else None
