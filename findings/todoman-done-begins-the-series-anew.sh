#!/usr/bin/env bash
# todoman: `todo done` on a repeating task makes a next one that is due on another day, has no alarm, brings back the
# cancelled day, and never comes to an end.
#
# Versions: PyPI todoman 4.7.0 with icalendar 7.3.2.
# Seen: a task that starts on Mondays at 9:00 and is due on Wednesdays at 17:00, three times, the second one cancelled
# by an EXDATE. `done` makes a new task: it starts on the cancelled Monday, is due at 17:00 of that same day, carries
# COUNT=3 once more, and lacks EXDATE and VALARM. Start and due are each moved to "the next Monday"; RFC 5545 (3.8.5.3)
# keeps the time between DTSTART and DUE, 3.3.10 has COUNT end the series after the third, and 3.8.5.1 leaves EXDATE's
# days out. The times come in UTC without the zone, so that other programs show the series an hour off after the next
# clock change.
# What helps: a server that gets a new task with a done one's title and rule compares the two before it believes COUNT
# and due; tick repeating tasks in a program that moves the series itself.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check todoman==4.7.0 icalendar==7.3.2 tzdata==2026.6

mkdir -p lists/work
cat >config.py <<CONFIG
path = "$folder/lists/*"
cache_path = "$folder/cache.sqlite3"
default_list = "work"
CONFIG
cat >lists/work/report.ics <<'CALENDAR'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//garden//EN
BEGIN:VTODO
UID:report
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Helsinki:20260302T090000
DUE;TZID=Europe/Helsinki:20260304T170000
RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3
EXDATE;TZID=Europe/Helsinki:20260309T090000
SUMMARY:Report
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Report
TRIGGER;RELATED=END:-PT15M
END:VALARM
END:VTODO
END:VCALENDAR
CALENDAR
sed -i 's/$/\r/' lists/work/report.ics
export TZ=Europe/Helsinki HOME=$folder
venv/bin/todo --config config.py list >/dev/null
venv/bin/todo --config config.py done 1 >/dev/null

ticked=$(tr -d '\r' <lists/work/report.ics | grep -E '^(STATUS|RRULE|EXDATE|BEGIN:VALARM)')
next=$(find lists/work -name '*.ics' ! -name report.ics -exec cat {} + | tr -d '\r' |
    grep -E '^(DTSTART|DUE|STATUS|RRULE|EXDATE|BEGIN:VALARM)')
printf '%s\n' "the one done" "$ticked" "the next one" "$next"
[[ $ticked == "EXDATE;TZID=Europe/Helsinki:20260309T090000
STATUS:COMPLETED
BEGIN:VALARM" && $next == "DTSTART:20260309T070000Z
DUE:20260309T150000Z
RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO
STATUS:NEEDS-ACTION" ]]
