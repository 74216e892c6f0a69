"""The machines: paired, named, revoked, and how often each may start."""
