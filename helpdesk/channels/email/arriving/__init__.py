"""From the bytes of a letter to a message of a ticket: kept, read, placed, heard."""
