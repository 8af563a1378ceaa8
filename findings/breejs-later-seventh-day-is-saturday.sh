#!/usr/bin/env bash
# Bree's later: in its reading of cron, weekday 7 is Saturday, of two day fields both must hold, and @midnight is each
# minute.
#
# Versions: npm @breejs/later 4.2.0 (what Bree 9.2.9 schedules with), croner 11.0.1 and PyPI cronsim 2.8 for comparison.
# Seen, from Sunday 1 March 2026: later.parse.cron("0 9 * * 7") is Saturdays, and 5-7 Fridays and Saturdays; in
# crontab(5) 0 and 7 are Sunday. "0 9 15 * 1" comes in June for the first time, on a Monday that is the 15th, instead of
# each Monday and each 15th. "@midnight", which crontab(5) gives as the same as @daily, runs each minute. None of them
# is refused. SUN, 0 and @daily are right, so that a crontab may run for long before its owner sees the odd line.
# What helps: SUN or 0 for Sunday, 0 0 * * * for midnight, one day field a line; check the next few runs before a line
# from a crontab is handed to Bree.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . @breejs/later@4.2.0 croner@11.0.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check cronsim==2.8

lines=('0 9 * * 7' '0 9 * * 5-7' '0 9 15 * 1' '0 9 * * SUN' @midnight @daily)
cat >next.mjs <<'JAVASCRIPT'
import later from "@breejs/later";
import { Cron } from "croner";
const begin = new Date("2026-03-01T00:00:30Z");
const text = (times) => times.map((time) => time.toUTCString().slice(0, 3) + time.toISOString().slice(4, 16)).join(" ");
for (const line of process.argv.slice(2)) {
  console.log(line, "| later  |", text(later.schedule(later.parse.cron(line)).next(3, begin)));
  console.log(line, "| croner |", text(new Cron(line, { timezone: "UTC" }).nextRuns(3, begin)));
}
JAVASCRIPT
cat >next.py <<'PYTHON'
import sys
from datetime import datetime
from itertools import islice

from cronsim import CronSim
for line in sys.argv[1:]:
    times = islice(CronSim(line, datetime(2026, 3, 1, 0, 0, 30)), 3)
    print(line, "| cronsim |", *(time.strftime("%a-%m-%dT%H:%M") for time in times))
PYTHON

seen=$(node next.mjs "${lines[@]}"; venv/bin/python next.py "${lines[@]:0:4}")
printf '%s\n' "$seen"
[[ $seen == "0 9 * * 7 | later  | Sat-03-07T09:00 Sat-03-14T09:00 Sat-03-21T09:00
0 9 * * 7 | croner | Sun-03-01T09:00 Sun-03-08T09:00 Sun-03-15T09:00
0 9 * * 5-7 | later  | Fri-03-06T09:00 Sat-03-07T09:00 Fri-03-13T09:00
0 9 * * 5-7 | croner | Sun-03-01T09:00 Fri-03-06T09:00 Sat-03-07T09:00
0 9 15 * 1 | later  | Mon-06-15T09:00 Mon-02-15T09:00 Mon-03-15T09:00
0 9 15 * 1 | croner | Mon-03-02T09:00 Mon-03-09T09:00 Sun-03-15T09:00
0 9 * * SUN | later  | Sun-03-01T09:00 Sun-03-08T09:00 Sun-03-15T09:00
0 9 * * SUN | croner | Sun-03-01T09:00 Sun-03-08T09:00 Sun-03-15T09:00
@midnight | later  | Sun-03-01T00:01 Sun-03-01T00:02 Sun-03-01T00:03
@midnight | croner | Mon-03-02T00:00 Tue-03-03T00:00 Wed-03-04T00:00
@daily | later  | Mon-03-02T00:00 Tue-03-03T00:00 Wed-03-04T00:00
@daily | croner | Mon-03-02T00:00 Tue-03-03T00:00 Wed-03-04T00:00
0 9 * * 7 | cronsim | Sun-03-01T09:00 Sun-03-08T09:00 Sun-03-15T09:00
0 9 * * 5-7 | cronsim | Sun-03-01T09:00 Fri-03-06T09:00 Sat-03-07T09:00
0 9 15 * 1 | cronsim | Mon-03-02T09:00 Mon-03-09T09:00 Sun-03-15T09:00
0 9 * * SUN | cronsim | Sun-03-01T09:00 Sun-03-08T09:00 Sun-03-15T09:00" ]]
