"""What operators did and looked at, sealed so that a change shows."""
