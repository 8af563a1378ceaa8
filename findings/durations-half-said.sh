#!/usr/bin/env bash
# "1h30", "1M" and "1,5h": readers of durations do not refuse them, and differ by a factor of up to 43,800.
#
# Versions: systemd 252 (Debian 12, systemd-analyze), npm parse-duration 2.1.9, npm ms 2.1.3, PyPI pytimeparse 1.1.8.
# Seen: "1h30" is an hour and 30 seconds to systemd (a number without a unit is seconds, systemd.time(7)) and an hour
# and a half to parse-duration. "1M" is a month to systemd, a minute to parse-duration, ms and pytimeparse; "1m" is a
# minute to all. "1,5h" is fifteen hours to parse-duration, which takes the comma as one between thousands; the others
# refuse it.
# What helps: each number with its unit, minutes as "min", months as "month", a point in decimals: "1h 30min" and
# "1.5h" mean one thing to all that take them. A reader refuses a last number without a unit, a capital M and a comma,
# and says why.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . parse-duration@2.1.9 ms@2.1.3
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check pytimeparse==1.1.8

cat >read.mjs <<'JAVASCRIPT'
import ms from "ms";
import parse from "parse-duration";
for (const text of process.argv.slice(2)) {
  const seconds = [parse(text), ms(text)].map((length) => (length === undefined || length === null ? "-" : length / 1000));
  console.log(text, "| parse-duration", seconds[0], "| ms", seconds[1]);
}
JAVASCRIPT
cat >read.py <<'PYTHON'
import sys, pytimeparse
for text in sys.argv[1:]:
    print(text, "| pytimeparse", pytimeparse.parse(text) or "-")
PYTHON
texts=(1h30 1M 1m 1,5h 1.5h)
seen=$(node read.mjs "${texts[@]}"
    venv/bin/python read.py "${texts[@]}"
    for text in "${texts[@]}"; do
        microseconds=$(systemd-analyze timespan "$text" 2>/dev/null | awk 'NR == 2 { print $NF }' || true)
        microseconds=${microseconds:--}
        echo "$text | systemd ${microseconds%000000}"
    done)
printf '%s\n' "$seen"
expected="1h30 | parse-duration 5400 | ms -
1M | parse-duration 60 | ms 60
1m | parse-duration 60 | ms 60
1,5h | parse-duration 54000 | ms -
1.5h | parse-duration 5400 | ms 5400
1h30 | pytimeparse -
1M | pytimeparse 60
1m | pytimeparse 60
1,5h | pytimeparse -
1.5h | pytimeparse 5400
1h30 | systemd 3630
1M | systemd 2629800
1m | systemd 60
1,5h | systemd -
1.5h | systemd 5400"
[[ $seen == "$expected" ]]
