"""The records: tables, SQL, files in and out, geocoding, the rules on records."""
