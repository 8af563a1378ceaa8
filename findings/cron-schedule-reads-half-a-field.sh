#!/usr/bin/env bash
# cron-schedule: "the last Friday" is each Friday, "from minute 5, each quarter of an hour" is minute 5 alone: what
# follows a number is passed over.
#
# Versions: npm cron-schedule 6.0.0, beside croner 11.0.1, cron-parser 5.10.6 and PyPI cronsim 2.8.
# Seen, from 1 March 2026: `0 9 * * 5L` runs on 6, 13 and 20 March; croner, cron-parser and cronsim take it as the last
# Friday of the month. `0 9 * * 1#2` is each Monday, for the others the second of a month; `0 9 15W * *` the 15th, for
# croner the working day next to it, refused by the other two. `5/15 9 * * *` runs at 9:05, in cron-parser and cronsim
# also at 9:20, 9:35 and 9:50; croner refuses it. cron-schedule refuses the same marks where a name or nothing stands
# before them (MON#2, L), so that a check of whole crontabs finds some lines and not others.
# What helps: 5-59/15 instead of 5/15, which all four read alike; of lines with L, W or # refuse each for this package.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . cron-schedule@6.0.0 croner@11.0.1 cron-parser@5.10.6
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check cronsim==2.8

lines=('0 9 * * 5L' '0 9 * * 1#2' '0 9 * * MON#2' '0 9 15W * *' '5/15 9 * * *' '5-59/15 9 * * *')
cat >next.mjs <<'JAVASCRIPT'
import { CronExpressionParser } from "cron-parser";
import { parseCronExpression } from "cron-schedule";
import { Cron } from "croner";
const begin = new Date("2026-03-01T00:00:30Z");
const toDate = (time) => time.toDate();
const readers = {
  "cron-schedule": (line) => parseCronExpression(line).getNextDates(3, begin),
  "croner       ": (line) => new Cron(line, { timezone: "UTC" }).nextRuns(3, begin),
  "cron-parser  ": (line) => CronExpressionParser.parse(line, { currentDate: begin, tz: "UTC" }).take(3).map(toDate),
};
for (const line of process.argv.slice(2))
  for (const [name, read] of Object.entries(readers)) {
    let answer = "refused";
    try {
      answer = read(line).map((time) => time.toISOString().slice(5, 16)).join(" ");
    } catch {}
    console.log(line, "|", name, "|", answer);
  }
JAVASCRIPT
cat >next.py <<'PYTHON'
import sys
from datetime import datetime
from itertools import islice

from cronsim import CronSim
for line in sys.argv[1:]:
    try:
        times = [time.strftime("%m-%dT%H:%M") for time in islice(CronSim(line, datetime(2026, 3, 1, 0, 0, 30)), 3)]
    except Exception:
        times = ["refused"]
    print(line, "| cronsim       |", *times)
PYTHON

export TZ=UTC LC_ALL=C
seen=$({ node next.mjs "${lines[@]}" && venv/bin/python next.py "${lines[@]}"; } | sort -s)
printf '%s\n' "$seen"
[[ $seen == "0 9 * * 1#2 | cron-parser   | 03-09T09:00 04-13T09:00 05-11T09:00
0 9 * * 1#2 | cron-schedule | 03-02T09:00 03-09T09:00 03-16T09:00
0 9 * * 1#2 | croner        | 03-09T09:00 04-13T09:00 05-11T09:00
0 9 * * 1#2 | cronsim       | 03-09T09:00 04-13T09:00 05-11T09:00
0 9 * * 5L | cron-parser   | 03-27T09:00 04-24T09:00 05-29T09:00
0 9 * * 5L | cron-schedule | 03-06T09:00 03-13T09:00 03-20T09:00
0 9 * * 5L | croner        | 03-27T09:00 04-24T09:00 05-29T09:00
0 9 * * 5L | cronsim       | 03-27T09:00 04-24T09:00 05-29T09:00
0 9 * * MON#2 | cron-parser   | 03-09T09:00 04-13T09:00 05-11T09:00
0 9 * * MON#2 | cron-schedule | refused
0 9 * * MON#2 | croner        | 03-09T09:00 04-13T09:00 05-11T09:00
0 9 * * MON#2 | cronsim       | 03-09T09:00 04-13T09:00 05-11T09:00
0 9 15W * * | cron-parser   | refused
0 9 15W * * | cron-schedule | 03-15T09:00 04-15T09:00 05-15T09:00
0 9 15W * * | croner        | 03-16T09:00 04-15T09:00 05-15T09:00
0 9 15W * * | cronsim       | refused
5-59/15 9 * * * | cron-parser   | 03-01T09:05 03-01T09:20 03-01T09:35
5-59/15 9 * * * | cron-schedule | 03-01T09:05 03-01T09:20 03-01T09:35
5-59/15 9 * * * | croner        | 03-01T09:05 03-01T09:20 03-01T09:35
5-59/15 9 * * * | cronsim       | 03-01T09:05 03-01T09:20 03-01T09:35
5/15 9 * * * | cron-parser   | 03-01T09:05 03-01T09:20 03-01T09:35
5/15 9 * * * | cron-schedule | 03-01T09:05 03-02T09:05 03-03T09:05
5/15 9 * * * | croner        | refused
5/15 9 * * * | cronsim       | 03-01T09:05 03-01T09:20 03-01T09:35" ]]
