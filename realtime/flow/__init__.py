"""SW-MRO: sliding-window multi-resolution optical flow on the canonical face."""
