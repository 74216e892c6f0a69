"""The steps of a visit, from the first frame to its end."""
