"""THE PROTOCOL: what clients speak to."""
