"""What operators do with people: look after them, lists in and out, photos, telephone numbers."""
