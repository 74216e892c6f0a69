"""How a person becomes known to the machine, and is known better with time."""
