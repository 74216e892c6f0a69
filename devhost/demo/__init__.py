"""`atm.py demo`: plays visits against the running stack, with real photographs and speech, through the HTTP API."""

from devhost.demo.command import main

__all__ = ["main"]
