"""What somebody has to look at, and when it is over."""
