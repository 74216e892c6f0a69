"""What is kept of a session while it lasts."""
