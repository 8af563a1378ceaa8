#!/usr/bin/env bash
# ts-ics: a task with a reminder loses its note to the reminder's text, and then the reminder.
#
# Versions: npm ts-ics 2.4.6.
# Seen: a VTODO with a DESCRIPTION and, as in RFC 5545 3.6.6, a VALARM with a DESCRIPTION of its own is read with the
# alarm's text as the task's description; the alarm itself is not kept. Written again, the note is overwritten and the
# reminder is gone. A VEVENT of the same lines comes out right, with its alarm. Of several CATEGORIES and COMMENT
# properties of a task (3.8.1.2, "can be specified more than once") only the last is kept.
# What helps: a server that keeps the text it had compares before it believes: a description that equals an alarm's,
# with the alarm gone, was not the user's edit. A writer puts all categories on one line.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . ts-ics@2.4.6

cat >read.mjs <<'JAVASCRIPT'
import { convertIcsCalendar, generateIcsCalendar } from "ts-ics";

const calendar = (kind, due) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//garden//EN", `BEGIN:${kind}`, "UID:1", "DTSTAMP:20260101T000000Z",
    "SUMMARY:Order seeds", "DESCRIPTION:Catalogue page 12", due, "CATEGORIES:garden", "CATEGORIES:shopping",
    "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", "TRIGGER:-PT15M", "END:VALARM",
    `END:${kind}`, "END:VCALENDAR", ""].join("\r\n");

const [task] = convertIcsCalendar(undefined, calendar("VTODO", "DTSTART:20260301T090000Z")).todos;
console.log("task:", task.description, "|", task.categories.join(), "|", task.alarms?.length ?? 0, "alarms");
const [event] = convertIcsCalendar(undefined, calendar("VEVENT", "DTSTART:20260301T090000Z\r\nDURATION:PT1H")).events;
console.log("event:", event.description, "|", event.alarms.length, "alarms");
const again = generateIcsCalendar(convertIcsCalendar(undefined, calendar("VTODO", "DTSTART:20260301T090000Z")));
console.log("written:", again.split("\r\n").filter((line) => /^(DESCRIPTION|CATEGORIES|BEGIN:VALARM)/.test(line)).join(" "));
JAVASCRIPT

seen=$(node read.mjs)
printf '%s\n' "$seen"
expected="task: Reminder | shopping | 0 alarms
event: Catalogue page 12 | 1 alarms
written: DESCRIPTION:Reminder CATEGORIES:shopping"
[[ $seen == "$expected" ]]
