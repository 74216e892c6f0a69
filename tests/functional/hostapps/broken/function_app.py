"""An app that cannot be loaded."""

raise RuntimeError("this app is broken")
