#!/usr/bin/env bash
# vobject names New York's zone "EST"; readers that know a zone of that name move the time by an hour in summer.
#
# Versions: PyPI vobject 0.9.9 with tzdata 2026.6; PyPI icalendar 7.3.2, npm node-ical 0.26.1; npm ical.js 2.2.1 is
# right.
# Seen: given a time with zoneinfo's America/New_York, vobject writes TZID=EST and, beside it, a VTIMEZONE of that name
# with the right summer time. The tz database has an EST too, which is five hours behind all year. icalendar and
# node-ical prefer a name they know to the definition in the file, which RFC 5545 says is the one meant (3.2.19): 9:00
# in July is 14:00Z there, 13:00Z by the file. MST for Denver differs alike; EET for Helsinki happens to agree.
# What helps: a reader takes the VTIMEZONE of the file where it differs from the zone of its name on the date in
# question; a writer that uses vobject writes UTC.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ical.js@2.2.1 node-ical@0.26.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check vobject==0.9.9 icalendar==7.3.2 tzdata==2026.6

cat >write.py <<'PYTHON'
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
import icalendar, vobject

for zone in "America/New_York", "America/Denver":
    due = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo(zone))
    calendar = vobject.iCalendar()
    calendar.add("vtodo").add("summary").value = "Call"
    calendar.vtodo.add("due").value = due
    text = calendar.serialize()
    open(f"{zone[8:]}.ics", "w", newline="").write(text)
    name = next(line for line in text.split("\r\n") if line.startswith("DUE"))
    read = icalendar.Calendar.from_ical(text).walk("VTODO")[0]["DUE"].dt
    print(name, "| meant", due.astimezone(timezone.utc).strftime("%H:%MZ"), "| icalendar", read.astimezone(timezone.utc).strftime("%H:%MZ"))
PYTHON
cat >read.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";
const hour = (date) => `${date.toISOString().slice(11, 16)}Z`;
for (const city of ["New_York", "Denver"]) {
  const text = readFileSync(`${city}.ics`, "utf8");
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  ICAL.TimezoneService.register(calendar.getFirstSubcomponent("vtimezone"));
  const due = calendar.getFirstSubcomponent("vtodo").getFirstPropertyValue("due");
  const task = Object.values(ical.sync.parseICS(text)).find((part) => part.type === "VTODO");
  console.log(city, "| ical.js", hour(due.toJSDate()), "| node-ical", hour(task.due));
}
JAVASCRIPT

seen=$(venv/bin/python write.py; TZ=UTC node read.mjs)
printf '%s\n' "$seen"
expected="DUE;TZID=EST:20260701T090000 | meant 13:00Z | icalendar 14:00Z
DUE;TZID=MST:20260701T090000 | meant 15:00Z | icalendar 16:00Z
New_York | ical.js 13:00Z | node-ical 14:00Z
Denver | ical.js 15:00Z | node-ical 16:00Z"
[[ $seen == "$expected" ]]
