#!/usr/bin/env bash
# APScheduler's from_crontab: "0 9 * * 1" is Tuesday, and the 13th "or" Friday of cron becomes Saturday the 13th.
#
# Versions: PyPI APScheduler 3.11.3; PyPI cronsim 2.8, which follows Debian's cron, for comparison.
# Seen: in a crontab, weekday 1 is Monday and 0 and 7 are Sunday; of two restricted day fields one is enough
# (crontab(5)). CronTrigger.from_crontab counts from Monday = 0, refuses 7, and wants both day fields to hold. The same
# line fires a day later each week, `1-5` from Tuesday to Saturday, and `0 0 13 * 5` once in 2026 instead of 61 times.
# Names of days mean the same in both.
# What helps: weekdays by name in lines that are handed on, at most one of the two day fields; an importer of such jobs
# asks which program ran them.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check APScheduler==3.11.3 cronsim==2.8

cat >compare.py <<'PYTHON'
from datetime import datetime, timedelta, timezone
from apscheduler.triggers.cron import CronTrigger
from cronsim import CronSim

START, END = datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2027, 1, 1, tzinfo=timezone.utc)


def apscheduler(line):
    trigger, moment = CronTrigger.from_crontab(line, timezone.utc), START
    while (moment := trigger.get_next_fire_time(None, moment)) and moment < END:
        yield moment
        moment += timedelta(seconds=1)


def cronsim(line):
    for moment in CronSim(line, START - timedelta(seconds=1)):
        if moment >= END:
            return
        yield moment


for line in ("0 9 * * 1", "0 9 * * mon", "0 9 * * 1-5", "0 0 13 * 5", "0 9 * * 7"):
    for expand in (cronsim, apscheduler):
        try:
            moments = list(expand(line))
            days = sorted({moment.isoweekday() for moment in moments})
            print(f"{line:12}", f"{expand.__name__:11}", f"{len(moments):3}", "days", *days)
        except ValueError:
            print(f"{line:12}", f"{expand.__name__:11}", "refused")
PYTHON

seen=$(venv/bin/python compare.py)
printf '%s\n' "$seen"
expected="0 9 * * 1    cronsim      52 days 1
0 9 * * 1    apscheduler  52 days 2
0 9 * * mon  cronsim      52 days 1
0 9 * * mon  apscheduler  52 days 1
0 9 * * 1-5  cronsim     261 days 1 2 3 4 5
0 9 * * 1-5  apscheduler 261 days 2 3 4 5 6
0 0 13 * 5   cronsim      61 days 1 2 3 4 5 6 7
0 0 13 * 5   apscheduler   1 days 6
0 9 * * 7    cronsim      52 days 7
0 9 * * 7    apscheduler refused"
[[ $seen == "$expected" ]]
