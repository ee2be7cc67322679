"""The application object that a web server loads."""

from webmap.app import create_app

app = create_app()
