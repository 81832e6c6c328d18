"""TensorRT in both its distributions: plans are built, kept, checked and run here."""
