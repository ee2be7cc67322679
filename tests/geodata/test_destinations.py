"""Messages go where the operator has allowed, and nowhere else: no spelling, name or redirect leads further."""

import re
import socket

import pytest
from receivers import receiver

from geodata.errors import BadSetting, DeliveryFailed, DestinationRefused
from geodata.services.delivery import deliver
from geodata.services.destinations import addresses, allowed_hosts, destination


@pytest.fixture
def leads_to(monkeypatch):
    """A function that says where names lead: lists of addresses, one a question, the last one for ever.

    Returns the names that have been asked for.
    """

    def set_to(*turns):
        asked, left = [], list(turns)

        def answer(host, port, *_rest, **_how):
            if re.fullmatch(r"[0-9.]+|.*:.*", host):
                places = [host]
            else:
                asked.append(host)
                places = left.pop(0) if len(left) > 1 else left[0]
            family = {place: socket.AF_INET6 if ":" in place else socket.AF_INET for place in places}
            return [(family[place], socket.SOCK_STREAM, 6, "", (place, port)) for place in places]

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        return asked

    return set_to


@pytest.mark.parametrize(
    ("setting", "url", "authority"),
    [
        pytest.param("a.cn", "http://a.cn/x?y=1", "a.cn", id="a name"),
        pytest.param("a.cn", "https://A.CN./x", "a.cn", id="in capitals, with the root's dot"),
        pytest.param("a.cn:8443", "https://a.cn:8443/", "a.cn:8443", id="a port"),
        pytest.param("b.cn, a.lan=10.0.0.0/8", "http://a.lan", "a.lan", id="a name inside"),
        pytest.param("10.1.2.3:80", "http://10.1.2.3/x", "10.1.2.3", id="an address"),
        pytest.param("[::1]:8080", "http://[::1]:8080/x", "[::1]:8080", id="an address of IPv6"),
        pytest.param("127.0.0.1:80", "http://[::ffff:127.0.0.1]/", "127.0.0.1", id="the same in other clothes"),
        pytest.param("xn--fiqs8s.cn", "http://xn--fiqs8s.cn/", "xn--fiqs8s.cn", id="Chinese, spelled for machines"),
    ],
)
def test_what_is_listed_may_be_asked(setting, url, authority):
    assert destination(url, allowed_hosts(setting)).authority == authority


LOOPBACK = "127.0.0.1:80, a.cn"
ANY = "0.0.0.0"  # noqa: S104 - nothing is bound to it


@pytest.mark.parametrize(
    ("url", "word"),
    [
        pytest.param("http://b.cn/", "listed", id="another name"),
        pytest.param("http://a.cn.b.cn/", "listed", id="a name that begins alike"),
        pytest.param("http://x.a.cn/", "listed", id="a name below it"),
        pytest.param("http://a.cn:8080/", "listed", id="another port"),
        pytest.param("https://127.0.0.1/", "listed", id="the port of another scheme"),
        pytest.param("http://127.0.0.2/", "listed", id="another address"),
        pytest.param("http://[::1]/", "listed", id="loopback of IPv6"),
        pytest.param("http://0x7f.1/", "address", id="loopback in hexadecimal"),
        pytest.param("http://127.1/", "address", id="loopback cut short"),
        pytest.param("http://2130706433/", "address", id="loopback as one number"),
        pytest.param("http://0177.0.0.1/", "address", id="loopback in octal"),
        pytest.param("http://127.0.0.01/", "address", id="loopback with a nought too many"),
        pytest.param("http://[fe80::1%25eth0]/", "address", id="an address with a zone"),
        pytest.param("http://a.cn@b.cn/", "userinfo", id="the listed name as a user"),
        pytest.param("http://b.cn@a.cn/", "userinfo", id="a user at the listed name"),
        pytest.param("http://user:pass@a.cn/", "userinfo", id="a user with a password"),
        pytest.param("http://@a.cn/", "userinfo", id="a user without a name"),
        pytest.param("ftp://a.cn/", "address", id="another scheme"),
        pytest.param("file:///etc/passwd", "address", id="a file"),
        pytest.param("gopher://127.0.0.1:80/", "address", id="gopher"),
        pytest.param("//a.cn/", "address", id="no scheme"),
        pytest.param("http:///x", "address", id="no host"),
        pytest.param("http://a.cn:99999/", "address", id="no such port"),
        pytest.param("http://a.cn:0/", "address", id="port nought"),
        pytest.param("http://a.cn\\@b.cn/", "address", id="a backslash"),
        pytest.param("http://a.cn/x y", "address", id="a blank"),
        pytest.param("http://a.cn/x\r\nHost: b.cn", "address", id="a header smuggled in"),
        pytest.param("http://ａ.cn/", "address", id="a full-width letter"),
        pytest.param("http://a。cn/", "address", id="a full-width dot"),
        pytest.param("http://a.cn/#x", "address", id="a fragment"),
        pytest.param("http://a.cn/" + "x" * 1000, "address", id="too long"),
        pytest.param("", "address", id="nothing"),
    ],
)
def test_what_is_not_listed_or_strangely_spelled_is_refused(url, word):
    with pytest.raises(DestinationRefused) as caught:
        destination(url, allowed_hosts(LOOPBACK))
    assert caught.value.word == word


def test_without_a_list_nothing_is_allowed():
    assert allowed_hosts("") == allowed_hosts(" , ") == ()
    with pytest.raises(DestinationRefused, match="WANGGE_WEBHOOK_HOSTS"):
        destination("https://a.cn/", ())


