#!/usr/bin/env bash
# "Every year in week 20", FREQ=YEARLY;BYWEEKNO=20: once a year for one library, seven times for others, never for a
# fourth.
#
# Versions: PyPI python-dateutil 2.9.0.post0; npm rrule 2.8.1, ical.js 2.2.1, rrule-temporal 2.2.8.
# Seen, from Monday 11 May 2026: what a rule leaves out comes from DTSTART (RFC 5545, 3.3.10), so it is the Monday of
# that week each year, as rrule-temporal has it. dateutil, and rrule.js after it, give all seven days of the week, and
# COUNT=8 ends the series in its second year; ical.js gives nothing, not even the start, and no error.
# What helps: a writer always sets BYDAY beside BYWEEKNO (dateutil, rrule.js and rrule-temporal agree then), or gives
# the days one by one (RDATE). A reader adds DTSTART's weekday before it hands such a rule to a library.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . rrule@2.8.1 ical.js@2.2.1 rrule-temporal@2.2.8
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check python-dateutil==2.9.0.post0

cat >expand.py <<'PYTHON'
import sys
from dateutil.rrule import rrulestr
for rule in sys.argv[1:]:
    print("dateutil  ", *(day.strftime("%y-%m-%d") for day in rrulestr(f"DTSTART:20260511T090000Z\nRRULE:{rule}")))
PYTHON
cat >expand.mjs <<'JAVASCRIPT'
import ICAL from "ical.js";
import rrule from "rrule";
import { RRuleTemporal } from "rrule-temporal";
for (const rule of process.argv.slice(2)) {
  const text = `DTSTART:20260511T090000Z\nRRULE:${rule}`;
  console.log("rrule.js  ", ...rrule.rrulestr(text).all().map((day) => day.toISOString().slice(2, 10)));
  console.log("temporal  ", ...new RRuleTemporal({ rruleString: text }).all().map((day) => day.toString().slice(2, 10)));
  const seen = [];
  const days = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString("2026-05-11T09:00:00"));
  for (let day = days.next(); day; day = days.next()) seen.push(day.toString().slice(2, 10));
  console.log("ical.js   ", seen.length ? seen.join(" ") : "none");
}
JAVASCRIPT

rule="FREQ=YEARLY;BYWEEKNO=20;COUNT=8"
day="FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=2"
seen=$(venv/bin/python expand.py "$rule" "$day"; node expand.mjs "$rule"; node expand.mjs "$day" | grep -v ^ical.js)
printf '%s\n' "$seen"
expected="dateutil   26-05-11 26-05-12 26-05-13 26-05-14 26-05-15 26-05-16 26-05-17 27-05-17
dateutil   26-05-11 27-05-17
rrule.js   26-05-11 26-05-12 26-05-13 26-05-14 26-05-15 26-05-16 26-05-17 27-05-17
temporal   26-05-11 27-05-17 28-05-15 29-05-14 30-05-13 31-05-12 32-05-10 33-05-16
ical.js    none
rrule.js   26-05-11 27-05-17
temporal   26-05-11 27-05-17"
[[ $seen == "$expected" ]]
