"""Articles in from elsewhere and out again, as files."""
