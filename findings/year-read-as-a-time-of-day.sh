#!/usr/bin/env bash
# parsedatetime, sherlockjs: "2026-03-05T09:00:00Z" and "2026-W10-5" are today at 20:26: the year is taken for a time of
# day.
#
# Versions: PyPI parsedatetime 2.6, npm sherlockjs 1.4.2.
# Seen, on Wednesday 4 March 2026 at 12:00: with a blank, "2026-03-05 09:00", both have the day and the hour. With the T
# of ISO 8601 and RFC 3339 (section 5.6) parsedatetime takes 20:26 of the present day and drops the rest, status "time";
# sherlockjs takes 20:26 of another day yet, the 3rd. Week dates (2026-W10-5), ordinal dates (2026-065) and, in
# sherlockjs, "March 2026" and 5.3.2026 go the same way. It raises nothing, and until 2059 a year stays a possible time,
# mostly later on the same day.
# What helps: try a parser of ISO 8601 first and hand on only what it refuses; refuse an answer whose minutes are the
# year's last digits.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . sherlockjs@1.4.2
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check parsedatetime==2.6

texts=("2026-03-05 09:00" 2026-03-05T09:00 2026-03-05T09:00:00Z 2026-W10-5 2026-065 5.3.2026 "March 2026"
    "5 March 2026")
cat >read.py <<'PYTHON'
import sys
from datetime import datetime

from parsedatetime import Calendar
for text in sys.argv[1:]:
    time, status = Calendar().parseDT(text, datetime(2026, 3, 4, 12))
    print("parsedatetime |", text, "|", time.strftime("%b %d %Y %H:%M") if status else None)
PYTHON
cat >read.mjs <<'JAVASCRIPT'
import Sherlock from "sherlockjs";
Sherlock._setNow(new Date(2026, 2, 4, 12));
for (const text of process.argv.slice(2)) {
  const { startDate } = Sherlock.parse(text);
  console.log("sherlockjs    |", text, "|", startDate && String(startDate).slice(4, 21));
}
JAVASCRIPT

export TZ=UTC
seen=$(venv/bin/python read.py "${texts[@]}"; node read.mjs "${texts[@]}")
printf '%s\n' "$seen"
[[ $seen == "parsedatetime | 2026-03-05 09:00 | Mar 05 2026 09:00
parsedatetime | 2026-03-05T09:00 | Mar 04 2026 20:26
parsedatetime | 2026-03-05T09:00:00Z | Mar 04 2026 20:26
parsedatetime | 2026-W10-5 | Mar 04 2026 20:26
parsedatetime | 2026-065 | Mar 04 2026 20:26
parsedatetime | 5.3.2026 | May 03 2026 12:00
parsedatetime | March 2026 | Mar 01 2026 12:00
parsedatetime | 5 March 2026 | Mar 05 2026 12:00
sherlockjs    | 2026-03-05 09:00 | Mar 05 2026 09:00
sherlockjs    | 2026-03-05T09:00 | Mar 03 2026 20:26
sherlockjs    | 2026-03-05T09:00:00Z | Mar 03 2026 20:26
sherlockjs    | 2026-W10-5 | Mar 04 2026 20:26
sherlockjs    | 2026-065 | Mar 04 2026 20:26
sherlockjs    | 5.3.2026 | Mar 04 2026 20:26
sherlockjs    | March 2026 | Mar 04 2026 20:26
sherlockjs    | 5 March 2026 | Mar 05 2026 00:00" ]]
