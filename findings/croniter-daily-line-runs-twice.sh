#!/usr/bin/env bash
# croniter: a daily line whose time comes twice, when summer time ends, runs twice that day.
#
# Versions: PyPI croniter 7.0.0, beside cronsim 2.8.
# Seen: `30 3 * * *` in Europe/Helsinki, where 4:00 becomes 3:00 on 25 October 2026: croniter gives 3:30 of summer time and
# 3:30 of winter time, an hour later; cronsim the first alone, as Debian's cron does for lines that name an hour. When
# summer time begins, both give one run. So a scheduler made with croniter sends a bill twice that night, without a word.
# What helps: name hours that no change touches.
# Muista fires a line of fixed hours once, on the first pass.
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
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim

HELSINKI = ZoneInfo("Europe/Helsinki")
for day in (datetime(2026, 10, 24, 12, tzinfo=HELSINKI), datetime(2027, 3, 27, 12, tzinfo=HELSINKI)):
    scheduler = croniter("30 3 * * *", day)
    for name, times in (
        ("croniter", [scheduler.get_next(datetime) for _ in range(3)]),
        ("cronsim", islice(CronSim("30 3 * * *", day), 3)),
    ):
        print(name, *(time.isoformat(timespec="minutes") for time in times))
PYTHON
seen=$(venv/bin/python tell.py)
printf '%s\n' "$seen"
[[ $seen == "croniter 2026-10-25T03:30+03:00 2026-10-25T03:30+02:00 2026-10-26T03:30+02:00
cronsim 2026-10-25T03:30+03:00 2026-10-26T03:30+02:00 2026-10-27T03:30+02:00
croniter 2027-03-28T04:00+03:00 2027-03-29T03:30+03:00 2027-03-30T03:30+03:00
cronsim 2027-03-28T04:00+03:00 2027-03-29T03:30+03:00 2027-03-30T03:30+03:00" ]]
