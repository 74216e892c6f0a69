"""All known faces: who one is, by the embedded gallery or a face service, and where it was seen."""
