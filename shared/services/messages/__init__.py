"""What customers are told by SMS: the PIN, and what staff did."""
