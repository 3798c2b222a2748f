"""What a letter says: bytes to words, files and claims. Pure: no database, no clock."""
