#!/usr/bin/env bash
# Taskwarrior: the filter project:home also selects the project homework, and only the spelling of the case counts.
#
# Version: Debian 12 taskwarrior 2.6.2+dfsg-1.
# Seen: with tasks in home, home.kitchen, homework and Home, `project:home` gives the first three: it compares the
# beginning of the name, dot or not, so that `task project:home delete` takes homework with it; Home is another project.
# `project.not:home` leaves out just these three. `project.is:home` is home alone, and `project.isnt:home` everything but
# it, so that .is and .not, which read like opposites, are not: home.kitchen and homework are in neither.
# What helps: `project.is:home or project.is:home.kitchen`, each name in full.
# Muista's project:home holds home and what is below it (home.kitchen), in any case, and not homework.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
apt-get download -qq taskwarrior=2.6.2+dfsg-1 2>/dev/null
dpkg-deb -x taskwarrior*.deb root

export TASKRC=$folder/taskrc TASKDATA=$folder/data
mkdir data
echo verbose=nothing >taskrc
for project in home home.kitchen homework Home; do root/usr/bin/task add "in $project" "project:$project"; done

selected() {
    root/usr/bin/task "$1" export | python3 -c 'import json, sys
print(sys.argv[1], "->", *(task["project"] for task in json.load(sys.stdin)))' "$1"
}
seen=$(for filter in project:home project.not:home project.is:home project.isnt:home; do selected "$filter"; done)
printf '%s\n' "$seen"
[[ $seen == "project:home -> home home.kitchen homework
project.not:home -> Home
project.is:home -> home
project.isnt:home -> home.kitchen homework Home" ]]
