"""All the SQL: named, bound statements, and the small types their rows become."""
