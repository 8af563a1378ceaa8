#!/usr/bin/env bash
# Taskwarrior: `recur:daily` at 9:00 is due at 10:00 from the day on which the clocks go forward; `recur:monthly` is
# not.
#
# Versions: Debian 12 taskwarrior 2.6.2+dfsg-1; the date is set with libfaketime 0.9.10-2.1.
# Seen, in Europe/Helsinki (clocks go forward on 29 March 2026): a task of 27 March, 9:00, daily: 27 and 28 March
# 07:00Z, then 29 and 30 March 07:00Z too, which is 10:00 there; and so on until autumn. The same for weekly. A monthly
# one goes from 27 March 07:00Z to 27 April 06:00Z, 9:00 on both days. So periods up to a week are counted in hours,
# those of months by the calendar, and the instances in an export do not show the hour that the user chose.
# What helps: on import, take the hour of a series from the template's due (the parent, status `recurring`), read in
# the user's zone, not from its newest instance; count days by the calendar from there on.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
apt-get download -qq taskwarrior=2.6.2+dfsg-1 libfaketime=0.9.10-2.1 2>/dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done

export TZ=Europe/Helsinki TASKRC=$folder/taskrc TASKDATA=$folder/data
mkdir data
printf '%s\n' verbose=nothing recurrence.limit=4 >taskrc
task() {
    LD_PRELOAD=$(echo root/usr/lib/*/faketime/libfaketime.so.1) FAKETIME='2026-03-27 08:00:00' root/usr/bin/task "$@"
}
task add Cat due:2026-03-27T09:00 recur:daily
task add Bins due:2026-03-23T09:00 recur:weekly
task add Rent due:2026-03-27T09:00 recur:monthly
task list >/dev/null 2>&1
cat >due.py <<'PYTHON'
import json, sys
from datetime import datetime
due = {}
for task in json.load(sys.stdin):
    if task["status"] == "pending":
        moment = datetime.strptime(task["due"] + "+0000", "%Y%m%dT%H%M%SZ%z").astimezone()
        due.setdefault(task["description"], []).append(moment)
for name, moments in due.items():
    print(name, *(moment.strftime("%d.%m.%H:%M") for moment in sorted(moments)[:4]))
PYTHON

seen=$(task export | python3 due.py)
printf '%s\n' "$seen"
expected="Cat 27.03.09:00 28.03.09:00 29.03.10:00 30.03.10:00
Bins 23.03.09:00 30.03.10:00 06.04.10:00 13.04.10:00
Rent 27.03.09:00 27.04.09:00 27.05.09:00 27.06.09:00"
[[ $seen == "$expected" ]]
