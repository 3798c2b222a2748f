"""The counted words of articles: a cache, in files or in the database, kept behind the articles by jobs."""
