"""After the grant: the hand-off, and the teller screen with its demo bank."""
