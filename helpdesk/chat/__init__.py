"""Live chat: a ticket whose customer is here."""
