"""Keeps other web pages of the developer's browser away from the local control endpoints."""

import ipaddress

from aiohttp import web


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def from_another_site(request: web.Request) -> bool:
    """A browser's request made by a page of another origin."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and origin != f"{request.scheme}://{request.host}"


def is_local(request: web.Request) -> bool:
    """From this machine and under one of its own names: a foreign name that resolves here (rebinding) is not."""
    try:
        named = request.url.host or ""
    except ValueError:
        return False
    return is_loopback(request.remote or "") and is_loopback(named) and not from_another_site(request)
