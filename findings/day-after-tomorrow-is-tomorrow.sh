#!/usr/bin/env bash
# chrono-node, parsedatetime, timefhuman: "day after tomorrow" is tomorrow, "in 2 and a half hours" is half an hour, and
# the first Monday of April is in March.
#
# Versions: npm chrono-node 2.10.3; PyPI parsedatetime 2.6, timefhuman 0.1.5, dateparser 1.5.0.
# Seen, on Wednesday 4 March 2026 at 12:00: chrono-node takes "the day after tomorrow" for Friday, and without the
# article for Thursday, as it finds "tomorrow" in it. parsedatetime and timefhuman have Thursday both times; dateparser
# alone Friday. "in 2 and a half hours" is 12:30 in chrono-node ("half hours"), "in an hour and a half" 13:00 in these
# three. "first monday of april" is Monday 9 March for chrono-node's parseDate, 1 April for parsedatetime, right (6
# April) in timefhuman only. What is left over of the text raises no error: these libraries look for dates within
# sentences, so that a part is enough.
# What helps: compare the length of what was read (chrono.parse gives its text and index) with the words around it, and
# ask where "after", "half" or an ordinal stands beside it; show the date back with its weekday.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . chrono-node@2.10.3
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check parsedatetime==2.6 timefhuman==0.1.5 \
    dateparser==1.5.0 tzdata==2026.6

texts=("the day after tomorrow" "day after tomorrow" "in 2 and a half hours" "in an hour and a half"
    "first monday of april")
cat >read.py <<'PYTHON'
import sys
from datetime import datetime

import dateparser
from parsedatetime import Calendar
from timefhuman import tfhConfig, timefhuman

NOW = datetime(2026, 3, 4, 12)


def human(text):
    answer = timefhuman(text, tfhConfig(now=NOW))
    return answer[0] if answer else None


for text in sys.argv[1:]:
    time, status = Calendar().parseDT(text, NOW)
    for name, answer in (
        ("parsedatetime", time if status else None),
        ("timefhuman   ", human(text)),
        ("dateparser   ", dateparser.parse(text, languages=["en"], settings={"RELATIVE_BASE": NOW})),
    ):
        print(name, "|", text, "|", answer and answer.strftime("%a %b %d %H:%M"))
PYTHON
cat >read.mjs <<'JAVASCRIPT'
import * as chrono from "chrono-node";
for (const text of process.argv.slice(2)) {
  const time = String(chrono.parseDate(text, new Date(2026, 2, 4, 12), { forwardDate: true }));
  console.log("chrono-node   |", text, "|", time.slice(0, 10) + time.slice(15, 21));
}
JAVASCRIPT

export TZ=UTC
seen=$(node read.mjs "${texts[@]}"; venv/bin/python read.py "${texts[@]}" 2>/dev/null)
printf '%s\n' "$seen"
[[ $seen == "chrono-node   | the day after tomorrow | Fri Mar 06 12:00
chrono-node   | day after tomorrow | Thu Mar 05 12:00
chrono-node   | in 2 and a half hours | Wed Mar 04 12:30
chrono-node   | in an hour and a half | Wed Mar 04 13:00
chrono-node   | first monday of april | Mon Mar 09 12:00
parsedatetime | the day after tomorrow | Thu Mar 05 09:00
timefhuman    | the day after tomorrow | Thu Mar 05 00:00
dateparser    | the day after tomorrow | Fri Mar 06 12:00
parsedatetime | day after tomorrow | Thu Mar 05 09:00
timefhuman    | day after tomorrow | Thu Mar 05 00:00
dateparser    | day after tomorrow | Fri Mar 06 12:00
parsedatetime | in 2 and a half hours | None
timefhuman    | in 2 and a half hours | None
dateparser    | in 2 and a half hours | None
parsedatetime | in an hour and a half | Wed Mar 04 13:00
timefhuman    | in an hour and a half | Wed Mar 04 13:00
dateparser    | in an hour and a half | None
parsedatetime | first monday of april | Wed Apr 01 12:00
timefhuman    | first monday of april | Mon Apr 06 00:00
dateparser    | first monday of april | None" ]]
