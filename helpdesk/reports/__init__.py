"""What happened, in figures that say how sure they are. Reads only."""
