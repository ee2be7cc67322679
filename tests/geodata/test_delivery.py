"""One message over the wire: what it carries, that a receiver can trust it, and that nobody can hold it up."""

import hashlib
import hmac
import json
import shutil
import ssl
import subprocess
import threading

import pytest
from receivers import listener, receiver

from geodata.errors import DeliveryFailed, DestinationRefused
from geodata.services import delivery, destinations
from geodata.services.delivery import deliver, fetch, signature
from geodata.services.destinations import allowed_hosts

PAYLOAD = {"word": "close", "ticket": "20260310-000001", "unit": "单位"}


def send(port_or_friend, *, scheme="http", **facts):
    port = getattr(port_or_friend, "port", port_or_friend)
    plain = {"secret": "s3cret", "word": "close", "message_id": "42", "payload": PAYLOAD}
    deliver(f"{scheme}://127.0.0.1:{port}/hook?a=1", hosts=allowed_hosts(f"127.0.0.1:{port}"), **{**plain, **facts})


def ask(port, *, scheme="http", most_bytes=1000):
    hosts = allowed_hosts(f"127.0.0.1:{port}")
    return fetch(f"{scheme}://127.0.0.1:{port}/ask?a=1", hosts=hosts, most_bytes=most_bytes)


EITHER = pytest.mark.parametrize("speak", [pytest.param(send, id="a message"), pytest.param(ask, id="a question")])


def is_from_us(secret, headers, body):
    """What a receiver's own few lines do, written from the operator's guide alone."""
    parts = dict(part.split("=", 1) for part in headers["Wangge-Signature"].split(","))
    wanted = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, parts["v1"])


def test_a_message_carries_its_word_its_number_and_a_signature():
    with receiver() as friend:
        send(friend, at=1_773_106_200)
    path, headers, body = friend.got[0]
    assert (path, json.loads(body)) == ("/hook?a=1", PAYLOAD)
    assert (headers["Wangge-Event"], headers["Wangge-Delivery"]) == ("close", "42")
    assert headers["Wangge-Signature"].startswith("t=1773106200,v1=")
    assert is_from_us("s3cret", headers, body)
    assert not is_from_us("s3cret", headers, body.replace(b"1", b"2"))
    assert not is_from_us("another", headers, body)
    later = {**headers, "Wangge-Signature": headers["Wangge-Signature"].replace("1773106200", "1773106201")}
    assert not is_from_us("s3cret", later, body)


def test_the_signature_is_the_one_of_the_guide():
    assert signature("key", b"{}", at=1) == "t=1,v1=" + hmac.new(b"key", b"1.{}", "sha256").hexdigest()


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_status_of_two_hundred_is_an_arrival(status):
    with receiver() as friend:
        friend.status = status
        send(friend)


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_any_other_status_is_none(status):
    with receiver() as friend:
        friend.status = status
        with pytest.raises(DeliveryFailed, match=str(status)) as caught:
            send(friend)
    assert not caught.value.is_unreachable


def test_of_an_answer_nothing_is_kept_however_long():
    with receiver() as friend:
        friend.status, friend.content = 500, b"13800138000 " * 100_000
        with pytest.raises(DeliveryFailed) as caught:
            send(friend)
    assert "1380" not in str(caught.value)


def test_where_nobody_listens_it_fails_at_once():
    with receiver() as friend:
        port = friend.port
    with pytest.raises(DeliveryFailed, match="could not be reached") as caught:
        send(port)
    assert caught.value.is_unreachable


def dripping(content):
    """An answer that comes byte by byte, each in time, and never ends."""

    def answer(connection, stop):
        connection.recv(1024)
        for sign in content:
            if stop.wait(0.02):
                return
            connection.sendall(bytes([sign]))

    return answer


drip = dripping(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000)
drip_body = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 10_000)
# the head of a record of TLS that says how long it is, and then is long
shake = dripping(b"\x16\x03\x03\x3f\xff" + b"\x02" * 10_000)


def silence(connection, stop):
    stop.wait(10)


def rubbish(connection, _stop):
    connection.recv(1024)
    connection.sendall(b"\x00\x01 this is no answer\r\n\r\n")


def hang_up(connection, _stop):
    connection.recv(10)


def hundred(connection, stop):
    """An endless row of "go on"."""
    connection.recv(1024)
    while not stop.wait(0.001):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 10)


