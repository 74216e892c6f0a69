"""Somebody who turns their head: frames of one photograph, looking straight, to their left and to their right.

The turn is drawn (`devhost.scenes`), not photographed: it moves the landmarks and the features as a turned head does,
and proves no more than that.
"""

from functools import cache

from devhost import portraits
from devhost.scenes import Placing

TURNS = {"straight": 0, "left": 20, "right": -20}
"""Degrees, towards the picture's right when positive: that is the customer's own left."""


@cache
def poses(photo: str = "c1") -> dict[str, list[bytes]]:
    """Three slightly different frames for each turn."""
    pictures = portraits.originals(portraits.ensure())
    return {
        name: [
            portraits.jpeg(portraits.shot(pictures, photo, Placing(eye_distance=distance, turn=turn)))
            for distance in (98, 100, 102)
        ]
        for name, turn in TURNS.items()
    }
