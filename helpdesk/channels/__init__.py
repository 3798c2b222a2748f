"""How words arrive and leave: one room for each channel."""
