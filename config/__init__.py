"""How this deployment runs and what it permits: the ground floor of the four packages."""
