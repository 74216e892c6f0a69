"""The whole local stack as one object: `with Stack(StackOptions(...)) as stack: stack.url`."""

from devhost.stack.options import StackOptions
from devhost.stack.stack import Stack

__all__ = ["Stack", "StackOptions"]
