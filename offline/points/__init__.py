"""Point labels: one labelled frame per expression, read, written, and made from full labels."""
