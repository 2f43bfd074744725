"""A knowledge base over Markdown files."""
