"""Programs that come in by a key of somebody's, as other systems of a district do."""

from typing import NamedTuple

from geodata.db import session_on
from geodata.services import api_keys
from geodata.services.permissions import SCOPES

V1 = "/api/v1"


class Program(NamedTuple):
    """A program with its key; each request is by itself, as there are no cookies."""

    app: object
    key: str

    def ask(self, method, address, *, headers=None, **how):
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        return self.app.test_client().open(f"{V1}{address}", method=method, headers=sent, **how)

    def get(self, address, **how):
        return self.ask("GET", address, **how)

    def post(self, address, body=None, **how):
        return self.ask("POST", address, **({"json": body} if body is not None else {}), **how)

    def all(self, address):
        """Items of all pages of a list, in their order."""
        found = []
        while address:
            page = self.get(address.removeprefix(V1)).json
            found += page["items"]
            address = page["next"]
        return found


def program_of(app, engine, user, *scopes):
    """A program that acts for a user, with all scopes unless some are named."""
    with session_on(engine) as session:
        return Program(app, api_keys.issue(session, user, name="a program", scopes=scopes or SCOPES)[1])
