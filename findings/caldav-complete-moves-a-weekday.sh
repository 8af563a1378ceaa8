#!/usr/bin/env bash
# caldav: completing "Mondays at 0:30" puts the next one on the very next day, a Tuesday, and completing "Mondays at
# 9:00" ahead of the clock change puts it at 10:00.
#
# Versions: PyPI caldav 3.6.0 with icalendar 7.3.2 and recurring-ical-events 3.8.2; PyPI Radicale 3.9.0 as the server.
# Seen: Todo.complete(handle_rrule=True) turns DTSTART into UTC and applies the rule there, though BYDAY is meant in the
# zone of DTSTART (RFC 5545, 3.3.10 and 3.8.5.3: a rule goes with the local time of its TZID). Monday 0:30 in Helsinki
# is Sunday 22:30Z, so what follows Monday 2 March is that Monday at 22:30Z, Tuesday 3 March, 0:30 there. Monday 23
# March, 9:00, is followed by Monday 30 March, 07:00Z, which is 10:00 after the clocks went forward on the 29th. The
# task is stored in UTC, without its TZID, so every later one is off as well, for each program that reads it.
# What helps: complete such tasks in a program that keeps the zone, or set DTSTART anew in local time with TZID
# afterwards. A server that sees a series' DTSTART change from a TZID to UTC, with the rule the same, has this before
# it.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check caldav==3.6.0 icalendar==7.3.2 \
    recurring-ical-events==3.8.2 tzdata==2026.6 Radicale==3.9.0

cat >complete.py <<'PYTHON'
import logging, socket, subprocess, time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from caldav import DAVClient

logging.disable(logging.CRITICAL)
ZONE = ZoneInfo("Europe/Helsinki")
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen(
    ["venv/bin/radicale", "--server-hosts", f"127.0.0.1:{port}", "--storage-filesystem-folder", "store",
     "--auth-type", "none"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            if server.poll() is not None:
                raise
            time.sleep(0.1)
    with DAVClient(f"http://127.0.0.1:{port}/", username="u", password="x") as client:
        calendar = client.principal().make_calendar(name="tasks")
        for uid, start in (("night", datetime(2026, 3, 2, 0, 30)), ("change", datetime(2026, 3, 23, 9))):
            due = start + timedelta(hours=1)
            lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//garden//EN", "BEGIN:VTODO", f"UID:{uid}",
                     "DTSTAMP:20260101T000000Z", f"DTSTART;TZID=Europe/Helsinki:{start:%Y%m%dT%H%M%S}",
                     f"DUE;TZID=Europe/Helsinki:{due:%Y%m%dT%H%M%S}", "RRULE:FREQ=WEEKLY;BYDAY=MO", "SUMMARY:Bins",
                     "END:VTODO", "END:VCALENDAR", ""]
            task = calendar.save_todo("\r\n".join(lines))
            task.complete(completion_timestamp=start.replace(tzinfo=ZONE) + timedelta(minutes=5), handle_rrule=True)
            stored = calendar.get_todo_by_uid(uid)
            text = next(line for line in stored.data.splitlines() if line.startswith("DTSTART"))
            print(uid, f"{start:%a %H:%M}", "|", text, "|",
                  stored.icalendar_component["DTSTART"].dt.astimezone(ZONE).strftime("%a %H:%M"))
finally:
    server.terminate()
    server.wait()
PYTHON

seen=$(venv/bin/python complete.py)
printf '%s\n' "$seen"
[[ $seen == "night Mon 00:30 | DTSTART:20260302T223000Z | Tue 00:30
change Mon 09:00 | DTSTART:20260330T070000Z | Mon 10:00" ]]
