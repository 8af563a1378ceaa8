#!/usr/bin/env python3
"""What a victim and the engine notice while others attack: the victim reads one task 50 times a second; beside it run, one
after the other, searches that cannot succeed in 40 long texts, a flood of compressed pages, and 400 streams of HTTP/2
whose reader takes nothing. Prints the victim's median and p99, the engine's lateness and the daemon's memory, at rest and
in each attack, and the memory a minute after. Figures go into docs/PERFORMANCE.md.
Usage: benches/attack.py MUISTA MUISTAD [SECONDS [ATTACK …]]"""
import http.client, json, multiprocessing, os, pathlib, re, socket, statistics, struct, subprocess, sys, tempfile, threading, time

MUISTA, MUISTAD = sys.argv[1:3]
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 15
ONLY = sys.argv[4:]
HOME = tempfile.mkdtemp(prefix="muista-attack-")
ENV = {"HOME": HOME, "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": HOME, "TZ": "UTC", "MUISTA_SCRIPTS_DIR": HOME + "/scripts"}
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]


def muista(*args, feed=None):
    done = subprocess.run([MUISTA, *args], env=ENV, input=feed, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"{args}: {done.stderr}")
    return done.stdout


def ask(connection, method, path, token=None, body=None, headers=()):
    sent = dict(headers)
    if token:
        sent["Authorization"] = f"Bearer {token}"
    if body is not None:
        body = json.dumps(body)
        sent["Content-Type"] = "application/json"
    connection.request(method, path, body=body, headers=sent)
    answer = connection.getresponse()
    return answer.status, answer.read()


def connect():
    return http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)


def resident(pid, field="VmRSS"):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status).group(1)) / 1024


def lateness(connection):
    """The engine's lateness so far: (upper bound in seconds, how many at most that late)."""
    _, text = ask(connection, "GET", "/metrics", TOKENS["victim"])
    return [(float(le.replace("+Inf", "inf")), int(n)) for le, n in
            re.findall(r'muista_engine_lateness_seconds_bucket\{le="([^"]+)"\} (\d+)', text.decode())]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Victim(threading.Thread):
    """Reads one task, timed from when each request should have been sent."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds, self.took, self.failed = seconds, [], 0

    def run(self):
        connection, begin = connect(), time.perf_counter()
        for turn in range(self.seconds * 50):
            due = begin + turn / 50
            time.sleep(max(0, due - time.perf_counter()))
            status, _ = ask(connection, "GET", "/tasks/" + VICTIMS_TASK, TOKENS["victim"])
            self.took.append((time.perf_counter() - due) * 1000)
            self.failed += status != 200


def attackers(work, count):
    """Processes that attack. They come from elsewhere: here they have the least priority, or what is measured is how long the
    kernel's own threads wait for a processor behind them (a commit then took 70 to 300 ms, now and then)."""
    def behind():
        os.nice(19)
        work()
    return [multiprocessing.Process(target=behind) for _ in range(count)]


def searches(until):
    def search():
        connection = connect()
        while time.time() < until:
            try:
                ask(connection, "GET", "/tasks?search=" + "a" * 99 + "b", TOKENS["agent"])
                ask(connection, "GET", "/tasks?search=" + "%20".join(["aa" + "b" * 90] * 20), TOKENS["agent"])
            except OSError:
                connection = connect()
    return attackers(search, 8)


def health(until):
    """Not an attack: as many requests as the searches make, that cost the daemon next to nothing. What the victim notices of
    these is the machine, whose processors the attackers share."""
    def look():
        connection = connect()
        while time.time() < until:
            try:
                ask(connection, "GET", "/health/live")
            except OSError:
                connection = connect()
    return attackers(look, 8)


