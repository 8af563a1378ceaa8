#!/usr/bin/env bash
# rrule.js and text: "at 9pm" is 9 in the morning, and rules "fully convertible to text" come back as other rules.
#
# Versions: npm rrule 2.8.1.
# Seen: RRule.fromText takes "every week on monday at 9pm" as BYHOUR=9, "every day at 9:30" as BYHOUR=9, "every year on
# january 1" as BYMONTH=1 without the day; it raises nothing. toText drops BYSETPOS, BYMINUTE and more, although
# isFullyConvertibleToText() is true: the last working day of a month reads "every month on weekdays", and fromText of
# that is each working day, about twenty times as many. "every year on the 100th day" comes back as day 100 of a month,
# never.
# What helps: show toText beside the next few dates, store the rule and never its text, and read users' words with
# something that refuses what it does not understand. fromText(toText(rule)) equal to the rule is the test to trust.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . rrule@2.8.1

cat >text.mjs <<'JAVASCRIPT'
import rrule from "rrule";
const { RRule } = rrule;
const bare = (rule) => rule.toString().replace("RRULE:", "");
for (const text of ["every week on monday at 9pm", "every day at 9:30", "every year on january 1"])
  console.log(text, "->", bare(RRule.fromText(text)));
for (const text of ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=DAILY;BYHOUR=9;BYMINUTE=30", "FREQ=DAILY;BYMONTH=6",
  "FREQ=YEARLY;BYYEARDAY=100"]) {
  const rule = RRule.fromString(text);
  console.log(text, rule.isFullyConvertibleToText(), "->", rule.toText(), "->", bare(RRule.fromText(rule.toText())));
}
JAVASCRIPT

seen=$(node text.mjs)
printf '%s\n' "$seen"
expected="every week on monday at 9pm -> FREQ=WEEKLY;BYDAY=MO;BYHOUR=9
every day at 9:30 -> FREQ=DAILY;BYHOUR=9
every year on january 1 -> FREQ=YEARLY;BYMONTH=1
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 true -> every month on weekdays -> FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR
FREQ=DAILY;BYHOUR=9;BYMINUTE=30 true -> every day at 9 -> FREQ=DAILY;BYHOUR=9
FREQ=DAILY;BYMONTH=6 true -> every day in June -> FREQ=DAILY
FREQ=YEARLY;BYYEARDAY=100 true -> every year on the 100th day -> FREQ=YEARLY;BYMONTHDAY=100"
[[ $seen == "$expected" ]]
