"""Feature records, and the videos that they come from."""
