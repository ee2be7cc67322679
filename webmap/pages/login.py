"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_limiter import Limiter
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from geodata.services import users
from webmap import params
from webmap.access import sign_in
from webmap.records import current_session

# Two server processes count apart, so each allows half of what the account may try.
TRIES = "5 per 15 minutes"
TRIES_OF_ADDRESS = "50 per 15 minutes"


def blueprint(limiter: Limiter) -> Blueprint:
    """The sign-in pages, with tries limited per account and address."""
    bp = Blueprint("login", __name__)

    @bp.get("/login")
    def form() -> str | Response:
        if current_user.is_authenticated:
            return redirect(params.next_path())
        return render_template("login.html", next=params.next_path(), name="", error=None)

    @bp.post("/login")
    @limiter.limit(TRIES, key_func=_account_and_address, deduct_when=_failed)
    @limiter.limit(TRIES_OF_ADDRESS, deduct_when=_failed)
    def enter() -> tuple[str, int] | Response:
        name, password = request.form.get("name", "").strip(), request.form.get("password", "")
        target = params.own_path(request.form.get("next"))
        user = users.verify(current_session(), name, password)
        if user is None:
            words = _("Name or password is wrong. After five wrong tries, wait a quarter of an hour.")
            return render_template("login.html", next=target, name=name[:80], error=words), 401
        sign_in(user)
        return redirect(target)

    @bp.post("/logout")
    def leave() -> Response:
        logout_user()
        session.clear()
        return redirect("/")

    return bp


def _account_and_address() -> str:
    return f"{request.form.get('name', '').strip().casefold()[:80]} {request.remote_addr}"


def _failed(response: Response) -> bool:
    return response.status_code != 302
