#!/usr/bin/env bash
# A VTIMEZONE written by Python's icalendar, read by ical.js: every time in summer is an hour late.
#
# Versions: PyPI icalendar 7.3.2, npm ical.js 2.2.1; PyPI python-dateutil 2.9.0.post0 reads the same zone right.
# Seen: add_missing_timezones() writes the changes of a zone as one RDATE with a list of dates, which RFC 5545 allows
# (3.8.5.2, and 3.6.5 for zones). ical.js takes the first of each list: for Europe/Helsinki the last change that it
# knows is in September 1982, so 9:00 on 1 July 2026 is 07:00Z instead of 06:00Z. New York and Cairo are an hour late
# likewise. In winter all is well, and one RDATE a line is read right.
# What helps: a writer of zones gives rules (RRULE) or one date a line. A server that gets a time with TZID by way of
# ical.js has no means to see the slip: it must store the local time and the zone's name, not only the instant.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ical.js@2.2.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check icalendar==7.3.2 python-dateutil==2.9.0.post0 \
    tzdata==2026.6

cat >write.py <<'PYTHON'
import io, re
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
from dateutil.tz import tzical
from icalendar import Calendar, Todo

DUE = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/Helsinki"))
calendar, task = Calendar(), Todo()
calendar.add("VERSION", "2.0")
calendar.add("PRODID", "-//garden//EN")
task.add("UID", "1")
task.add("DTSTAMP", datetime(2026, 1, 1, tzinfo=timezone.utc))
task.add("DUE", DUE)
calendar.add_component(task)
calendar.add_missing_timezones()
text = calendar.to_ical().decode()
open("list.ics", "w", newline="").write(text)
lines = re.sub(r"^RDATE:.*", lambda line: line[0].replace(",", "\r\nRDATE:"), text.replace("\r\n ", ""), flags=re.M)
open("lines.ics", "w", newline="").write(lines)
print("meant   ", DUE.astimezone(timezone.utc).strftime("%H:%MZ"))
zone = tzical(io.StringIO(text.replace("\r\n ", "").replace("\r\n", "\n"))).get("Europe/Helsinki")
print("dateutil", DUE.replace(tzinfo=zone).astimezone(timezone.utc).strftime("%H:%MZ"))
PYTHON
cat >read.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
for (const name of ["list", "lines"]) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(`${name}.ics`, "utf8")));
  ICAL.TimezoneService.reset();
  ICAL.TimezoneService.register(calendar.getFirstSubcomponent("vtimezone"));
  const due = calendar.getFirstSubcomponent("vtodo").getFirstPropertyValue("due");
  console.log("ical.js ", name, `${due.toJSDate().toISOString().slice(11, 16)}Z`);
}
JAVASCRIPT

seen=$(venv/bin/python write.py; node read.mjs)
printf '%s\n' "$seen"
expected="meant    06:00Z
dateutil 06:00Z
ical.js  list 07:00Z
ical.js  lines 06:00Z"
[[ $seen == "$expected" ]]
