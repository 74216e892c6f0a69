"""Whether what the app leans on is there, warm and quick."""