@pytest.mark.parametrize(
    "entry",
    ["http://a.cn", "a.cn/x", "*.a.cn", "0x7f.1", "127.1", ANY, "224.0.0.1", "a.cn=x", "10.0.0.1=10.0.0.0/8",
     "a.cn:0", "10.0.0.0/8", "a.cn=10.0.0.1/8", "-a.cn", "a..cn"],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_refused(entry):
    with pytest.raises(BadSetting, match="WANGGE_WEBHOOK_HOSTS"):
        allowed_hosts(f"b.cn, {entry}")


@pytest.mark.parametrize(
    ("setting", "places", "good"),
    [
        pytest.param(
            "a.cn", ["8.8.8.8", "10.0.0.1", "2400:3200::1"], ["8.8.8.8", "2400:3200::1"], id="the wide internet"
        ),
        pytest.param("a.cn", ["127.0.0.1"], [], id="not this machine"),
        pytest.param("a.cn", ["169.254.169.254"], [], id="not the machine's keeper"),
        pytest.param("a.cn", ["10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1"], [], id="nothing inside"),
        pytest.param("a.cn", ["::1", "fe80::1", "fd00::1"], [], id="nothing inside by IPv6"),
        pytest.param("a.cn", ["::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"], [], id="nothing in disguise"),
        pytest.param("a.cn", [ANY, "224.0.0.1", "255.255.255.255"], [], id="no address of all"),
        pytest.param("a.cn=10.0.0.0/8", ["10.9.9.9", "8.8.8.8", "127.0.0.1"], ["10.9.9.9"], id="its network only"),
        pytest.param("a.cn=127.0.0.1", ["127.0.0.1", "127.0.0.2"], ["127.0.0.1"], id="its address only"),
        pytest.param("a.cn=fd00::/8", ["fd00::5", "10.0.0.1"], ["fd00::5"], id="its network of IPv6"),
    ],
)
def test_a_name_leads_only_where_its_entry_allows(leads_to, setting, places, good):
    leads_to(places)
    target = destination("http://a.cn/", allowed_hosts(setting))
    if good:
        assert addresses(target) == good
    else:
        with pytest.raises(DestinationRefused) as caught:
            addresses(target)
        assert caught.value.word == "resolved"


def send(url, hosts):
    deliver(url, secret="s", word="test", message_id="1", payload={}, hosts=allowed_hosts(hosts))


@pytest.fixture
def connections(monkeypatch):
    """Where connections go, each of which ends at this machine's own `port`; none is let through before it is set."""

    class Connections(list):
        port = None

    made, real = Connections(), socket.create_connection

    def connect(place, *rest, **how):
        made.append(place[0])
        if made.port is None:
            raise ConnectionRefusedError
        return real(("127.0.0.1", made.port), *rest, **how)

    monkeypatch.setattr(socket, "create_connection", connect)
    return made


def test_a_name_inside_is_asked_at_the_address_that_was_checked(leads_to, connections):
    with receiver() as friend:
        connections.port = friend.port
        asked = leads_to(["10.1.1.1"])
        send("http://a.lan:8080/hook", "a.lan:8080=10.0.0.0/8")
    assert (connections, asked) == (["10.1.1.1"], ["a.lan"])
    assert friend.got[0].headers["Host"] == "a.lan:8080"


def test_a_name_that_is_bound_anew_is_asked_where_it_was_checked(leads_to, connections):
    asked = leads_to(["8.8.8.8"], ["127.0.0.1"])
    with pytest.raises(DeliveryFailed):
        send("http://a.cn/", "a.cn")
    assert (connections, asked) == (["8.8.8.8"], ["a.cn"])
    with pytest.raises(DeliveryFailed, match="leads to"):
        send("http://a.cn/", "a.cn")
    assert connections == ["8.8.8.8"]


def test_the_next_address_is_tried_where_the_first_is_not_there(leads_to, connections):
    leads_to(["8.8.8.8", "10.0.0.1", "8.8.4.4"])
    with pytest.raises(DeliveryFailed):
        send("http://a.cn/", "a.cn")
    assert connections == ["8.8.8.8", "8.8.4.4"]


@pytest.mark.parametrize(
    "url",
    [
        "http://0x7f.1:{port}/",
        "http://127.1:{port}/",
        "http://2130706433:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://localhost:{port}/",
        "http://a.cn@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@a.cn/",
        "http://127.0.0.1:{port}/",
        "http://0.0.0.0:{port}/",
        "http://[::]:{port}/",
        "http://①②⑦.⓪.⓪.①:{port}/",
    ],
)
def test_no_spelling_of_this_machine_is_ever_asked(url):
    with receiver() as sentinel, pytest.raises(DeliveryFailed):
        send(url.format(port=sentinel.port), "a.cn, localhost")
    assert sentinel.got == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with receiver() as friend, receiver() as sentinel:
        friend.status, friend.headers = status, {"Location": sentinel.url}
        with pytest.raises(DeliveryFailed, match="redirects are not followed"):
            send(friend.url, f"{friend.hosts}, {sentinel.hosts}")
    assert len(friend.got) == 1
    assert sentinel.got == []


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    with receiver() as friend, receiver() as sentinel:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{sentinel.port}")
        send(friend.url, friend.hosts)
    assert len(friend.got) == 1
    assert sentinel.got == []
