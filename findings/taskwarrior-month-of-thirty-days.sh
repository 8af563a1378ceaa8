#!/usr/bin/env bash
# Taskwarrior: `recur:1mo` is thirty days, `recur:P1M` and `recur:monthly` are a calendar month, which forgets the
# 31st.
#
# Versions: Debian 12 taskwarrior 2.6.2+dfsg-1; the date is set with libfaketime 0.9.10-2.1.
# Seen, from a due of 31 January 2026: `1mo`, `mo` and `1months` are due on 2 March, 1 April and 1 May; `monthly` and
# `P1M` on 28 February and from then on each 28th, as each date is reckoned from the one before. `3mo` is ninety days,
# while `1q` and `quarterly` are three months; `P2M` keeps the 31st, since it does not pass through February. `yearly`
# from 29 February 2024 is due on 28 February in 2028 as well.
# What helps: an importer tells the forms apart (`1mo` is every 30 days, `3mo` every 90), takes the day of the month
# from the template (status `recurring`), not from its newest instance, and writes `P1M` or `monthly` when it means a
# month.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
apt-get download -qq taskwarrior=2.6.2+dfsg-1 libfaketime=0.9.10-2.1 2>/dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done

export TZ=UTC TASKRC=$folder/taskrc TASKDATA=$folder/data
mkdir data
printf '%s\n' verbose=nothing recurrence.limit=4 >taskrc
task() {
    LD_PRELOAD=$(echo root/usr/lib/*/faketime/libfaketime.so.1) FAKETIME='2026-01-20 08:00:00' root/usr/bin/task "$@"
}
for period in 1mo mo 1months monthly P1M P2M 3mo quarterly 1q; do
    task add "$period" due:2026-01-31T09:00 recur:"$period"
done
task add yearly due:2024-02-29T09:00 recur:yearly
task list >/dev/null 2>&1
cat >due.py <<'PYTHON'
import json, sys
due = {}
for task in json.load(sys.stdin):
    if task["status"] == "pending":
        due.setdefault(task["description"], []).append(task["due"][2:8])
for name, dates in due.items():
    print(name, *sorted(dates)[:5])
PYTHON

seen=$(task export | python3 due.py)
printf '%s\n' "$seen"
expected="1mo 260131 260302 260401 260501
mo 260131 260302 260401 260501
1months 260131 260302 260401 260501
monthly 260131 260228 260328 260428
P1M 260131 260228 260328 260428
P2M 260131 260331 260531 260731
3mo 260131 260501 260730 261028
quarterly 260131 260430 260730 261030
1q 260131 260430 260730 261030
yearly 240229 250228 260228 270228 280228"
[[ $seen == "$expected" ]]
