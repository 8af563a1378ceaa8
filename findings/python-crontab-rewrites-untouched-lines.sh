#!/usr/bin/env bash
# python-crontab: adding one job to a crontab changes when other jobs run, and makes comments of some.
#
# Versions: PyPI python-crontab 3.4.0; PyPI cronsim 2.8, which follows Debian's cron, counts the runs.
# Seen: all lines are written anew. `1-31/2` in the day field becomes `*/2`; but Debian's cron takes a day field that
# begins with a star as unrestricted, so "odd days or Mondays" turns into "odd days that are Mondays". `*/60` in
# minutes and `*/24` in hours, which cron takes as "at 0", come back as comments under "DISABLED LINE": these jobs
# never run again. Weekday `7-7` becomes `0,*`, every day. No warning but a line on stderr for those switched off.
# What helps: add a job by writing the old text and the new line, not by way of a model of the whole crontab; an
# importer reads "# DISABLED LINE" and the comment after it as a job that someone may be missing.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check python-crontab==3.4.0 cronsim==2.8

cat >crontab.txt <<'CRONTAB'
0 9 1-31/2 * 1 water
0 */24 * * * backup
*/60 * * * * fetch
0 9 * * 7-7 letter
30 9 * * 1-5 greet
CRONTAB
cat >add.py <<'PYTHON'
from crontab import CronTab
table = CronTab(tab=open("crontab.txt").read())
table.new(command="tidy").setall("0 20 * * *")
open("after.txt", "w").write(table.render())
PYTHON
cat >count.py <<'PYTHON'
import sys
from datetime import datetime
from cronsim import CronSim


def runs(line):
    count = 0
    for moment in CronSim(line, datetime(2025, 12, 31, 23, 59)):
        if moment.year > 2026:
            return count
        count += 1


for name in sys.argv[1:]:
    lines = [line.split() for line in open(name)]
    print(name, *(f"{line[5]}:{runs(' '.join(line[:5]))}" for line in lines if line and line[0] != "#"))
PYTHON

venv/bin/python add.py 2>/dev/null
seen=$(cat after.txt; venv/bin/python count.py crontab.txt after.txt)
printf '%s\n' "$seen"
expected="0 9 */2 * 1 water
# DISABLED LINE
# 0 */24 * * * backup
# DISABLED LINE
# */60 * * * * fetch
0 9 * * 0,* letter
30 9 * * 1-5 greet

0 20 * * * tidy
crontab.txt water:212 backup:365 fetch:8760 letter:52 greet:261
after.txt water:26 letter:365 greet:261 tidy:365"
[[ $seen == "$expected" ]]
