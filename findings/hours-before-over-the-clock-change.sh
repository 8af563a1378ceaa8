#!/usr/bin/env bash
# icalendar, ical.js: an alarm "8 hours before" is seven or nine hours before when the clocks change in between.
#
# Versions: PyPI icalendar 7.3.2, npm ical.js 2.2.1.
# Seen: a task due at 9:30 in Helsinki with TRIGGER;RELATED=END:-PT8H. RFC 5545 (3.3.6) has hours as accurate durations,
# days and weeks as nominal ones that depend on the calendar. Both libraries count hours on the clock on the wall too:
# due on 29 March 2026 the alarm comes at 23:30Z, seven hours before 06:30Z; due on 25 October at 22:30Z, nine hours
# before 07:30Z. With -P1D both are right, at 9:30 of the day before. Hours after the start, and an event's DURATION of
# hours, go the same way. (ical.js by Time.addDuration, with which its own events reckon their ends.)
# What helps: turn the time into UTC first, then subtract hours; subtract days and weeks before that, in the zone. A
# writer that wants one reading gives the moment itself (TRIGGER;VALUE=DATE-TIME), for a task that does not repeat.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ical.js@2.2.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check icalendar==7.3.2 tzdata==2026.6

cat >zone <<'ZONE'
BEGIN:VTIMEZONE
TZID:Europe/Helsinki
BEGIN:STANDARD
DTSTART:19961027T040000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19970330T030000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
END:DAYLIGHT
END:VTIMEZONE
ZONE
for day in 20260329 20261025; do
    {
        printf '%s\n' BEGIN:VCALENDAR VERSION:2.0 'PRODID:-//garden//EN'
        cat zone
        printf '%s\n' BEGIN:VTODO UID:1 DTSTAMP:20260101T000000Z \
            "DTSTART;TZID=Europe/Helsinki:${day}T001500" "DUE;TZID=Europe/Helsinki:${day}T093000" SUMMARY:Bus
        for length in -PT8H -P1D; do
            printf '%s\n' BEGIN:VALARM ACTION:DISPLAY DESCRIPTION:Bus "TRIGGER;RELATED=END:$length" END:VALARM
        done
        printf '%s\n' END:VTODO END:VCALENDAR
    } | sed 's/$/\r/' >"$day.ics"
done

cat >alarms.py <<'PYTHON'
import sys
from datetime import timezone

from icalendar import Calendar
for name in sys.argv[1:]:
    task = Calendar.from_ical(open(name, newline="").read()).todos[0]
    times = sorted(alarm.trigger.astimezone(timezone.utc).strftime("%m-%dT%H:%MZ") for alarm in task.alarms.times)
    print("icalendar", task.DUE.astimezone(timezone.utc).strftime("%m-%dT%H:%MZ"), "|", *times)
PYTHON
cat >alarms.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
const text = (time) => `${time.toJSDate().toISOString().slice(5, 16)}Z`;
for (const name of process.argv.slice(2)) {
  const task = new ICAL.Component(ICAL.parse(readFileSync(name, "utf8"))).getFirstSubcomponent("vtodo");
  const due = task.getFirstPropertyValue("due");
  const times = task.getAllSubcomponents("valarm").map((alarm) => {
    const time = due.clone();
    time.addDuration(alarm.getFirstPropertyValue("trigger"));
    return text(time);
  });
  console.log("ical.js  ", text(due), "|", ...times.sort());
}
JAVASCRIPT

seen=$(venv/bin/python alarms.py 20260329.ics 20261025.ics; node alarms.mjs 20260329.ics 20261025.ics)
printf '%s\n' "$seen"
[[ $seen == "icalendar 03-29T06:30Z | 03-28T07:30Z 03-28T23:30Z
icalendar 10-25T07:30Z | 10-24T06:30Z 10-24T22:30Z
ical.js   03-29T06:30Z | 03-28T07:30Z 03-28T23:30Z
ical.js   10-25T07:30Z | 10-24T06:30Z 10-24T22:30Z" ]]
