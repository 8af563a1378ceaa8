#!/usr/bin/env bash
# ical.js: a yearly date on 29 February also comes on 1 March, in each year that has no such day.
#
# Versions: npm ical.js 2.2.1; PyPI python-dateutil 2.9.0.post0 and npm rrule-temporal 2.2.8 for comparison.
# Seen: FREQ=YEARLY from 29 February 2024: 1 March in 2025, 2026 and 2027, then 29 February 2028.
# FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=30 has 1 or 2 March beside 30 January. RFC 5545 (3.3.10) says that a day which does
# not exist (its example is 30 February) must be ignored and must not be counted; both others leave it out. COUNT=3 ends
# in 2026 for ical.js and in 2032 for them. FREQ=MONTHLY from the 31st is right in ical.js, so that the usual test for
# this passes.
# What helps: a writer that wants a birthday each year gives BYMONTH=2;BYMONTHDAY=-1, the last of February, which all
# three read alike; one that wants leap years alone writes the dates (RDATE).
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ical.js@2.2.1 rrule-temporal@2.2.8
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check python-dateutil==2.9.0.post0

cat >rules <<'RULES'
2024-02-29 FREQ=YEARLY;COUNT=3
2024-01-30 FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=30;COUNT=3
2024-02-29 FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1;COUNT=3
2024-01-31 FREQ=MONTHLY;COUNT=3
RULES
cat >expand.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import { RRuleTemporal } from "rrule-temporal";
for (const line of readFileSync("rules", "utf8").trim().split("\n")) {
  const [start, rule] = line.split(" ");
  const days = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString(`${start}T09:00:00`));
  const seen = [];
  for (let day = days.next(); day; day = days.next()) seen.push(day.toString().slice(2, 10));
  console.log("ical.js ", ...seen);
  const text = `DTSTART:${start.replaceAll("-", "")}T090000Z\nRRULE:${rule}`;
  console.log("temporal", ...new RRuleTemporal({ rruleString: text }).all().map((day) => day.toString().slice(2, 10)));
}
JAVASCRIPT
cat >expand.py <<'PYTHON'
from dateutil.rrule import rrulestr
for line in open("rules"):
    start, rule = line.split()
    days = rrulestr(f"DTSTART:{start.replace('-', '')}T090000\nRRULE:{rule}")
    print("dateutil", *(day.strftime("%y-%m-%d") for day in days))
PYTHON

seen=$(node expand.mjs; venv/bin/python expand.py)
printf '%s\n' "$seen"
[[ $seen == "ical.js  24-02-29 25-03-01 26-03-01
temporal 24-02-29 28-02-29 32-02-29
ical.js  24-01-30 24-03-01 25-01-30
temporal 24-01-30 25-01-30 26-01-30
ical.js  24-02-29 25-02-28 26-02-28
temporal 24-02-29 25-02-28 26-02-28
ical.js  24-01-31 24-03-31 24-05-31
temporal 24-01-31 24-03-31 24-05-31
dateutil 24-02-29 28-02-29 32-02-29
dateutil 24-01-30 25-01-30 26-01-30
dateutil 24-02-29 25-02-28 26-02-28
dateutil 24-01-31 24-03-31 24-05-31" ]]
