"""What a camera, a light and a seat allow: measured before a study, not after it."""
