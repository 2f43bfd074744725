"""What a designer configures: intents, examples, functions, the catalogue."""
