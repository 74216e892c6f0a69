"""Who works here, and how they help a customer at a machine."""
