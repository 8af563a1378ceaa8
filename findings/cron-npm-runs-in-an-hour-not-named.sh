#!/usr/bin/env bash
# npm cron: when summer time ends, a schedule of certain hours gets a run in an hour that it does not name.
#
# Versions: npm cron 4.4.0, beside croner 11.0.1 and cron-parser 5.10.6.
# Seen: `0 2,4 * * *` in Europe/Helsinki, where 4:00 becomes 3:00 on 25 October 2026: cron runs at 2:00, 3:00 and 4:00; the
# others at 2:00 and 4:00, as cron(8) does. `0 */2 * * *` in America/New_York, where 2:00 becomes 1:00 on 1 November, gets
# a run at 1:00. It takes the run before for the first pass of the hour that comes twice, and repeats it. In Europe/Berlin
# the same lines are right, since the hour that repeats there is named itself.
# What helps: hours that stay clear of the change, or a zone without one. Muista runs at the named hours alone.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts cron@4.4.0 croner@11.0.1 cron-parser@5.10.6 >/dev/null

cat >tell.mjs <<'JAVASCRIPT'
import { CronTime } from "cron";
import { CronExpressionParser } from "cron-parser";
import { Cron } from "croner";

for (const [line, zone, from] of [
    ["0 2,4 * * *", "Europe/Helsinki", "2026-10-24T21:30:00Z"],
    ["0 */2 * * *", "America/New_York", "2026-11-01T03:30:00Z"],
]) {
    const hours = (times) => times.map((time) => time.toLocaleTimeString("sv", { timeZone: zone }).slice(0, 5)).join(" ");
    const time = new CronTime(line, zone);
    const ofCron = [time.getNextDateFrom(new Date(from), zone).toJSDate()];
    while (ofCron.length < 3) ofCron.push(time.getNextDateFrom(ofCron.at(-1), zone).toJSDate());
    const parser = CronExpressionParser.parse(line, { currentDate: new Date(from), tz: zone });
    console.log(line, zone);
    console.log("cron       ", hours(ofCron));
    console.log("croner     ", hours(new Cron(line, { timezone: zone }).nextRuns(3, new Date(from))));
    console.log("cron-parser", hours(parser.take(3).map((run) => run.toDate())));
}
JAVASCRIPT
seen=$(node tell.mjs)
printf '%s\n' "$seen"
[[ $seen == "0 2,4 * * * Europe/Helsinki
cron        02:00 03:00 04:00
croner      02:00 04:00 02:00
cron-parser 02:00 04:00 02:00
0 */2 * * * America/New_York
cron        00:00 01:00 02:00
croner      00:00 02:00 04:00
cron-parser 00:00 02:00 04:00" ]]
