"""How fast backends answer, measured side by side."""
