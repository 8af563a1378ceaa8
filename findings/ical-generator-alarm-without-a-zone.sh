#!/usr/bin/env bash
# ical-generator: an alarm at a given moment, in an event with a zone, is written without its zone, and goes off hours
# away for a reader elsewhere.
#
# Versions: npm ical-generator 10.2.0 with luxon 3.7.2; read with npm ical.js 2.2.1 and PyPI icalendar 7.3.2.
# Seen: an event with timezone: "Europe/Helsinki" and createAlarm({ trigger: 8:00 there }), the trigger a luxon DateTime
# of that zone, so a moment. It comes out as TRIGGER;VALUE=DATE-TIME:20260302T080000. RFC 5545 (3.8.6.3) wants UTC here,
# and TRIGGER takes no TZID, so nothing says whose 8:00 it is: ical.js reads the reader's own, seven hours late in New
# York, icalendar a time without a zone. Start and end carry TZID, DTSTAMP of a luxon time comes in UTC, and without
# timezone the trigger too (06:00Z), so that a test in UTC passes.
# What helps: relative triggers (trigger: seconds before), or no timezone at the event, which then is UTC all through. A
# reader takes such a trigger in the zone of the event's start (DTSTART's TZID).
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ical-generator@10.2.0 luxon@3.7.2 ical.js@2.2.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check icalendar==7.3.2 tzdata==2026.6

cat >write.mjs <<'JAVASCRIPT'
import { writeFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "ical-generator";
import { DateTime } from "luxon";
const at = (time) => DateTime.fromISO(`2026-03-02T${time}`, { zone: "Europe/Helsinki" });
for (const timezone of ["Europe/Helsinki", undefined]) {
  const calendar = ical({ name: "garden" });
  const event = calendar.createEvent({ id: "1", start: at("09:00"), end: at("10:00"), stamp: at("01:00"), timezone });
  event.summary("Bus");
  event.createAlarm({ type: "display", trigger: at("08:00") });
  const text = calendar.toString();
  console.log(...text.match(/^(DTSTART|DTSTAMP|TRIGGER).*/gm));
  const [read] = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent").getAllSubcomponents("valarm");
  console.log("ical.js", read.getFirstPropertyValue("trigger").toJSDate().toISOString().slice(11, 16) + "Z");
  if (timezone) writeFileSync("zone.ics", text);
}
JAVASCRIPT
cat >read.py <<'PYTHON'
from icalendar import Calendar
(alarm,) = Calendar.from_ical(open("zone.ics", newline="").read()).events[0].alarms.times
print("icalendar", alarm.trigger)
PYTHON

seen=$(TZ=America/New_York node write.mjs; venv/bin/python read.py)
printf '%s\n' "$seen"
[[ $seen == "DTSTAMP:20260301T230000Z DTSTART;TZID=Europe/Helsinki:20260302T090000 TRIGGER;VALUE=DATE-TIME:20260302T080000
ical.js 13:00Z
DTSTAMP:20260301T230000Z DTSTART:20260302T070000Z TRIGGER;VALUE=DATE-TIME:20260302T060000Z
ical.js 06:00Z
icalendar 2026-03-02 08:00:00" ]]
