"""Conversations with mail servers: fetching, signing in, trying them out."""