@EITHER
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(drip, id="an answer in drops"),
        pytest.param(silence, id="none at all"),
        pytest.param(rubbish, id="rubbish"),
        pytest.param(hang_up, id="hanging up"),
        pytest.param(hundred, id="go on, go on"),
    ],
)
def test_nobody_holds_us_up(answer, speak, monkeypatch):
    monkeypatch.setattr(delivery, "TOTAL_S", 0.4)
    before = threading.active_count()
    with listener(answer) as port, pytest.raises(DeliveryFailed) as caught:
        speak(port)
    assert caught.value.is_unreachable
    assert threading.active_count() <= before


@EITHER
def test_hands_that_are_shaken_for_ever_are_let_go(speak, monkeypatch):
    monkeypatch.setattr(delivery, "TOTAL_S", 0.4)
    with listener(shake) as port, pytest.raises(DeliveryFailed, match="not answer in time"):
        speak(port, scheme="https")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1 that nobody has vouched for, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key = path.with_name("key.pem")
    names = ["-subj", "/CN=wangge-test", "-addext", "subjectAltName=IP:127.0.0.1"]
    openssl = shutil.which("openssl")
    assert openssl, "openssl makes the certificate of this test"
    how = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, "-keyout", key, "-out", path]
    subprocess.run([openssl, *how], check=True, capture_output=True)  # noqa: S603 - our words only
    path.write_text(path.read_text() + key.read_text())
    return path


def secured(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(connection, _stop):
        try:
            with context.wrap_socket(connection, server_side=True) as line:
                got = b""
                while not got.endswith(b"}"):
                    got += line.recv(1024)
                line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        except OSError:
            return

    return answer


@EITHER
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate, speak):
    with listener(secured(certificate)) as port, pytest.raises(DeliveryFailed, match="certificate is not good"):
        speak(port, scheme="https")


def test_a_certificate_that_the_operator_trusts_is_taken(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with listener(secured(certificate)) as port:
        send(port, scheme="https")


# -- questions ---------------------------------------------------------------------------------------


def saying(content, *, heard=None):
    """A server that reads one request, says this, and hangs up."""

    def answer(connection, _stop):
        got = connection.recv(4096)
        if heard is not None:
            heard.append(got.decode())
        connection.sendall(content)

    return answer


def test_a_question_brings_back_status_and_body():
    heard = []
    with listener(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", heard=heard)) as port:
        assert ask(port) == (200, b"{}")
    assert heard[0].startswith("GET /ask?a=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{port}\r\n" in heard[0]


def test_a_question_follows_no_redirect():
    with receiver() as friend:
        there = f"HTTP/1.1 302 Found\r\nLocation: {friend.url}\r\nContent-Length: 0\r\n\r\n".encode()
        with listener(saying(there)) as port:
            assert ask(port) == (302, b"")
    assert friend.got == []


@pytest.mark.parametrize("how", [b"Content-Length: 1001\r\n\r\n", b"\r\n"], ids=["said", "not said"])
def test_an_answer_that_is_too_long_is_not_read_on(how):
    answer = saying(b"HTTP/1.1 200 OK\r\n" + how + b"x" * 1001)
    with listener(answer) as port, pytest.raises(DeliveryFailed, match="longer than 1,000 bytes"):
        ask(port)


def test_an_answer_in_drops_ends_at_the_limit(monkeypatch):
    monkeypatch.setattr(delivery, "TOTAL_S", 0.4)
    with listener(drip_body) as port, pytest.raises(DeliveryFailed, match="not answer in time"):
        ask(port, most_bytes=20_000)


def test_a_question_goes_only_where_it_may(monkeypatch):
    with pytest.raises(DestinationRefused):
        fetch("http://127.0.0.1:1/", hosts=allowed_hosts("127.0.0.1:2"), most_bytes=10)
    monkeypatch.setattr(destinations, "resolve", lambda *_: ["10.1.2.3"])
    with pytest.raises(DestinationRefused) as caught:
        fetch("https://geocoder.example.cn/", hosts=allowed_hosts("geocoder.example.cn"), most_bytes=10)
    assert caught.value.word == "resolved"


def test_a_name_that_leads_nowhere_is_said(monkeypatch):
    def nowhere(*_):
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr(destinations, "resolve", nowhere)
    with pytest.raises(DeliveryFailed, match="leads nowhere"):
        fetch("https://geocoder.example.cn/", hosts=allowed_hosts("geocoder.example.cn"), most_bytes=10)
