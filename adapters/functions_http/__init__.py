"""Business functions over HTTP."""
