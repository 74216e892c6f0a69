"""What goes, when its time is over or its person asks, and the holds that keep it."""
