"""Cells that a spreadsheet shows and never runs (OWASP, CSV Injection)."""

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula, or for an escaped cell of ours."""
    return f"'{text}" if text.lstrip(" ").startswith((*_STARTS, "'")) else text


def plain_cell(text: str) -> str:
    """What `safe_cell` was given; for cells that come back."""
    inner = text.removeprefix("'")
    return inner if safe_cell(inner) == text else text
