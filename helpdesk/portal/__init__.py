"""The customer's own pages: the help centre's home, the request form, one's requests."""
