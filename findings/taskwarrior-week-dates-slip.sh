#!/usr/bin/env bash
# Taskwarrior: due:2026-W10-5, a Friday by ISO 8601, is the Friday a week later; 2025-W10 is a Sunday, and 2024-W01 a
# day in November.
#
# Versions: Debian 12 taskwarrior 2.6.2+dfsg-1; the right dates from CPython's datetime.
# Seen: its documentation ("Named Dates") gives 2014-W23 as an ISO 8601 date that it knows. Weeks of ISO 8601 begin on
# Monday, and week 1 is the one with the year's first Thursday. With a day, 2025 and 2027 are right, while 2026, whose 1
# January is a Thursday, has each week tried seven days late. Day 7, Sunday, is refused. Without a day, W10 is the
# Sunday before the week; 2024-W01 and 2029-W01, whose Sunday before is 31 December, are 30 November. Ordinal dates
# (2026-065) are right.
# What helps: write the calendar date; compute it from the week elsewhere. A bridge to Taskwarrior never hands a week
# date on.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
apt-get download -qq taskwarrior=2.6.2+dfsg-1 2>/dev/null
dpkg-deb -x taskwarrior*.deb root

export TASKRC=$folder/taskrc TASKDATA=$folder/data TZ=UTC
mkdir data
printf '%s\n' verbose=nothing confirmation=no >taskrc
cat >weeks.py <<'PYTHON'
import json, subprocess
from datetime import date

for text in ("2025-W10-5", "2026-W01-1", "2026-W10-5", "2027-W10-5", "2026-W10-7", "2025-W10", "2024-W01", "2029-W01"):
    year, week, *day = text.replace("W", "").split("-")
    right = date.fromisocalendar(int(year), int(week), int(day[0]) if day else 1)
    added = subprocess.run(["root/usr/bin/task", "add", text, f"due:{text}"], capture_output=True, text=True)
    answer = "refused"
    if added.returncode == 0:
        export = subprocess.run(["root/usr/bin/task", "+LATEST", "export"], capture_output=True, check=True, text=True)
        due = date.fromisoformat(json.loads(export.stdout)[0]["due"][:8])
        answer = f"{due:%a} {due} ({(due - right).days:+} days)"
    print(text, "|", f"{right:%a} {right}", "|", answer)
PYTHON

seen=$(python3 weeks.py)
printf '%s\n' "$seen"
[[ $seen == "2025-W10-5 | Fri 2025-03-07 | Fri 2025-03-07 (+0 days)
2026-W01-1 | Mon 2025-12-29 | Mon 2026-01-05 (+7 days)
2026-W10-5 | Fri 2026-03-06 | Fri 2026-03-13 (+7 days)
2027-W10-5 | Fri 2027-03-12 | Fri 2027-03-12 (+0 days)
2026-W10-7 | Sun 2026-03-08 | refused
2025-W10 | Mon 2025-03-03 | Sun 2025-03-02 (-1 days)
2024-W01 | Mon 2024-01-01 | Thu 2023-11-30 (-32 days)
2029-W01 | Mon 2029-01-01 | Thu 2028-11-30 (-32 days)" ]]
