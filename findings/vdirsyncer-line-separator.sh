#!/usr/bin/env bash
# vdirsyncer: a line separator (U+2028) in a note makes both the copy and the user's own one-file calendar unreadable.
#
# Versions: PyPI vdirsyncer 0.21.0; read with PyPI icalendar 7.3.2.
# Seen: its `singlefile` storage cuts a calendar into lines wherever Unicode knows a line end. RFC 5545 (3.1) knows
# one, CR LF; U+2028, U+2029 and U+0085 are plain text there (NON-US-ASCII). What follows such a character in a
# DESCRIPTION becomes a line without a name, in the copy and, as the file is written anew, in the original too. The
# sync exits with 0; neither file can be parsed after it. Text pasted from web pages and word processors holds such
# characters.
# What helps: a writer of calendars sends U+0085, U+2028 and U+2029 in texts as `\n`; a server refuses a line without a
# name and says which, instead of storing it.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --no-compile --quiet --disable-pip-version-check vdirsyncer==0.21.0 icalendar==7.3.2

mkdir copy
cat >config <<CONFIG
[general]
status_path = "$folder/status/"
[pair garden]
a = "file"
b = "folder"
collections = null
[storage file]
type = "singlefile"
path = "$folder/garden.ics"
[storage folder]
type = "filesystem"
path = "$folder/copy"
fileext = ".ics"
CONFIG
printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//garden//EN BEGIN:VTODO UID:seeds DTSTAMP:20260101T000000Z \
    SUMMARY:Seeds $'DESCRIPTION:beans\xe2\x80\xa8peas' END:VTODO END:VCALENDAR >garden.ics
cat >read.py <<'PYTHON'
import sys, icalendar
try:
    print(sys.argv[1], ascii(str(icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read()).walk("VTODO")[0]["DESCRIPTION"])))
except (KeyError, ValueError) as error:
    print(sys.argv[1], type(error).__name__)
PYTHON

export VDIRSYNCER_CONFIG=$folder/config
yes | venv/bin/vdirsyncer discover >/dev/null 2>&1 || true
seen=$(venv/bin/python read.py garden.ics
    venv/bin/vdirsyncer sync 2>&1
    for file in garden.ics copy/seeds.ics; do
        grep -A 1 ^DESCRIPTION $file | tr -d '\r'
        venv/bin/python read.py $file
    done)
printf '%s\n' "$seen"
expected="garden.ics 'beans\u2028peas'
Syncing garden
Copying (uploading) item seeds to folder
DESCRIPTION:beans
peas
garden.ics ValueError
DESCRIPTION:beans
peas
copy/seeds.ics ValueError"
[[ $seen == "$expected" ]]
