#!/usr/bin/env bash
# ical.js: "the second Monday, at 9 and at 17" also happens on the first of each following month, whatever day that is.
#
# Versions: npm ical.js 2.2.1; PyPI python-dateutil 2.9.0.post0 for comparison.
# Seen: FREQ=MONTHLY;BYDAY=2MO;BYHOUR=9,17 from Monday 12 January 2026 gives 17:00 on Sunday 1 February, 1 March ...
# between the right ones, and COUNT is used up by them. With FREQ=YEARLY the second hour never comes at all: five years
# at 9:00 instead of 9:00 and 17:00 of each. RFC 5545, 3.3.10: BYDAY limits the days, BYHOUR expands each of them into
# hours. Clients built on ical.js show such a series on days that its writer never chose.
# What helps: a reader expands the rule itself; a writer makes one series for each hour (one BYHOUR, or none).
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ical.js@2.2.1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check python-dateutil==2.9.0.post0

cat >rules <<'RULES'
FREQ=MONTHLY;BYDAY=2MO;BYHOUR=9,17;COUNT=5
FREQ=YEARLY;BYMONTH=1;BYDAY=2MO;BYHOUR=9,17;COUNT=5
RULES
cat >expand.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
for (const rule of readFileSync("rules", "utf8").trim().split("\n")) {
  const times = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString("2026-01-12T09:00:00"));
  const seen = [];
  for (let time = times.next(); time; time = times.next()) seen.push(time.toString().slice(2, 13));
  console.log("ical.js ", ...seen);
}
JAVASCRIPT
cat >expand.py <<'PYTHON'
from dateutil.rrule import rrulestr
for rule in open("rules"):
    times = rrulestr("DTSTART:20260112T090000\nRRULE:" + rule.strip())
    print("dateutil", *(time.strftime("%y-%m-%dT%H") for time in times))
PYTHON

seen=$(node expand.mjs; venv/bin/python expand.py)
printf '%s\n' "$seen"
expected="ical.js  26-01-12T09 26-01-12T17 26-02-01T17 26-02-09T09 26-02-09T17
ical.js  26-01-12T09 27-01-11T09 28-01-10T09 29-01-08T09 30-01-14T09
dateutil 26-01-12T09 26-01-12T17 26-02-09T09 26-02-09T17 26-03-09T09
dateutil 26-01-12T09 26-01-12T17 27-01-11T09 27-01-11T17 28-01-10T09"
[[ $seen == "$expected" ]]
