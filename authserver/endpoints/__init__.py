"""One file per URL; an endpoint knows no other endpoint."""
