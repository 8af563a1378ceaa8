#!/usr/bin/env bash
# Python's json.dumps into `task import`: one character beyond U+FFFF makes every later `task export` unreadable.
#
# Versions: Debian 12 taskwarrior 2.6.2+dfsg-1, CPython 3.11.
# Seen: json.dumps writes ASCII by default, a character beyond U+FFFF as a pair of escapes (RFC 8259, section 7, its
# example is the G clef). Taskwarrior turns each half into three bytes of its own. Its export, of all tasks, then is
# not UTF-8 (RFC 3629, section 3, forbids these bytes), and a reader that decodes before it parses gives up on the
# whole of it.
# What helps: write for Taskwarrior without escapes (ensure_ascii=False). A reader of its exports joins such pairs of
# three bytes again (the coding known as CESU-8) instead of refusing all tasks for one title.
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
cat >write.py <<'PYTHON'
import json, sys
tasks = [{"uuid": "b8c3a1de-0000-4000-8000-000000000001", "description": "Practise \U0001d11e", "entry": "20260101T000000Z"},
         {"uuid": "b8c3a1de-0000-4000-8000-000000000002", "description": "Buy strings", "entry": "20260101T000000Z"}]
sys.stdout.buffer.write(json.dumps(tasks, ensure_ascii="escaped" in sys.argv).encode())
PYTHON
cat >read.py <<'PYTHON'
import json, sys
data = sys.stdin.buffer.read()
print(data[data.index(b"Practise") + 9 :].split(b'"')[0])
try:
    print(len(json.loads(data.decode())), "tasks")
except UnicodeDecodeError as error:
    print(type(error).__name__)
PYTHON

seen=$(for way in plain escaped; do
    python3 write.py $way | root/usr/bin/task import - >/dev/null 2>&1
    root/usr/bin/task export | python3 read.py
done)
printf '%s\n' "$seen"
expected='b'\''\xf0\x9d\x84\x9e'\''
2 tasks
b'\''\xed\xa0\xb4\xed\xb4\x9e'\''
UnicodeDecodeError'
[[ $seen == "$expected" ]]
