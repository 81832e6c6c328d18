"""Model files: load, run, compile, verify and measure them."""
