"""What `./conformance` sends otherwise than Schemathesis would: a key that makes a request the same as an earlier one is
drawn again and again, and another request is rightly refused under it, so each valid one becomes a key of its own."""

import re
import uuid

import schemathesis

KEY = "Idempotency-Key"
VALID = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,210}[\x21-\x7e])?")


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get(KEY)
    if isinstance(key, str) and VALID.fullmatch(key):
        case.headers[KEY] = f"{key}{uuid.uuid4()}"
