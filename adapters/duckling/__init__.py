"""A Duckling that is asked over HTTP."""
