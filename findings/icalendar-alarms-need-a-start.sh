#!/usr/bin/env bash
# icalendar: the reminders of a task that has a due and no start cannot be asked for, not even one at a given moment.
#
# Versions: PyPI icalendar 7.3.2.
# Seen: Todo.alarms, which works out when a task's VALARMs go off, raises IncompleteComponent ("No DTSTART given.") for
# a VTODO with DUE and TRIGGER;RELATED=END:-PT15M, the usual form of a reminder before a deadline. RFC 5545 has DTSTART
# optional in a VTODO (3.6.2), and asks for DUE, or DTSTART and DURATION, where RELATED is END (3.8.6.3). A
# TRIGGER;VALUE=DATE-TIME, which needs neither, ends the same way, in a task with a due alone and in one without any
# date. With a DTSTART beside them, all three are worked out right. Events always have one, so that programs tested with
# events meet this with the first task.
# What helps: catch IncompleteComponent and reckon from DUE and TRIGGER by hand; do not take the exception for "no
# reminders". A writer that wants to be read by such programs gives a start too, where the task has one.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check icalendar==7.3.2 tzdata==2026.6

cat >alarms.py <<'PYTHON'
from icalendar import Calendar

START, DUE = "DTSTART:20260302T060000Z", "DUE:20260302T070000Z"
BEFORE, MOMENT = "TRIGGER;RELATED=END:-PT15M", "TRIGGER;VALUE=DATE-TIME:20260302T063000Z"
for dates, trigger in (
    ([DUE], BEFORE), ([DUE], MOMENT), ([], MOMENT),
    ([START, DUE], BEFORE), ([START, DUE], MOMENT), ([START], MOMENT),
):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//garden//EN", "BEGIN:VTODO", "UID:1",
             "DTSTAMP:20260101T000000Z", "SUMMARY:Bus", *dates, "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Bus", trigger, "END:VALARM",
             "END:VTODO", "END:VCALENDAR", ""]
    task = Calendar.from_ical("\r\n".join(lines)).todos[0]
    names = " ".join(date.split(":")[0] for date in dates) or "no date"
    try:
        answer = " ".join(alarm.trigger.strftime("%H:%MZ") for alarm in task.alarms.times)
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(names, "|", trigger.split(":")[0], "|", answer)
PYTHON

seen=$(venv/bin/python alarms.py)
printf '%s\n' "$seen"
[[ $seen == "DUE | TRIGGER;RELATED=END | IncompleteComponent: No DTSTART given.
DUE | TRIGGER;VALUE=DATE-TIME | IncompleteComponent: No DTSTART given.
no date | TRIGGER;VALUE=DATE-TIME | IncompleteComponent: No DTSTART given.
DTSTART DUE | TRIGGER;RELATED=END | 06:45Z
DTSTART DUE | TRIGGER;VALUE=DATE-TIME | 06:30Z
DTSTART | TRIGGER;VALUE=DATE-TIME | 06:30Z" ]]
