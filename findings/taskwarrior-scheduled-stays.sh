#!/usr/bin/env bash
# Taskwarrior: in a recurring task `wait` moves along with the due, `scheduled` and `until` stay at the first one's
# dates.
#
# Versions: Debian 12 taskwarrior 2.6.2+dfsg-1; the date is set with libfaketime 0.9.10-2.1.
# Seen: a weekly task due on Monday 2 March 2026, to be seen from the Saturday before (`wait`), started on the Sunday
# before (`scheduled`), the series until 1 June. Each instance has its own `wait`, two days before its due. `scheduled`
# is 1 March in all of them, from the second on a day that is past before the task is even to be seen, and `until` is 1
# June in all of them: an instance that is still open on that day is deleted, unasked.
# What helps: an importer of instances takes the distance between `scheduled` and `due` from the template, and `until`
# of an instance (one with a `parent`) as the end of the series, not as a deadline of that task.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
apt-get download -qq taskwarrior=2.6.2+dfsg-1 libfaketime=0.9.10-2.1 2>/dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done

export TZ=UTC TASKRC=$folder/taskrc TASKDATA=$folder/data
mkdir data
printf '%s\n' verbose=nothing recurrence.limit=3 >taskrc
task() {
    LD_PRELOAD=$(echo root/usr/lib/*/faketime/libfaketime.so.1) FAKETIME="$1 08:00:00" root/usr/bin/task "${@:2}"
}
cat >dates.py <<'PYTHON'
import json, sys
for task in sorted(json.load(sys.stdin), key=lambda task: (task["due"], task["status"] != "recurring")):
    print(task["status"], *(f"{key}={task[key][4:8]}" for key in ("due", "wait", "scheduled", "until") if key in task))
PYTHON

task 2026-03-02 add Bins due:2026-03-02T09:00 wait:2026-02-28T09:00 scheduled:2026-03-01T09:00 until:2026-06-01 recur:weekly
task 2026-03-02 list >/dev/null 2>&1
seen=$(task 2026-03-02 export | python3 dates.py
    task 2026-06-02 list >/dev/null 2>&1
    task 2026-06-02 export | python3 dates.py | grep due=0309)
printf '%s\n' "$seen"
expected="recurring due=0302 wait=0228 scheduled=0301 until=0601
pending due=0302 wait=0228 scheduled=0301 until=0601
pending due=0309 wait=0307 scheduled=0301 until=0601
pending due=0316 wait=0314 scheduled=0301 until=0601
deleted due=0309 wait=0307 scheduled=0301 until=0601"
[[ $seen == "$expected" ]]
