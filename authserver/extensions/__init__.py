"""One file per specification that reaches into several endpoints."""
