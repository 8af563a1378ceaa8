#!/usr/bin/env bash
# ical.js: "the last working day of the week" is each working day, and "once a year" is each week: it passes over
# BYSETPOS and week numbers in silence.
#
# Versions: npm ical.js 2.2.1; PyPI python-dateutil 2.9.0.post0 for comparison.
# Seen, each from the first day of its own series on: FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1, which is "the
# 31st or else the last day", has up to four days in each month; FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 has each
# working day. BYSETPOS (RFC 5545, 3.3.10) is heeded in monthly rules with BYDAY, and in yearly ones with BYMONTH and
# BYDAY, so that the usual examples of it pass. FREQ=YEARLY;BYDAY=20MO and FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO, both
# examples of 3.8.5.3, are each Monday, the latter without 11 May, its start. No error; toString() gives the rule back
# whole, and COUNT is used up by the days too many.
# What helps: a writer says BYMONTHDAY=-1 and BYDAY=FR, names the month (BYMONTH), or gives the dates (RDATE). A server
# does not take an EXDATE from such a client for what it would be: the day struck out may be none of the series.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ical.js@2.2.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check python-dateutil==2.9.0.post0

cat >rules <<'RULES'
2026-01-31 FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1;COUNT=4
2026-01-02 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4
2026-05-18 FREQ=YEARLY;BYDAY=20MO;COUNT=4
2026-05-11 FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=4
2026-01-30 FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4
RULES
cat >expand.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
for (const line of readFileSync("rules", "utf8").trim().split("\n")) {
  const [start, text] = line.split(" ");
  const rule = ICAL.Recur.fromString(text);
  if (rule.toString().split(";").sort().join() !== text.split(";").sort().join()) console.log("rewritten");
  const days = rule.iterator(ICAL.Time.fromString(`${start}T09:00:00`));
  const seen = [];
  for (let day = days.next(); day; day = days.next()) seen.push(day.toString().slice(2, 10));
  console.log("ical.js ", ...seen);
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
[[ $seen == "ical.js  26-01-31 26-02-28 26-03-28 26-03-29
ical.js  26-01-02 26-01-05 26-01-06 26-01-07
ical.js  26-05-18 26-05-25 26-06-01 26-06-08
ical.js  26-05-18 26-05-25 26-06-01 26-06-08
ical.js  26-01-30 26-02-27 26-03-31 26-04-30
dateutil 26-01-31 26-02-28 26-03-31 26-04-30
dateutil 26-01-02 26-01-09 26-01-16 26-01-23
dateutil 26-05-18 27-05-17 28-05-15 29-05-14
dateutil 26-05-11 27-05-17 28-05-15 29-05-14
dateutil 26-01-30 26-02-27 26-03-31 26-04-30" ]]
