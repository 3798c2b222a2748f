"""The history of the tables, numbered so that its order can be seen."""
