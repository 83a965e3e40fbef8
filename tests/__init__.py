"""The suite: `make test` runs all of it; one test runs with plain pytest."""
