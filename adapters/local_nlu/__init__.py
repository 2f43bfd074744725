"""The embedded intent recogniser."""
