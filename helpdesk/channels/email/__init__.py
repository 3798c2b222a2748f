"""E-mail: letters come in as bytes and leave as rows of the outbox."""
