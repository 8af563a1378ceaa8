#!/usr/bin/env bash
# croniter, cronsim: two Python readers of crontabs part at `*/2` beside a weekday; a monitor made with the one waits for
# days on which a scheduler made with the other does not run, and is silent on most on which it does.
#
# Versions: PyPI croniter 7.0.0, cronsim 2.8.
# Seen: `0 0 */2 * 1`, from 31 March 2026 on: croniter 1, 3, 5, 6, 7, 9 April; cronsim 13 and 27 April, 11 and 25 May, 1 and
# 15 June. Vixie cron and Debian's note that a day field begins with `*` and then want the weekday to match too, step or not;
# cronsim does as they do, croniter only for `*` alone. With `1-31/2`, which names the same days, both take either.
# What helps: write `1-31/2` where either is meant, and the days one by one where both are.
# Muista reads it as cron does, and `muista date` says so.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check croniter==7.0.0 cronsim==2.8

cat >tell.py <<'PYTHON'
from datetime import datetime
from itertools import islice

from croniter import croniter
from cronsim import CronSim

BEGIN = datetime(2026, 3, 31, 23)
for line in ("0 0 */2 * 1", "0 0 1-31/2 * 1"):
    scheduler = croniter(line, BEGIN)
    for name, times in (
        ("croniter", [scheduler.get_next(datetime) for _ in range(6)]),
        ("cronsim", islice(CronSim(line, BEGIN), 6)),
    ):
        print(line, name, *(time.strftime("%m-%d") for time in times))
PYTHON
seen=$(venv/bin/python tell.py)
printf '%s\n' "$seen"
[[ $seen == "0 0 */2 * 1 croniter 04-01 04-03 04-05 04-06 04-07 04-09
0 0 */2 * 1 cronsim 04-13 04-27 05-11 05-25 06-01 06-15
0 0 1-31/2 * 1 croniter 04-01 04-03 04-05 04-06 04-07 04-09
0 0 1-31/2 * 1 cronsim 04-01 04-03 04-05 04-06 04-07 04-09" ]]
