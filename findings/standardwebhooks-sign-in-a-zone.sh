#!/usr/bin/env bash
# Standard Webhooks in Python: sign() with a time that knows its zone signs another second than the one it is sent
# with.
#
# Versions: PyPI standardwebhooks 1.1.0, npm standardwebhooks 1.1.1.
# Seen: sign(id, timestamp, data) takes a datetime. It replaces the zone by UTC instead of converting: 00:13:20 in
# Helsinki is signed as 00:13:20 UTC. The header webhook-timestamp, made from the same datetime, names the right second
# (timestamp.timestamp()), so each receiver, the package's own verify() too, answers "No matching signature found". Two
# datetimes that are equal are signed differently. In UTC, as on most servers and in tests, all is well.
# What helps: give it datetime.now(timezone.utc) or .astimezone(timezone.utc); a receiver that refuses says that the
# time in the header is part of what is signed.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . standardwebhooks@1.1.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check standardwebhooks==1.1.0

cat >sign.py <<'PYTHON'
from datetime import datetime, timedelta, timezone
from standardwebhooks import Webhook
utc = datetime.fromtimestamp(1700000000, timezone.utc)
for moment in utc, utc.astimezone(timezone(timedelta(hours=2))):
    signature = Webhook("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").sign("m", moment, "{}")
    print(moment == utc, moment.utcoffset(), int(moment.timestamp()), signature)
PYTHON
cat >verify.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
const receiver = new Webhook("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
Date.now = () => 1700000000000;
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const [equal, offset, timestamp, signature] = line.split(" ");
  const headers = { "webhook-id": "m", "webhook-timestamp": timestamp, "webhook-signature": signature };
  try {
    receiver.verify("{}", headers);
    console.log(equal, offset, timestamp, "taken");
  } catch (error) {
    console.log(equal, offset, timestamp, error.message);
  }
}
JAVASCRIPT

seen=$(venv/bin/python sign.py | node verify.mjs)
printf '%s\n' "$seen"
expected="True 0:00:00 1700000000 taken
True 2:00:00 1700000000 No matching signature found"
[[ $seen == "$expected" ]]
