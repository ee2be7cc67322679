"""Made-up photos, as phones send them."""

import io

from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart


def photo_bytes(colour="red", *, form="JPEG", size=(400, 300), **how):
    """A picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, form, **how)
    return written.getvalue()


def photo_file(colour="red", name="IMG_0001.jpg", **how):
    """The same as a field of a form takes it."""
    return io.BytesIO(photo_bytes(colour, **how)), name


def large_form(fields, files):
    """A form with files of any size, for the test client, which would leave temporary files open for large ones.

    files   (name of the field, bytes, name of the file)
    """
    given = {**fields}
    for field, content, name in files:
        given.setdefault(field, []).append(FileStorage(io.BytesIO(content), name, field))
    boundary, body = encode_multipart(given)
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}
