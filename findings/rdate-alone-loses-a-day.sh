#!/usr/bin/env bash
# "On 5, 7 and 14 January", a start with RDATE and no rule: ical.js and ical leave out the 5th, node-ical the 7th and
# the 14th.
#
# Versions: npm ical.js 2.2.1, node-ical 0.26.1; PyPI ical 14.3.1; right in PyPI recurring-ical-events 3.8.2 with
# icalendar 7.3.2.
# Seen: DTSTART is the first of a recurrence set, whatever makes the others (RFC 5545, 3.8.2.4 and 3.8.5.2). Without an
# RRULE ical.js's iterator and ical's timeline begin with the first RDATE; beside a rule they have DTSTART and the
# dates. node-ical keeps RDATE as a text and expands without it, with a rule or without. Where the 7th, beside a rule,
# is a period of two hours (VALUE=PERIOD, 3.8.5.2), both ical.js and ical raise a TypeError, and with that the whole
# series is gone; the event is 10:00 to 12:00 on that day. No error otherwise.
# What helps: a writer repeats DTSTART as an RDATE, which changes nothing by the RFC and brings the day back in ical.js
# and ical; separate objects for separate dates are read by all. No periods.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ical.js@2.2.1 node-ical@0.26.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check ical==14.3.1 recurring-ical-events==3.8.2 \
    icalendar==7.3.2 tzdata==2026.6

write() {
    local name=$1
    shift
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 'PRODID:-//garden//EN' BEGIN:VEVENT UID:1 DTSTAMP:20260101T000000Z \
        DTSTART:20260105T100000Z DURATION:PT1H "$@" SUMMARY:Choir END:VEVENT END:VCALENDAR >"$name.ics"
}
write dates RDATE:20260107T100000Z,20260114T100000Z
write rule 'RRULE:FREQ=WEEKLY;COUNT=2' RDATE:20260107T100000Z
write period 'RRULE:FREQ=WEEKLY;COUNT=2' 'RDATE;VALUE=PERIOD:20260107T100000Z/PT2H'
write again RDATE:20260105T100000Z,20260107T100000Z,20260114T100000Z

cat >expand.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";
const day = (date) => date.toISOString().slice(8, 10);
for (const name of process.argv.slice(2)) {
  const text = readFileSync(`${name}.ics`, "utf8");
  let days = [];
  try {
    const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent"));
    const times = event.iterator();
    for (let time = times.next(); time; time = times.next()) days.push(day(time.toJSDate()));
  } catch (error) {
    days = [error.name];
  }
  console.log(name, "ical.js", ...days);
  const limits = { from: new Date("2026-01-01"), to: new Date("2026-02-01") };
  const read = ical.expandRecurringEvent(ical.sync.parseICS(text)["1"], limits);
  console.log(name, "node-ical", ...read.map((at) => day(at.start)));
}
JAVASCRIPT
cat >expand.py <<'PYTHON'
import sys

import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar
for name in sys.argv[1:]:
    text = open(f"{name}.ics", newline="").read()
    try:
        days = [f"{event.start:%d}" for event in IcsCalendarStream.calendar_from_ics(text).timeline]
    except Exception as error:
        days = [type(error).__name__]
    print(name, "ical", *days)
    times = recurring_ical_events.of(Calendar.from_ical(text)).between((2026, 1, 1), (2026, 2, 1))
    print(name, "recurring-ical-events", *(f"{event.start:%d}" for event in times))
PYTHON

seen=$({ node expand.mjs dates rule period again && venv/bin/python expand.py dates rule period again; } | sort)
printf '%s\n' "$seen"
[[ $seen == "again ical 05 07 14
again ical.js 05 07 14
again node-ical 05
again recurring-ical-events 05 07 14
dates ical 07 14
dates ical.js 07 14
dates node-ical 05
dates recurring-ical-events 05 07 14
period ical TypeError
period ical.js TypeError
period node-ical 05 12
period recurring-ical-events 05 07 12
rule ical 05 07 12
rule ical.js 05 07 12
rule node-ical 05 12
rule recurring-ical-events 05 07 12" ]]
