"""What was recorded of visits, and the lists by which officers find it."""
