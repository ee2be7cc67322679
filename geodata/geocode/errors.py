"""What can go wrong with geocoders of other houses. "Not found" is none of it: that is an empty answer."""

from spatial.errors import WanggeError


class GeocoderError(WanggeError):
    """A geocoder of another house gave no answer that could be used.

    geocoder   its name; a key or an address asked for stands in no sentence.
    """

    def __init__(self, geocoder: str, sentence: str) -> None:
        super().__init__(f"{geocoder}: {sentence}")
        self.geocoder = geocoder


class QuotaExceeded(GeocoderError):
    """It may not be asked any more for now.

    word   `own` (our count of the day is full), `day` (theirs is) or `rate` (too many at once).
    """

    def __init__(self, geocoder: str, word: str, *, quota: int | None = None) -> None:
        sentences = {
            "own": f"the {quota} questions of today are used up; run again tomorrow, or set WANGGE_GEOCODER_QUOTA "
            "to what your contract allows",
            "day": "it says that the quota of this key is used up; run again tomorrow, or order a larger quota there",
            "rate": "it says that it is asked too fast; run again in some minutes, and in one place at a time",
        }
        super().__init__(geocoder, sentences[word])
        self.word = word
        self.quota = quota


class GeocoderRefused(GeocoderError):
    """It does not serve us: the key is not good, our address is not allowed, or the key is for another service.

    word   `key`, `address`, `service` or `request`.
    code   the code that it gave, a short one of its own list.
    """

    def __init__(self, geocoder: str, word: str, code: str) -> None:
        sentences = {
            "key": "it does not accept the key; check WANGGE_GEOCODER_KEY against the one in its console",
            "address": "it does not serve our internet address; add the server's outgoing address to the key's "
            "white list in its console",
            "service": "the key does not permit geocoding from a server; make one for its web service in its console",
            "request": "it does not understand the question; check WANGGE_GEOCODER_URL, and whether it has changed",
        }
        super().__init__(geocoder, f"{sentences[word]} (its code: {code})")
        self.word = word
        self.code = code


class GeocoderUnreachable(GeocoderError):
    """It could not be spoken to: no network, no answer in time, a bad certificate, or a fault of its own."""

    def __init__(self, geocoder: str, why: str) -> None:
        super().__init__(
            geocoder, f"{why}; check the way out of this network (WANGGE_GEOCODER_URL names a gateway), then run again"
        )
        self.why = why


class BadReply(GeocoderError):
    """It answered something that its format does not have, or a place that cannot be one."""

    def __init__(self, geocoder: str, why: str) -> None:
        super().__init__(geocoder, f"its answer cannot be used: {why}; look at what stands between it and this server")
        self.why = why


class GeocoderOff(WanggeError):
    """Nobody else's geocoder may be asked, or another one than this."""

    def __init__(self, asked: str, allowed: str, known: tuple[str, ...]) -> None:
        state = f"it allows {allowed} only" if allowed else "none is allowed"
        super().__init__(
            f"{asked} is not asked: {state}. Asking it sends addresses out of the house; where that is permitted, "
            f"set WANGGE_GEOCODER to one of {', '.join(known)}, and WANGGE_GEOCODER_KEY (or WANGGE_GEOCODER_KEY_FILE)"
        )
        self.asked = asked
        self.allowed = allowed