def pages(until):
    def flood():
        connection = connect()
        while time.time() < until:
            try:
                for path in ("/openapi.json", "/docs/swagger-ui-bundle.js"):
                    ask(connection, "GET", path, headers={"Accept-Encoding": "gzip"})
            except (OSError, http.client.HTTPException):
                connection = connect()
    return attackers(flood, 16)


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def streams(until):
    def stall():
        try:
            with socket.create_connection(("127.0.0.1", PORT)) as peer:
                head = (literal(b":method", b"GET") + literal(b":scheme", b"http") + literal(b":authority", b"localhost")
                        + literal(b":path", b"/docs/swagger-ui-bundle.js"))
                # A window of one byte a stream: the answers begin and never go on.
                peer.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, struct.pack(">HI", 4, 1)))
                for stream in range(1, 201, 2):
                    peer.sendall(frame(1, 5, stream, head))
                peer.settimeout(1)
                while time.time() < until:
                    try:
                        if not peer.recv(65536):
                            break
                    except TimeoutError:
                        pass
        except OSError:
            pass
    return attackers(stall, 4)


daemon = subprocess.Popen([MUISTAD, "--http", f"127.0.0.1:{PORT}"], env=ENV, stderr=open(HOME + "/log", "w"))
try:
    while True:
        try:
            if ask(connect(), "GET", "/health/ready")[0] == 200:
                break
        except OSError:
            time.sleep(0.02)
    TOKENS = {"victim": muista("token", "create", "--name", "victim", "--quiet").strip(),
              "agent": muista("token", "create", "--name", "agent", "--role", "agent", "--scope", "tasks:read", "--quiet").strip()}
    long = "a" * 65_000
    for number in range(40):
        muista("add", f"long {number}", "--note", long[:60_000], "--description", long[:60_000])
    VICTIMS_TASK = json.loads(muista("add", "The victim's", "--json"))["id"]
    time.sleep(3)
    print(f"{'':26}{'victim p50':>12}{'p99':>10}{'failed':>8}{'late p99 <=':>13}{'memory':>9}")
    idle = None
    for name, attack in (("at rest", None), ("health, for comparison", health), ("searches", searches), ("pages, gzip", pages), ("400 stalled streams", streams)):
        if attack and ONLY and attack.__name__ not in ONLY:
            continue
        connection = connect()
        before = lateness(connection)
        soon = time.time() + 2
        # Two reminders a second, while it lasts; a task has 50 at most.
        for turn in range((SECONDS - 3) * 2):
            if turn % 50 == 0:
                reminded = json.loads(muista("add", f"Reminded during {name}", "--json"))["id"]
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(soon + turn * 0.5))
            status, answer = ask(connection, "POST", f"/tasks/{reminded}/reminders", TOKENS["victim"], {"at": at, "channels": ["webhook"]})
            if status >= 300:
                sys.exit(f"no reminder: {status} {answer}")
        peak, processes = 0.0, attack(time.time() + SECONDS) if attack else []
        victim = Victim(SECONDS)
        for each in (*processes, victim):
            each.start()
        while victim.is_alive():
            peak = max(peak, resident(daemon.pid))
            time.sleep(0.1)
        for each in processes:
            each.join()
        after = lateness(connect())
        new = [(bound, late - early) for (bound, late), (_, early) in zip(after, before)] if before else after
        all_of = new[-1][1] if new else 0
        late = next((bound for bound, count in new if count >= 0.99 * all_of), float("nan")) if all_of else float("nan")
        print(f"{name:26}{statistics.median(victim.took):9.2f} ms{percentile(victim.took, 0.99):7.2f} ms{victim.failed:8}"
              f"{late * 1000:10.0f} ms{peak:6.0f} MB  ({all_of} fired)", flush=True)
        if ONLY:
            print("  ", {f"{bound * 1000:.0f} ms": count for bound, count in new})
        idle = idle or resident(daemon.pid)
    end = time.time() + 60
    while time.time() < end and resident(daemon.pid) > 2 * idle:
        time.sleep(1)
    print(f"memory at rest {idle:.0f} MB, at most {resident(daemon.pid, 'VmHWM'):.0f} MB, then {resident(daemon.pid):.0f} MB after {60 - (end - time.time()):.0f} s")
finally:
    daemon.terminate()
    daemon.wait()
