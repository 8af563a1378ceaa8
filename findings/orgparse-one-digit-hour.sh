#!/usr/bin/env bash
# orgparse: a task scheduled at 9:00 has no time, one from 9:30 to 10:15 is at 10:15, and half of a habit's repeater is
# gone.
#
# Versions: PyPI orgparse 0.5.20260926.
# Seen: Org's timestamps have hours of one digit or two ("H:MM", Org syntax, "Timestamps"). orgparse finds a time only
# where it has two: <2026-03-02 Mon 9:00> is a date, <2026-03-02 Mon 9:30-10:15> begins at 10:15 and has no end, and
# with 8:00-9:30 there is no time at all; with 09:30-10:15 both are right. Of a habit's .+2d/4d (Org manual, "Tracking
# your habits") it keeps .+2d, and of a warning before the repeater (-2d +1w) the repeater alone, while +1w -2d keeps
# both. str() of the timestamp writes what is left, so that a program which reads and writes drops the time for good. No
# warning.
# What helps: write hours with two digits, the repeater before the warning; compare str() with the text it came from,
# and refuse where they differ.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check orgparse==0.5.20260926

cat >read.py <<'PYTHON'
import orgparse

TIMES = ["9:00", "09:00", "9:30-10:15", "09:30-10:15", "8:00-9:30", "09:00 .+2d/4d", "09:00 -2d +1w", "09:00 +1w -2d"]
for text in TIMES:
    task = orgparse.loads(f"* TODO Call\nSCHEDULED: <2026-03-02 Mon {text}>\n")[1]
    print(f"{text} | {task.scheduled.start} | {task.scheduled.end} | {task.scheduled}")
PYTHON

seen=$(venv/bin/python read.py)
printf '%s\n' "$seen"
[[ $seen == "9:00 | 2026-03-02 | None | <2026-03-02 Mon>
09:00 | 2026-03-02 09:00:00 | None | <2026-03-02 Mon 09:00>
9:30-10:15 | 2026-03-02 10:15:00 | None | <2026-03-02 Mon 10:15>
09:30-10:15 | 2026-03-02 09:30:00 | 2026-03-02 10:15:00 | <2026-03-02 Mon 09:30--10:15>
8:00-9:30 | 2026-03-02 | None | <2026-03-02 Mon>
09:00 .+2d/4d | 2026-03-02 09:00:00 | None | <2026-03-02 Mon 09:00 .+2d>
09:00 -2d +1w | 2026-03-02 09:00:00 | None | <2026-03-02 Mon 09:00 +1w>
09:00 +1w -2d | 2026-03-02 09:00:00 | None | <2026-03-02 Mon 09:00 +1w -2d>" ]]
