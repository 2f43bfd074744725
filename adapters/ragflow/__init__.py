"""A knowledge base kept by RAGFlow."""
