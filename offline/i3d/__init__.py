"""Two-stream I3D features: what the published systems read, per snippet of frames."""
