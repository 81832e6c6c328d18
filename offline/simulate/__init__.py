"""SW-MRO windows simulated without images: unlimited training data with exact truth."""
