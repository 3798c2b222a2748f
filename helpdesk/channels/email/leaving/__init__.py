"""How answers and automatic letters leave, in whose voice."""
