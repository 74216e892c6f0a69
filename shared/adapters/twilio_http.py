"""The HTTP side of Twilio's SDK: silent, on one fresh connection a request, with the address a setting names."""

import logging
from urllib.parse import urlsplit

import requests
from twilio.http import HttpClient
from twilio.http.response import Response

_MOST_BYTES = 65_536


class QuietHttpClient(HttpClient):  # type: ignore[misc] # the SDK has no types
    """Replaces the SDK's own client, which logs headers and addresses and keeps the last request, text and all.

    No connection is kept: one that went stale in the meantime would leave open whether the message went out.
    `timeout` is for the connection and again for each read, in seconds. Raises requests' errors.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(logging.getLogger("twilio"), is_async=False, timeout=timeout)
        self._base_url = base_url.rstrip("/")

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        with requests.request(
            method,
            self._base_url + urlsplit(uri).path,
            params=params,  # type: ignore[arg-type] # plain text in the SDK's calls
            data=data,
            headers=headers,
            auth=auth,
            timeout=timeout or self.timeout,
            allow_redirects=allow_redirects,
            stream=True,
        ) as answer:
            body = next(answer.iter_content(_MOST_BYTES), b"")
            return Response(answer.status_code, body.decode("utf-8", "replace"))
