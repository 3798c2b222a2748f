"""Where people change the path itself: drafts of stage sets, and the rules of stages, overlays, segments."""
