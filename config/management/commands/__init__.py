"""The operator's commands of this package."""
