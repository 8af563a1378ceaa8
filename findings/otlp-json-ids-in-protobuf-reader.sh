#!/usr/bin/env bash
# OTLP in JSON: protobuf's own JSON reader takes a trace id for base64, without an error, and writes it back looking
# right.
#
# Versions: PyPI opentelemetry-proto 1.45.2 with protobuf 7.36.2.
# Seen: OTLP's JSON is protobuf's with exceptions (OpenTelemetry protocol, "JSON Protobuf Encoding"): trace and span
# ids are hexadecimal. The 32 digits of an id are valid base64 as well, so json_format.Parse makes 24 bytes of them (12
# of a span id's 16 digits). Printed as JSON they are the same digits again, so a test by way of JSON passes, while the
# binary form carries ids of the wrong length, invalid by the definition of trace_id ("of length other than 16 bytes").
# The other way round, a message with right ids is written by MessageToJson in base64, which is no OTLP.
# What helps: turn the ids from hexadecimal to base64 before Parse and back after MessageToJson; compare bytes in
# tests.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check opentelemetry-proto==1.45.2 protobuf==7.36.2

cat >read.py <<'PYTHON'
import json
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ID = "00112233445566778899aabbccddeeff"
text = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": ID, "spanId": ID[:16], "name": "run"}]}]}]})
request = json_format.Parse(text, ExportTraceServiceRequest())
span = request.resource_spans[0].scope_spans[0].spans[0]
print("bytes", len(span.trace_id), len(span.span_id), span.trace_id.hex() == ID)
print("as JSON again", json.loads(json_format.MessageToJson(request)) == json.loads(text))
span.trace_id = bytes.fromhex(ID)
print("right id as JSON", json_format.MessageToDict(span)["traceId"])
PYTHON

seen=$(venv/bin/python read.py)
printf '%s\n' "$seen"
expected="bytes 24 12 False
as JSON again True
right id as JSON ABEiM0RVZneImaq7zN3u/w=="
[[ $seen == "$expected" ]]
