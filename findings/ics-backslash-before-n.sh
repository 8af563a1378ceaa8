#!/usr/bin/env bash
# iCalendar text: two readers break the line in `C:\new`, and one of them writes the break back as another text.
#
# Versions: npm node-ical 0.26.1, PyPI ics 0.7.3; right in npm ical.js 2.2.1 and PyPI icalendar 7.3.2.
# Seen: a backslash is written as two (RFC 5545, 3.3.11), so `C:\new` goes out as `C:\\new`. node-ical and ics replace
# `\n` before they halve `\\`, take the second backslash together with the n, and read `C:\`, a line break and `ew`.
# Written again by ics it is `C:\\\new`: the text that others then read has changed for good.
# What helps: unescape from left to right in one pass. A writer has no way around it: keep the object's own text and do
# not take over a summary that differs only in this.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . node-ical@0.26.1 ical.js@2.2.1
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ics==0.7.3 icalendar==7.3.2

cat >write.py <<'PYTHON'
from datetime import datetime, timezone
from icalendar import Calendar, Todo
calendar = Calendar()
calendar.add("VERSION", "2.0")
calendar.add("PRODID", "-//garden//EN")
task = Todo()
task.add("UID", "1")
task.add("DTSTAMP", datetime(2026, 1, 1, tzinfo=timezone.utc))
task.add("SUMMARY", r"clean C:\new")
calendar.add_component(task)
open("a.ics", "wb").write(calendar.to_ical())
PYTHON
cat >read.py <<'PYTHON'
import json, icalendar, ics
text = open("a.ics", newline="").read()
print("icalendar", json.dumps(icalendar.Calendar.from_ical(text).walk("VTODO")[0]["SUMMARY"]))
calendar = ics.Calendar(text)
print("ics", json.dumps(next(iter(calendar.todos)).name))
print("ics writes", next(line for line in calendar.serialize().splitlines() if line.startswith("SUMMARY")))
PYTHON
cat >read.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";
const text = readFileSync("a.ics", "utf8");
console.log("ical.js", JSON.stringify(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vtodo").getFirstPropertyValue("summary")));
console.log("node-ical", JSON.stringify(ical.sync.parseICS(text)["1"].summary));
JAVASCRIPT

venv/bin/python write.py
seen=$(grep --text ^SUMMARY a.ics | tr -d '\r'; venv/bin/python read.py 2>/dev/null; node read.mjs)
printf '%s\n' "$seen"
expected='SUMMARY:clean C:\\new
icalendar "clean C:\\new"
ics "clean C:\\\new"
ics writes SUMMARY:clean C:\\\new
ical.js "clean C:\\new"
node-ical "clean C:\\\new"'
[[ $seen == "$expected" ]]
