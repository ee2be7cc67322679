"""From the words of an address to a place: reading the text, and looking it up among our own places."""
