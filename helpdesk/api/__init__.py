"""The JSON door: the same nouns and verbs as the pages, for programs that hold a token."""
