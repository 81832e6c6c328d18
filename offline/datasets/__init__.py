"""The datasets as distributed, and anyone's own videos, all as the same records."""
