"""The browser and the wire: HTTP, HTML, maps, sign-in, the command line."""
