"""What keeps the local stack from being set up or started."""


class SetupProblem(Exception):
    """The message says what is wrong and what to do about it, in words for the terminal."""
