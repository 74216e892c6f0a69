"""What a telephone number looks like to those who need not know it."""


def masked(phone: str) -> str:
    """`+12025550142` as `••••••42`: however long it was, only the end shows."""
    return "•" * 6 + phone[-2:]
