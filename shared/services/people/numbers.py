"""Phone numbers as people type them, made E.164."""

import phonenumbers

from shared.domain.errors import BadRequest


class Numbers:
    """`country`: ISO code taken for numbers typed without +."""

    def __init__(self, country: str) -> None:
        self._country = country

    def parse(self, typed: str) -> str:
        """E.164. Raises BadRequest("bad_phone") for what cannot be a number of any network."""
        try:
            number = phonenumbers.parse(typed, self._country)
        except phonenumbers.NumberParseException:
            raise BadRequest("bad_phone", "this is not a telephone number") from None
        if not phonenumbers.is_possible_number(number):
            raise BadRequest("bad_phone", "this is not a telephone number")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
