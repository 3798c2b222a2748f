"""The knowledge base: articles that answer a question once, and the search that finds the one that does.

`words` turns Japanese and English text into terms, `engine` keeps them in a Whoosh index per language
and finds the articles that fit a question; neither needs the web or the database.
"""
