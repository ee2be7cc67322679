"""The verbs: what can be done with the records, a file per noun."""
