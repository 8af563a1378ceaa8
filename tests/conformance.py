"""What `./conformance` sends otherwise than Schemathesis would.

A key that makes a request the same as an earlier one is drawn again and again, and another request is rightly refused
under it, so each valid one becomes a key of its own. What is drawn for `If-Match`, Schemathesis makes up by itself, whatever
the schema says; where the request is to be taken, it becomes an entity tag. A request that leaves a header out is sent as it
is: Schemathesis takes headers that were touched for mended, and puts back what `--header` gives.

What it varies field by field is not asked whether all fields together still fit the schema, so what is meant to be taken and
does not fit is left out. So is a reminder with a time and an end: which of the two comes first is a matter of chance."""

import re
import uuid

import schemathesis
from schemathesis.core import NOT_SET
from schemathesis.core.jsonschema import make_validator
from schemathesis.transport.prepare import get_exclude_headers

JSON = ("application/json", "application/merge-patch+json")
KEY = "Idempotency-Key"
KEY_MAX = 255
VALID = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?")
TAGS = re.compile(r'\*|(W/)?"[\x21\x23-\x7e]*"([ \t]*,[ \t]*(W/)?"[\x21\x23-\x7e]*"){0,15}')


validators = {}


def fits(case, body):
    place = (case.operation.label, body.media_type)
    if place not in validators:
        validators[place] = make_validator(body.unoptimized_schema, body.adapter.jsonschema_validator_cls)
    return validators[place].is_valid(case.body)


def ends_by_chance(value):
    if isinstance(value, dict):
        return bool(value.get("at") and value.get("endAt")) or any(map(ends_by_chance, value.values()))
    return isinstance(value, list) and any(map(ends_by_chance, value))


@schemathesis.hook
def filter_case(context, case):
    meant = case.meta is not None and case.meta.generation.mode.is_positive
    if not meant or case.media_type not in JSON or case.body is NOT_SET:
        return True
    if ends_by_chance(case.body):
        return False
    return all(fits(case, body) for body in case.operation.body if body.media_type == case.media_type)


@schemathesis.hook
def before_call(context, case, kwargs):
    if get_exclude_headers(case):
        return
    headers = case.headers or {}
    key = headers.get(KEY)
    if isinstance(key, str) and VALID.fullmatch(key):
        own = uuid.uuid4().hex
        headers[KEY] = key[: KEY_MAX - len(own)] + own
    # Where something is to be refused, it is left as it is.
    if case.meta is not None and not case.meta.generation.mode.is_positive:
        return
    wanted = headers.get("If-Match")
    if isinstance(wanted, str) and not TAGS.fullmatch(wanted):
        headers["If-Match"] = '"%s"' % re.sub(r"[^\x21\x23-\x7e]", "", wanted)
