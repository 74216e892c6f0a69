"""Starts the stack, enrols the demo customer, plays the visits, and leaves the kiosk running."""

import argparse
import time

import requests

from devhost.demo.client import KioskClient, Problem
from devhost.demo.people import ADA, STRANGER, enrol, open_app, pairing_code
from devhost.demo.plays import PLAYS, Script, Stage, Unexpected
from devhost.run import add_stack_options, announce, stack_options
from devhost.stack import Stack

PLAYED = ("D1", "Demo stage", "UTC")
KIOSK = ("K7", "Shibuya Station", "Asia/Tokyo")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py demo", description=__doc__)
    add_stack_options(parser)
    parser.add_argument("--exit", action="store_true", help="stop after the visits; the last line is the verdict")
    given = parser.parse_args(argv)
    stack = Stack(stack_options(given))
    begun = time.monotonic()
    try:
        with stack:
            announce(stack, time.monotonic() - begun)
            failed = play(stack)
            if not given.exit:
                _serve(stack)
    except KeyboardInterrupt:
        return 0
    return 1 if failed else 0


def play(stack: Stack) -> int:
    """Play every visit; returns how many did not go as they must."""
    app = open_app(stack.environment)
    say = stack.progress.line
    begun = time.monotonic()
    if enrol(app, ADA):
        say(f"  Enrolled {ADA.name} from three photographs and three clips in {time.monotonic() - begun:.1f} s.")
    client = KioskClient(stack.url)
    client.pair(pairing_code(app, *PLAYED))
    stage = Stage(client, stack.phone_url)
    failed = 0
    for scene in PLAYS:
        try:
            _show(stack, scene(stage, ADA, STRANGER))
        except (Unexpected, TimeoutError, Problem, requests.RequestException) as failure:
            failed += 1
            say(f"\n  {scene.__name__.replace('_', ' ')}: FAILED, {failure}")
    verdict = "all went as they must" if not failed else f"{failed} did not go as they must"
    say(f"\n  Demo: {len(PLAYS)} visits played, {verdict}.")
    return failed


def _show(stack: Stack, script: Script) -> None:
    stack.progress.line(f"\n  {script.name}")
    before = 0.0
    for at, what in script.steps:
        stack.progress.line(f"    {at:6.2f} s  (+{at - before:5.2f})  {what}")
        before = at


def _serve(stack: Stack) -> None:
    code = pairing_code(open_app(stack.environment), *KIOSK)
    stack.progress.line(f"\n  Try it yourself: {stack.url}/#pair={code}")
    stack.progress.line(f"  Your codes arrive at {stack.phone_url}")
    stack.progress.line("  Ctrl-C stops everything.\n")
    stack.watch()
