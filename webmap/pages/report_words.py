"""The words that the scripts of a report say, in the reader's language; `%(name)s` is filled in by the script."""

from flask_babel import gettext as _

from webmap.pages import place_words


def script_texts() -> dict[str, str]:
    """Sentences by the key under which a script asks for them."""
    return {**_place(), **_steps(), **_photos(), **_alike(), **_queue()}


def _place() -> dict[str, str]:
    return {
        **place_words.script_texts(),
        "unchecked": _("Offline: which grid it belongs to is found when it is sent."),
        "mapAway": _("Offline: the map is not loaded. Your position and what you write are kept."),
    }


def _steps() -> dict[str, str]:
    return {
        "next": _("Next"),
        "change": _("Change"),
        "place": _("Place"),
        "kind": _("Kind of issue"),
        "needPlace": _("Say where it is: by your position, on the map, or by an address."),
        "needKind": _("Choose what kind of issue it is."),
        "needBoth": _("What was put right at once needs a photo from before and one from after."),
        "sending": _("Sending …"),
        "draftKept": _("Your draft of %(time)s is back."),
        "startAgain": _("Start again"),
    }


def _photos() -> dict[str, str]:
    return {
        "remove": _("Take away"),
        "photoOf": _("Photo %(number)s"),
        "tooMany": _("At most %(most)s photos."),
        "notReadable": _("%(name)s cannot be read as a photo here; the server will look at it."),
    }


def _alike() -> dict[str, str]:
    return {
        "alikeTitle": _("Is it one of these?"),
        "alikeHint": _("Reported already close by and lately. Compare, then choose."),
        "mine": _("Mine"),
        "now": _("now"),
        "noPhoto": _("no photo"),
        "metresAway": _("%(metres)s m away"),
        "follow": _("Same thing: follow it"),
        "another": _("Mine is another one"),
        "open": _("Open"),
        "decideFirst": _("Say first whether it is one of those."),
        "followed": _("You follow ticket %(number)s. Nothing new was reported."),
    }


def _queue() -> dict[str, str]:
    return {
        "waiting": _("%(count)s waiting to be sent"),
        "kept": _("No network: kept on this phone. It is sent by itself when the network is back."),
        "retry": _("Try again"),
        "delete": _("Delete"),
        "reallyDelete": _("Really delete?"),
        "correct": _("Correct it"),
        "compare": _("Compare"),
        "isWaiting": _("waits for the network"),
        "isAlike": _("something like it was reported meanwhile"),
        "isWrong": _("not taken: %(said)s"),
        "isSignedOut": _("sign in to send it"),
        "isOthers": _("written by %(name)s, who has to sign in to send it"),
        "signIn": _("Sign in"),
        "sent": _("Sent: ticket %(number)s"),
        "withPhotos": _("%(count)s photos"),
        "noStore": _("This browser keeps nothing for later; stay online until it is sent."),
        "failed": _("Not sent. Try again."),
    }
