#!/usr/bin/env bash
# xandikos: a repeating task with a due and no start is found in no range of time, not even on the day that it names.
#
# Versions: PyPI xandikos 0.4.10; PyPI Radicale 3.9.0 for comparison.
# Seen: DUE:20260303T120000Z with RRULE:FREQ=WEEKLY and no DTSTART, as task apps write it. A calendar-query for 3 or
# for 10 March must find it: a repeating object matches when one of its instances does, and a VTODO with DUE alone goes
# by that (RFC 4791, 9.9). Radicale lists it for both and for an open range; xandikos for none. With the same instant
# as DTSTART, or with both, it is found by both servers; without the rule, the due alone is found as well.
# What helps: a client asks for repeating tasks without a time-range, or of VTODOs for all and selects itself; a writer
# gives DTSTART beside RRULE (RFC 5545, 3.8.5.3, counts from it anyway).
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check xandikos==0.4.10 Radicale==3.9.0

cat >ask.py <<'PYTHON'
import re, socket, subprocess, time, urllib.request

TASKS = {
    "due": ["DUE:20260303T120000Z", "RRULE:FREQ=WEEKLY"],
    "once": ["DUE:20260303T120000Z"],
    "start": ["DTSTART:20260303T120000Z", "RRULE:FREQ=WEEKLY"],
    "both": ["DTSTART:20260303T110000Z", "DUE:20260303T120000Z", "RRULE:FREQ=WEEKLY"],
}
QUERY = """<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VTODO"><C:time-range {}/></C:comp-filter></C:comp-filter>
</C:filter></C:calendar-query>"""
RANGES = {
    "3 March": 'start="20260303T000000Z" end="20260304T000000Z"',
    "10 March": 'start="20260310T000000Z" end="20260311T000000Z"',
    "11 March": 'start="20260311T000000Z" end="20260312T000000Z"',
    "from 10 March": 'start="20260310T000000Z"',
}


def call(method, url, body=None, kind="text/calendar"):
    headers = {"Authorization": "Basic dTp4", "Depth": "1", **({"Content-Type": kind} if body else {})}
    request = urllib.request.Request(url, body and body.encode(), headers, method=method)
    return urllib.request.urlopen(request, timeout=20).read().decode()


def ask(name, command, port, path):
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if server.poll() is not None:
                    raise
                time.sleep(0.1)
        base = f"http://127.0.0.1:{port}{path}"
        call("MKCALENDAR", base)
        for uid, lines in TASKS.items():
            lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//garden//EN", "BEGIN:VTODO", f"UID:{uid}",
                     "DTSTAMP:20260101T000000Z", "SUMMARY:Bins", *lines, "END:VTODO", "END:VCALENDAR", ""]
            call("PUT", f"{base}{uid}.ics", "\r\n".join(lines))
        for title, limits in RANGES.items():
            answer = call("REPORT", base, QUERY.format(limits), "application/xml")
            print(name, "|", title, "|", *sorted(re.findall(r"/(\w+)\.ics<", answer)))
    finally:
        server.terminate()
        server.wait()


ports = []
for _ in range(2):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        ports.append(free.getsockname()[1])
ask("radicale", ["venv/bin/radicale", "--server-hosts", f"127.0.0.1:{ports[0]}", "--storage-filesystem-folder", "r",
                 "--auth-type", "none"], ports[0], "/u/c/")
ask("xandikos", ["venv/bin/xandikos", "-d", "x", "-l", "127.0.0.1", "-p", str(ports[1]), "--autocreate"], ports[1], "/c/")
PYTHON

seen=$(venv/bin/python ask.py)
printf '%s\n' "$seen"
expected="radicale | 3 March | both due once start
radicale | 10 March | both due start
radicale | 11 March |
radicale | from 10 March | both due start
xandikos | 3 March | both once start
xandikos | 10 March | both start
xandikos | 11 March |
xandikos | from 10 March | both start"
[[ $seen == "$expected" ]]
