"""The charts of a report, each an inline SVG."""
