"""What is made when first asked for, and once only."""

from functools import cached_property
from typing import TYPE_CHECKING


class once[T](cached_property[T]):  # noqa: N801  # used as a decorator
    """A cached property that is made by one thread only, under its owner's lock `making`."""

    if not TYPE_CHECKING:  # the type is the base class's

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            with instance.making:
                return super().__get__(instance, owner)
