"""Services outside, played here by servers that keep to their published descriptions."""
