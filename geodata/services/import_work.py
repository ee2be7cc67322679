"""Checks and imports of waiting files, in a thread beside the requests: a page waits a little, and then looks again.

Whoever works on a file holds its lock, and one of a few places of the machine; a process that dies lets go of both, and
what it had begun is undone by the database. An import is known by the file's own id, so that it is done once.
"""

import errno
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geodata.errors import KeyBusy
from geodata.queries.imports import set_limits
from geodata.record_errors import ImportsBusy, PreviewOutdated
from geodata.services import request_keys
from geodata.services.import_checks import Options, check, told_error
from geodata.services.import_files import WaitingFile, locked, slot
from geodata.services.imports import import_file
from geodata.services.request_keys import Answer
from spatial.errors import WanggeError

# At once on this machine: each takes a processor, and holds what it reads.
SLOTS = 2

# Others who change the same records wait for us as we do for them.
STATEMENT_LIMIT_S, LOCK_LIMIT_S, IDLE_LIMIT_S = 120, 3, 900
WORK_LIMIT_S = 900.0

_TOLD_EVERY_S = 0.3
_LOCK_TIMEOUT, _CANCELLED, _DEADLOCK = "55P03", "57014", "40P01"

log = logging.getLogger("wangge")


class Stopped(Exception):
    """The file was discarded, or other options were chosen meanwhile."""


def set_options(file: WaitingFile, options: Options) -> Options:
    """Write options down under a version of their own. Raises ImportsBusy while the file is being imported."""
    state = file.read("state") or {}
    if state.get("what") == "import" and file.is_held:
        raise ImportsBusy
    made = replace(options, version=secrets.token_hex(8))
    file.write("options", made.to_json())
    return made


def is_checked(file: WaitingFile) -> bool:
    """Whether the last check is that of the options chosen last."""
    return (file.read("check") or {}).get("version") == Options.of(file).version


def begin_check(engine: Engine, data_dir: Path, file: WaitingFile, *, wait_s: float) -> bool:
    """Have the file checked with the options chosen last; whether nothing of that is left to do after `wait_s` seconds.

    Raises OSError where there is no room for what is found out.
    """

    def is_left() -> bool:
        return file.path.exists() and not is_checked(file)

    def work() -> None:
        while is_left():
            _check_once(engine, file)

    return _beside(data_dir, file, "check", work, is_left, wait_s=wait_s)


def begin_import(
    engine: Engine, data_dir: Path, file: WaitingFile, *, version: str, skip_bad: bool, actor: str, wait_s: float
) -> bool:
    """Import the file as it was checked; whether that was done, or refused, within `wait_s` seconds.

    version   of the options whose preview was seen.

    What was stored stands in `done.json`, why nothing was in `failed.json`. Raises PreviewOutdated where the preview
    was another one, or would not have let it go on, and OSError as `begin_check`.
    """
    if file.read("done") is not None:
        return True
    facts, options = file.read("check") or {}, Options.of(file)
    is_open = facts.get("error") is None and facts.get("refused") is None and (skip_bad or not facts.get("bad"))
    if version != options.version or facts.get("version") != version or not is_open:
        raise PreviewOutdated

    def work() -> None:
        if file.read("done") is None:
            _import_once(engine, file, options, skip_bad=skip_bad, actor=actor)

    return _beside(data_dir, file, "import", work, lambda: False, wait_s=wait_s)


def _beside(
    data_dir: Path,
    file: WaitingFile,
    what: str,
    work: Callable[[], None],
    is_left: Callable[[], bool],
    *,
    wait_s: float,
) -> bool:
    """Have work on a file done by a hand, who lets go of it; whoever has it already does what is left as well."""
    with ExitStack() as hold:
        try:
            is_mine = hold.enter_context(file.held())
        except FileNotFoundError:
            log.info("a waiting file was discarded before it was worked on")
            return True
        if not is_mine:
            return False
        file.write("state", {"what": what, "done": 0, "of": 0})
        (file.folder / "failed.json").unlink(missing_ok=True)
        handed = hold.pop_all()

    def by_hand() -> None:
        with _unless_discarded(file):
            with handed, _place(data_dir, file):
                work()
            # what came while that ended found the file held
            while is_left():
                with file.held() as is_ours, _place(data_dir, file):
                    if not is_ours:
                        return
                    work()

    return _hands.give(by_hand, wait_s)


@contextmanager
def _unless_discarded(file: WaitingFile) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        if file.folder.exists():
            raise
        log.info("a waiting file was discarded while it was worked on")


