#!/usr/bin/env bash
# cronstrue, cron-descriptor: the words for a day of the month beside a range of weekdays read as if both had to match.
#
# Versions: npm cronstrue 3.39.0, croner 11.0.1; PyPI cron-descriptor 2.2.1.
# Seen: `0 9 15 * 1-5` is "At 09:00 AM, on day 15 of the month, Monday through Friday" in both, which a reader takes for a
# 15th that is a working day. Cron runs it on each working day and on the 15th as well (crontab(5): where both fields are
# restricted, either matches), and so does croner. For one weekday the words are right, "and on Monday" and "or on Monday":
# only ranges lose the word, so that who has checked one line trusts the next.
# What helps: show the next few times beside the words. Muista's `date` does, and notes that either field may match.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts cronstrue@3.39.0 croner@11.0.1 >/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check cron-descriptor==2.2.1

cat >tell.mjs <<'JAVASCRIPT'
import cronstrue from "cronstrue";
import { Cron } from "croner";
for (const line of ["0 9 15 * 1", "0 9 15 * 1-5"]) console.log(cronstrue.toString(line));
const runs = new Cron("0 9 15 * 1-5", { timezone: "UTC" }).nextRuns(4, new Date("2026-11-12T12:00:00Z"));
console.log(runs.map((run) => run.toISOString().slice(0, 10)).join(" "));
JAVASCRIPT
seen=$(
    node tell.mjs
    venv/bin/python -c 'from cron_descriptor import get_description
for line in ("0 9 15 * 1", "0 9 15 * 1-5"): print(get_description(line))'
)
printf '%s\n' "$seen"
[[ $seen == "At 09:00 AM, on day 15 of the month, and on Monday
At 09:00 AM, on day 15 of the month, Monday through Friday
2026-11-13 2026-11-15 2026-11-16 2026-11-17
At 09:00 AM, on day 15 of the month, or on Monday
At 09:00 AM, on day 15 of the month, Monday through Friday" ]]
