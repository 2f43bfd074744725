"""Sentence embeddings in process."""
