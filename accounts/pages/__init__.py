"""Pages of ours, and what they share."""
