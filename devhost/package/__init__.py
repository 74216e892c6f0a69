"""`atm.py package`: the deployment zip, what it is made of, and the proof that it starts by itself."""

from devhost.package.command import main

__all__ = ["main"]