class _Hands:
    """A few threads that live on: what turns coordinates is made anew for each thread, which takes seconds."""

    def __init__(self) -> None:
        self._given: SimpleQueue[tuple[Future[None], Callable[[], None]]] = SimpleQueue()
        self._count = 0
        self._lock = threading.Lock()

    def give(self, work: Callable[[], None], wait_s: float) -> bool:
        """Whether it was done within that time; raises what it raised then."""
        with self._lock:
            if self._count < SLOTS:
                self._count += 1
                threading.Thread(target=self._work, name=f"import-{self._count}", daemon=True).start()
        future: Future[None] = Future()
        self._given.put((future, work))
        if not wait([future], wait_s).done:
            return False
        future.result()
        return True

    def _work(self) -> None:
        while True:
            future, work = self._given.get()
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told to whoever waits, and here where nobody does any more
                log.warning("work on an import ended early: %s", type(error).__name__)
                future.set_exception(error)
            else:
                future.set_result(None)


_hands = _Hands()


def _check_once(engine: Engine, file: WaitingFile) -> None:
    options = Options.of(file)

    def is_wanted() -> bool:
        return Options.of(file).version == options.version

    with suppress(Stopped), Session(engine) as session, _told_failures(file, options.version):
        _limit(session)
        try:
            check(session, file, options, progress=_progress(file, "check", is_wanted))
        finally:
            session.rollback()


def _import_once(engine: Engine, file: WaitingFile, options: Options, *, skip_bad: bool, actor: str) -> None:
    with suppress(Stopped), Session(engine) as session, _told_failures(file, None):
        _import(session, file, options, skip_bad=skip_bad, actor=actor)


def _import(session: Session, file: WaitingFile, options: Options, *, skip_bad: bool, actor: str) -> None:
    """The import, its run and the answer to its key in one transaction; then the file is needed no more."""
    one_hash = request_keys.body_hash([file.id])
    former = request_keys.claim(session, actor=actor, key=file.id, body_hash=one_hash)
    if former is None:
        _limit(session)
        asked = options.asked(file) | {"datum": options.datum or None, "skip_bad": skip_bad, "actor": actor}
        report = import_file(session, file.kind, file.path, progress=_progress(file, "import", lambda: True), **asked)
        if report.is_refused:
            # the records have changed since they were looked at
            session.rollback()
            file.write("failed", {"error": told_error(PreviewOutdated())})
            return
        former = Answer(200, {"run_id": report.run_id})
        request_keys.keep(session, former, actor=actor, key=file.id)
        session.commit()
    file.write("done", former.facts)
    file.drop_data()


def _limit(session: Session) -> None:
    set_limits(session, statement_s=STATEMENT_LIMIT_S, lock_s=LOCK_LIMIT_S, idle_s=IDLE_LIMIT_S)


@contextmanager
def _place(data_dir: Path, file: WaitingFile) -> Iterator[None]:
    """One of the places; where all are taken, this waits for one of them."""
    mine = int(file.id[:8], 16) % SLOTS
    for number in (mine, *(one for one in range(SLOTS) if one != mine)):
        with locked(slot(data_dir, number)) as is_free:
            if is_free:
                yield
                return
    with locked(slot(data_dir, mine), wait=True):
        yield


@contextmanager
def _told_failures(file: WaitingFile, version: str | None) -> Iterator[None]:
    """Write down why work ended early: as the check of `version`, or where there is none as the end of the import."""
    try:
        yield
    except (Stopped, FileNotFoundError):
        raise
    except Exception as error:  # noqa: BLE001 - nobody else would ever hear of it
        facts = {"error": _failure(error)}
        if version is None:
            file.write("failed", facts)
        else:
            (file.folder / "problems.jsonl").unlink(missing_ok=True)
            file.write("check", {**facts, "version": version})


def _failure(error: Exception) -> dict[str, Any]:
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    if isinstance(error, KeyBusy) or state in {_LOCK_TIMEOUT, _DEADLOCK}:
        return told_error(ImportsBusy())
    if isinstance(error, WanggeError):
        return told_error(error)
    if isinstance(error, TimeoutError) or state == _CANCELLED:
        return {"word": "TooSlow", "said": "it takes longer than imports may; split the file"}
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return {"word": "NoRoom", "said": "the server has no room for it now; try again later"}
    log.error("unexpected error in an import", exc_info=error)
    return {"word": "Unexpected", "said": "an error of the program; it has been written to the log"}


def _progress(file: WaitingFile, what: str, is_wanted: Callable[[], bool]) -> Callable[[int, int], None]:
    """Tells how far the work is, now and then, and ends it where nobody wants it any more."""
    begun = told = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - begun > WORK_LIMIT_S:
            raise TimeoutError
        if now - told < _TOLD_EVERY_S and done < of:
            return
        told = now
        if not file.folder.exists() or not is_wanted():
            raise Stopped
        file.write("state", {"what": what, "done": done, "of": of})

    return tell
