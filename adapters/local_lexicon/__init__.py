"""Dictionary and pattern entities of the catalogue."""
