#!/usr/bin/env bash
# icstask: a task sent to Taskwarrior loses its repetition, "no priority" becomes high and 3, a high one, becomes low; a
# new title costs a task what it waits for.
#
# Versions: PyPI icstask 0.5.0 with vobject 0.9.9; Debian 12 taskwarrior 2.6.2+dfsg-1.
# Seen: a VTODO with RRULE:FREQ=WEEKLY is stored as a single task without `recur`, though the other direction writes
# RRULE for a recurring one. PRIORITY 0 ("undefined", RFC 5545, 3.8.1.9) becomes H; 1 and 2 are H, but 3 is L, between 2
# and 4 (M), where the RFC calls 1 to 4 high. A pending task of Taskwarrior that is read, gets another summary and goes
# back by replace_vobject() has no `depends` and no `scheduled` any more: neither is in the VTODO, and `task import`
# replaces the task whole. For a recurring one the same ends in CalledProcessError ("You cannot remove the recurrence
# from a recurring task").
# What helps: change tasks that depend on others, are scheduled or recur in Taskwarrior alone; a bridge merges what it
# was given into the task's own export before `task import`. A writer for it leaves PRIORITY out instead of 0, and uses
# 1, 5 and 9.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
apt-get download -qq taskwarrior=2.6.2+dfsg-1 2>/dev/null
dpkg-deb -x taskwarrior*.deb root
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check icstask==0.5.0 vobject==0.9.9 tzdata==2026.6

export TASKRC=$folder/taskrc TASKDATA=$folder/data TZ=UTC PATH=$folder/root/usr/bin:$PATH
mkdir data
printf '%s\n' verbose=nothing recurrence=no confirmation=no "data.location=$folder/data" >taskrc
cat >bridge.py <<'PYTHON'
import json, subprocess

import vobject
from icstask import IcsTask


def export(project):
    text = subprocess.run(["task", f"project:{project}", "export"], capture_output=True, check=True, text=True).stdout
    return sorted(json.loads(text), key=lambda task: task["description"])


tasks = IcsTask("data", fqdn="garden")
for priority in (None, 0, 1, 2, 3, 4, 9):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//garden//EN", "BEGIN:VTODO", "UID:1",
             "DTSTAMP:20260101T000000Z", f"SUMMARY:{priority}", "DUE:20260302T070000Z", "RRULE:FREQ=WEEKLY",
             "STATUS:NEEDS-ACTION",
             *([] if priority is None else [f"PRIORITY:{priority}"]), "END:VTODO", "END:VCALENDAR", ""]
    tasks.append_vobject(vobject.readOne("\r\n".join(lines)), "in")
print("priority", *(f"{task['description']}={task.get('priority', '-')}" for task in export("in")))
print("recurring", sum("recur" in task for task in export("in")), "of", len(export("in")))

first, second, rent = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
common = {"entry": "20260101T000000Z", "due": "20260302T070000Z", "project": "home"}
subprocess.run(["task", "import", "-"], capture_output=True, check=True, text=True, input=json.dumps([
    {"uuid": first, "status": "pending", "description": "Buy paint", **common},
    {"uuid": second, "status": "pending", "description": "Paint", "scheduled": "20260228T070000Z", "depends": [first],
     **common},
    {"uuid": rent, "status": "recurring", "description": "Rent", "recur": "monthly", "rtype": "periodic", **common},
]))
names = ("depends", "scheduled", "due")
print("before", *(name for name in names if name in export("home")[1]))
for uuid in (second, rent):
    calendar = tasks.to_vobject("home", uuid)
    calendar.vtodo.summary.value += " it"
    try:
        tasks.replace_vobject(uuid, calendar, "home")
        print("after", *(name for name in names if name in export("home")[1]))
    except Exception as error:
        print(type(error).__name__)
PYTHON

seen=$(venv/bin/python bridge.py 2>errors)
seen+=$'\n'$(grep -o 'You cannot remove the recurrence[^.]*' errors)
printf '%s\n' "$seen"
[[ $seen == "priority 0=H 1=H 2=H 3=L 4=M 9=L None=-
recurring 0 of 7
before depends scheduled due
after due
CalledProcessError
You cannot remove the recurrence from a recurring task" ]]
