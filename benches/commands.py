#!/usr/bin/env python3
"""Times whole commands of the release build, embedded, on 1,000, 10,000 and 100,000 tasks, beside the sqlite3 shell doing
the same query on the same file. Prints medians in milliseconds and the largest resident memory. Figures go into
docs/PERFORMANCE.md. Usage: cargo build --release && benches/commands.py [SIZE …]"""
import json, os, pathlib, statistics, subprocess, sys, tempfile, time, uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
MUISTA = ROOT / "target/release/muista"
SQLITE = "/usr/bin/sqlite3"
TIME = pathlib.Path("/usr/bin/time")
RUNS = 41
DUE_TODAY = """SELECT number, title, due_at FROM tasks WHERE owner_id = x'{owner}' AND completed_at IS NULL
    AND due_key >= {start} AND due_key < {end} ORDER BY due_key, number"""


def run(argv, env):
    """Runs a command with its output thrown away: wall time in ms."""
    null = os.open(os.devnull, os.O_RDWR)
    begin = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, env, file_actions=[(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
    _, status = os.waitpid(pid, 0)
    wall = (time.perf_counter() - begin) * 1000
    os.close(null)
    if status != 0:
        sys.exit(f"{argv} ended with {status}")
    return wall


def memory(argv, env):
    """The peak memory of a command in MB, as GNU time tells it: our own would count this interpreter's."""
    if not TIME.exists():
        return "        "
    told = subprocess.run([TIME, "-f", "%M", *argv], env=env, capture_output=True, text=True)
    return f"{int(told.stderr.split()[-1]) / 1024:5.1f} MB"


def measure(label, argvs, env):
    walls = sorted(run(argv, env) for argv in argvs[1:])
    print(f"  {label:<44} {statistics.median(walls):8.2f} ms  p90 {walls[int(len(walls) * 0.9)]:8.2f}  {memory(argvs[0], env)}")
    return statistics.median(walls)


def tasks(count, now):
    """One in a hundred is due today, the others later; a tag and a project on some."""
    day = 86400
    today = now - now % day
    for n in range(count):
        due = today + day - 1 if n % 100 == 0 else today + day * (2 + n % 365) - 1
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(due))
        yield {"uuid": str(uuid.uuid4()), "status": "pending", "description": f"Task number {n} of the benchmark",
               "entry": "20260101T000000Z", "due": stamp, "tags": ["bench"] if n % 3 == 0 else [], "project": f"p{n % 10}"}


def bench(size):
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "PATH": os.environ["PATH"], "TZ": "UTC", "LANG": "C.UTF-8"}
        source = pathlib.Path(home) / "tasks.json"
        now = int(time.time())
        source.write_text(json.dumps(list(tasks(size, now))))
        muista = str(MUISTA)
        wall = run([muista, "import", str(source), "--format", "taskwarrior"], env)
        print(f"{size} tasks, imported in {wall / 1000:.2f} s")
        database = f"{home}/.local/share/muista/muista.db"
        start = (now - now % 86400) * 1_000_000
        query = DUE_TODAY.format(owner="00000000000070008000000000000001", start=start, end=start + 86_400_000_000)
        shell = measure("sqlite3 shell, the same query", [[SQLITE, database, query]] * RUNS, env)
        listed = measure("muista ls --due today", [[muista, "ls", "--due", "today"]] * RUNS, env)
        measure("muista ls --due today --json", [[muista, "ls", "--due", "today", "--json"]] * RUNS, env)
        measure("muista ls", [[muista, "ls"]] * RUNS, env)
        measure("muista ls +bench project:p3", [[muista, "ls", "+bench", "project:p3"]] * RUNS, env)
        measure("muista ls number (search)", [[muista, "ls", "number"]] * 11, env)
        measure("muista next", [[muista, "next"]] * 11, env)
        insert = "INSERT INTO tags (id, owner_id, name, name_key, created_at) VALUES (randomblob(16), x'00000000000070008000000000000001', hex(randomblob(8)), hex(randomblob(8)), 0)"
        measure("sqlite3 shell, one durable insert", [[SQLITE, database, "PRAGMA synchronous = FULL; " + insert]] * RUNS, env)
        measure("muista add", [[muista, "add", f"Buy cat food {n}", "--due", "tomorrow"] for n in range(RUNS)], env)
        measure("muista done", [[muista, "done", str(n + 1)] for n in range(RUNS)], env)
        measure("muista export", [[muista, "export", "--format", "json"]] * 3, env)
        print(f"  ls --due today is {listed / shell:.2f} times the sqlite3 shell")


for size in [int(arg) for arg in sys.argv[1:]] or [1_000, 10_000, 100_000]:
    bench(size)
