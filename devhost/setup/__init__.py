"""What a developer's machine needs beyond Python: found if it is there, installed once if it is not."""
