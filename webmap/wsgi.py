"""The application object that a web server loads."""

from webmap.loading import loading

with loading():
    from webmap.app import create_app

    app = create_app()
