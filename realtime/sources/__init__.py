"""Where frames come from: cameras, files, folders, network streams, a synthetic camera."""
