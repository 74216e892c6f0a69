"""References that go to a provider and come back: sealed, so that they tell nobody anything and cannot be made up."""

import base64
import binascii

from shared.domain.errors import NotAllowed
from shared.ports import Keys

_PURPOSE = "sms-reference"
_MOST = 400


class OpaqueReferences:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def hide(self, reference: str) -> str:
        """Letters, digits, `-` and `_`; another one each time."""
        return base64.urlsafe_b64encode(self._keys.seal(_PURPOSE, reference.encode(), _PURPOSE)).decode().rstrip("=")

    def show(self, hidden: str) -> str:
        """Raises NotAllowed."""
        if len(hidden) > _MOST:
            raise NotAllowed("not a reference")
        try:
            sealed = base64.b64decode(hidden + "=" * (-len(hidden) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise NotAllowed("not a reference") from None
        return self._keys.open(_PURPOSE, sealed, _PURPOSE).decode()
