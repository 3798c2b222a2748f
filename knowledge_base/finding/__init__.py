"""From a question to the articles that answer it, and to the questions that others asked."""
