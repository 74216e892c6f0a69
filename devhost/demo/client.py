"""A kiosk without a screen: what the page does over HTTP, for the demo, the benchmarks and the tests."""

import base64
import hashlib
import secrets
import time
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

_TIMEOUT = 10


class Problem(Exception):
    """An answer that is not the expected one; `code` is the API's."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


class KioskClient:
    """One kiosk, with its own key and connection. Not for several threads at once: see `another`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.kiosk = ""

    def another(self) -> "KioskClient":
        """The same kiosk on a connection of its own."""
        twin = KioskClient(self._url)
        twin._key, twin.kiosk = self._key, self.kiosk
        return twin

    def pair(self, code: str) -> None:
        numbers = self._key.public_key().public_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": _encoded(numbers.x), "y": _encoded(numbers.y)}
        self.kiosk = self.call("POST", "/api/kiosks/pair", json={"code": code, "publicKey": jwk})["kiosk"]

    def start(self) -> "VisitClient":
        """Begin a visit."""
        body = b'{"language":"en","trigger":"face"}'
        headers = {**self.signature(body), "Content-Type": "application/json"}
        begun = self.call("POST", "/api/sessions", data=body, headers=headers)
        return VisitClient(self, begun["session"]["id"], begun["token"])

    def signature(self, body: bytes) -> dict[str, str]:
        """The headers that start a visit with this very body, once and within a minute."""
        now, nonce = str(round(time.time() * 1000)), secrets.token_urlsafe(16)
        message = f"POST\n/api/sessions\n{self.kiosk}\n{now}\n{nonce}\n{hashlib.sha256(body).hexdigest()}".encode()
        r, s = utils.decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256())))
        return {
            "X-Kiosk": self.kiosk,
            "X-Kiosk-Time": now,
            "X-Kiosk-Nonce": nonce,
            "X-Kiosk-Signature": _text(r.to_bytes(32, "big") + s.to_bytes(32, "big")),
        }

    def call(self, method: str, path: str, **rest: Any) -> Any:
        """The answer's JSON, None where there is none. Raises Problem."""
        answer = self._http.request(method, self._url + path, timeout=_TIMEOUT, **rest)
        is_json = "json" in answer.headers.get("Content-Type", "")
        body = answer.json() if is_json and answer.content else None
        if answer.status_code >= 400:
            problem = body if isinstance(body, dict) else {}
            raise Problem(answer.status_code, problem.get("code", "no_problem_json"), problem.get("detail", ""))
        return body


class VisitClient:
    """One visit of a kiosk, by its token."""

    def __init__(self, kiosk: KioskClient, session: str, token: str) -> None:
        self._kiosk = kiosk
        self.session = session
        self.headers = {"X-Visit-Token": token}

    def on_another_connection(self) -> "VisitClient":
        twin = VisitClient(self._kiosk.another(), self.session, "")
        twin.headers = self.headers
        return twin

    def view(self) -> dict[str, Any]:
        view: dict[str, Any] = self.call("GET", "")
        return view

    def frame(self, image: bytes) -> int:
        seq: int = self.call("POST", "/frames", data=image, headers={"Content-Type": "image/jpeg"})["seq"]
        return seq

    def pin(self, code: str) -> dict[str, Any]:
        result: dict[str, Any] = self.call("POST", "/pin", json={"code": code})
        return result

    def voice(self, attempt: int, clip: bytes) -> None:
        self.call("POST", f"/voice?attempt={attempt}", data=clip, headers={"Content-Type": "audio/wav"})

    def step(self, name: str, **body: Any) -> dict[str, Any]:
        """retry, claim, assistance, more-time, pin/resend …: the view afterwards."""
        view: dict[str, Any] = self.call("POST", f"/{name}", json=body)
        return view

    def handoff(self) -> str:
        token: str = self.call("POST", "/handoff", json={})["token"]
        return token

    def open_teller(self, token: str) -> dict[str, Any]:
        """Redeem the token: from now on this visit goes by the teller's token."""
        opened: dict[str, Any] = self._kiosk.call("POST", "/api/teller/open", json={"token": token})
        self.headers = {"X-Teller-Token": opened["tellerToken"]}
        return opened

    def withdraw(self, account: str, amount: str, key: str) -> dict[str, Any]:
        body = {"account": account, "amount": amount, "key": key}
        answer = self._kiosk.call("POST", "/api/teller/withdrawals", json=body, headers=self.headers)
        receipt: dict[str, Any] = answer["receipt"]
        return receipt

    def leave(self) -> None:
        self.call("DELETE", "")

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **rest: Any) -> Any:
        where = f"/api/sessions/{self.session}{path}"
        return self._kiosk.call(method, where, headers={**self.headers, **(headers or {})}, **rest)


def _encoded(number: int) -> str:
    return _text(number.to_bytes(32, "big"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
