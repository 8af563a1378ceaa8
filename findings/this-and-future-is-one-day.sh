#!/usr/bin/env bash
# "From the 12th on at 18:00", RANGE=THISANDFUTURE: two readers move that one day and go back to 9:00 after it; one of
# them has the old time on the 12th as well.
#
# Versions: npm node-ical 0.26.1, PyPI ical 14.3.1; right in npm ical.js 2.2.1 and PyPI recurring-ical-events 3.8.2 with
# icalendar 7.3.2.
# Seen: a weekly series at 9:00 from 5 January, and beside it the same UID with RECURRENCE-ID;RANGE=THISANDFUTURE: on
# the 12th, starting at 18:00. RFC 5545 (3.2.13, and 3.8.4.4 for the times): this instance and all that follow move by
# the same distance. node-ical passes over the parameter; ical keeps the changed event beside the untouched series, so
# the 12th is there twice. Both without a word.
# What helps: a writer ends the old series (UNTIL) and begins a new one under another UID.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ical.js@2.2.1 node-ical@0.26.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check ical==14.3.1 recurring-ical-events==3.8.2 \
    icalendar==7.3.2 tzdata==2026.6

printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 'PRODID:-//garden//EN' \
    BEGIN:VEVENT UID:1 DTSTAMP:20260101T000000Z DTSTART:20260105T090000Z DURATION:PT1H 'RRULE:FREQ=WEEKLY;COUNT=4' \
    SUMMARY:Choir END:VEVENT \
    BEGIN:VEVENT UID:1 DTSTAMP:20260101T000000Z 'RECURRENCE-ID;RANGE=THISANDFUTURE:20260112T090000Z' \
    DTSTART:20260112T180000Z DURATION:PT1H SUMMARY:Choir END:VEVENT END:VCALENDAR >choir.ics

cat >expand.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";
const text = readFileSync("choir.ics", "utf8");
const when = (date) => date.toISOString().slice(8, 13);
const limits = { from: new Date("2026-01-01"), to: new Date("2026-02-01") };
const read = ical.expandRecurringEvent(ical.sync.parseICS(text)["1"], limits);
console.log("node-ical", ...read.map((at) => when(at.start)));
const [series, ...exceptions] = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents("vevent");
const event = new ICAL.Event(series, { exceptions });
const times = event.iterator();
const seen = [];
for (let time = times.next(); time; time = times.next())
  seen.push(when(event.getOccurrenceDetails(time).startDate.toJSDate()));
console.log("ical.js", ...seen);
JAVASCRIPT
cat >expand.py <<'PYTHON'
import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar
text = open("choir.ics", newline="").read()
print("ical", *(f"{event.start:%dT%H}" for event in IcsCalendarStream.calendar_from_ics(text).timeline))
times = recurring_ical_events.of(Calendar.from_ical(text)).between((2026, 1, 1), (2026, 2, 1))
print("recurring-ical-events", *(f"{event.start:%dT%H}" for event in times))
PYTHON

seen=$(node expand.mjs; venv/bin/python expand.py)
printf '%s\n' "$seen"
[[ $seen == "node-ical 05T09 12T18 19T09 26T09
ical.js 05T09 12T18 19T18 26T18
ical 05T09 12T09 12T18 19T09 26T09
recurring-ical-events 05T09 12T18 19T18 26T18" ]]
