#!/usr/bin/env bash
# recurrent: "every fifteen minutes" is each minute, "for the next twelve weeks" has no end, and "at noon" is no time.
#
# Versions: PyPI recurrent 0.4.1 with parsedatetime 2.6.
# Seen: numbers in words are known up to ten; above that the unit alone is left: fifteen, twenty and thirty minutes are
# INTERVAL=1, forty-five is 5 ("every forty five minutes"). "tuesdays for the next six weeks", from the package's
# README, has its UNTIL, with "twelve" it never ends; "fridays ten times" has COUNT=10, "fridays twelve times" none.
# "every other tuesday at noon", from the README too, has no BYHOUR, so it comes at the hour at which the rule happens
# to start. "every monday at 9 and 17" is every seventeenth week; "monday to friday" is Monday and Friday, with "thru"
# or "through" all five. parse() raises nothing and returns no None.
# What helps: numbers in digits, 12pm instead of noon, "thru"; show format() of the rule ("every minute") before it is
# kept. Most of the README's examples are right, so tests with them show little.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check recurrent==0.4.1 parsedatetime==2.6

cat >read.py <<'PYTHON'
from datetime import datetime

from recurrent import RecurringEvent

for text in (
    "every 15 minutes", "every ten minutes", "every fifteen minutes", "every forty five minutes",
    "tuesdays for the next six weeks", "tuesdays for the next twelve weeks", "fridays ten times",
    "fridays twelve times",
    "every other tuesday at 12pm", "every other tuesday at noon", "every monday at 9", "every monday at 9 and 17",
    "every monday thru friday at 8am", "every monday to friday at 8am",
):
    event = RecurringEvent(now_date=datetime(2026, 3, 4, 12))
    rule = event.parse(text)
    print(f"{text} | {rule.removeprefix('RRULE:')} | {event.format(rule)}")
PYTHON

seen=$(venv/bin/python read.py 2>/dev/null)
printf '%s\n' "$seen"
[[ $seen == "every 15 minutes | INTERVAL=15;FREQ=MINUTELY | every 15 minutes
every ten minutes | INTERVAL=10;FREQ=MINUTELY | every 10 minutes
every fifteen minutes | INTERVAL=1;FREQ=MINUTELY | every minute
every forty five minutes | INTERVAL=5;FREQ=MINUTELY | every 5 minutes
tuesdays for the next six weeks | BYDAY=TU;INTERVAL=1;FREQ=WEEKLY;UNTIL=20260415 | every Tue until Wed Apr 15, 2026
tuesdays for the next twelve weeks | BYDAY=TU;INTERVAL=1;FREQ=WEEKLY | every Tue
fridays ten times | BYDAY=FR;INTERVAL=1;FREQ=WEEKLY;COUNT=10 | every Fri for 10 times
fridays twelve times | BYDAY=FR;INTERVAL=1;FREQ=WEEKLY | every Fri
every other tuesday at 12pm | BYDAY=TU;BYHOUR=12;BYMINUTE=0;INTERVAL=2;FREQ=WEEKLY | every other week on Tue at 12pm
every other tuesday at noon | BYDAY=TU;INTERVAL=2;FREQ=WEEKLY | every other week on Tue
every monday at 9 | BYDAY=MO;BYHOUR=9;BYMINUTE=0;INTERVAL=1;FREQ=WEEKLY | every Mon at 9am
every monday at 9 and 17 | BYDAY=MO;BYHOUR=9;BYMINUTE=0;INTERVAL=17;FREQ=WEEKLY | every 17 weeks on Mon at 9am
every monday thru friday at 8am | BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=0;INTERVAL=1;FREQ=WEEKLY | every weekday at 8am
every monday to friday at 8am | BYDAY=MO,FR;BYHOUR=8;BYMINUTE=0;INTERVAL=1;FREQ=WEEKLY | every Mon and Fri at 8am" ]]
