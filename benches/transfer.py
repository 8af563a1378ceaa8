#!/usr/bin/env python3
"""Times import and export of a release build, embedded and with a daemon, and tells the peak memory of each process. With
several folders of programs they are measured in turn, and each is set against the first. The file is Taskwarrior's, with
random identifiers, a tag on every third task and ten projects.
Usage: benches/transfer.py [--tasks N] [--runs N] FOLDER_OF_PROGRAMS …"""
import argparse, json, os, pathlib, signal, statistics, subprocess, tempfile, time, uuid

DAY = 86400


def tasks(count):
    today = int(time.time()) // DAY * DAY
    for n in range(count):
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(today + DAY * (1 + n % 365) - 1))
        yield {"uuid": str(uuid.uuid4()), "status": "pending", "description": f"Task number {n} of the benchmark",
               "entry": "20260101T000000Z", "due": stamp, "tags": ["bench"] if n % 3 == 0 else [], "project": f"p{n % 10}"}


def write(path, count):
    with open(path, "w") as out:
        for n, task in enumerate(tasks(count)):
            out.write("[\n" if n == 0 else ",\n")
            json.dump(task, out)
        out.write("\n]\n")


def timed(argv, env, out=os.devnull):
    """Runs a command: wall and processor seconds, and its peak memory in MB."""
    target = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    begin = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, env, file_actions=[(os.POSIX_SPAWN_DUP2, target, 1)])
    peak = watch(pid)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    os.close(target)
    if status != 0:
        raise SystemExit(f"{argv} ended with {status}")
    return wall, usage.ru_utime + usage.ru_stime, peak


def watch(pid):
    """The peak memory of a process that ends: what the kernel tells of ended children counts their parent's, too."""
    peak = 0.0
    while True:
        told = high_water(pid)
        if told is None:
            return peak
        peak = max(peak, told)
        time.sleep(0.002)


def high_water(pid):
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return None
    found = [line for line in lines if line.startswith("VmHWM:")]
    return int(found[0].split()[1]) / 1024 if found else None


def resident(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


class Home:
    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        runtime = pathlib.Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        self.env = {"HOME": folder, "PATH": os.environ["PATH"], "TZ": "UTC", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": str(runtime)}

    def muista(self, *args, out=os.devnull):
        return timed([str(self.programs / "muista"), *args], self.env, out)

    def daemon(self):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        child = subprocess.Popen([self.programs / "muistad", "--http", "127.0.0.1:0"], env=self.env, **quiet)
        while subprocess.run([self.programs / "muista", "daemon", "status"], env=self.env, **quiet).returncode:
            time.sleep(0.05)
        return child


def measure(programs, source, with_daemon):
    """One import, one again, and one export into an empty home: rows of label, wall, processor time and peaks."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        home = Home(programs, folder)
        home.muista("ls")
        child = home.daemon() if with_daemon else None
        idle = resident(child.pid) if child else 0
        rows = []
        for label, args in [("import", ["import", str(source)]), ("export", ["export", "--file", f"{folder}/out.json"]),
                            ("import again", ["import", str(source)])]:
            if child:
                pathlib.Path(f"/proc/{child.pid}/clear_refs").write_text("5")
            wall, processor, peak = home.muista(*args, "--quiet")
            rows.append((label, wall, processor, peak, high_water(child.pid) if child else 0))
        if child:
            time.sleep(60)
            print(f"    daemon: {idle:.0f} MB idle before, {resident(child.pid):.0f} MB a minute after", flush=True)
            child.send_signal(signal.SIGTERM)
            child.wait()
        return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--way", choices=["embedded", "daemon", "both"], default="both")
    parser.add_argument("programs", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        source = pathlib.Path(folder) / "tasks.json"
        write(source, args.tasks)
        for with_daemon in [way == "daemon" for way in ["embedded", "daemon"] if args.way in (way, "both")]:
            print(f"{args.tasks} tasks, {'with a daemon' if with_daemon else 'embedded'}", flush=True)
            results = {programs: [] for programs in args.programs}
            for _ in range(args.runs):
                for programs in args.programs:
                    results[programs].append(measure(programs.resolve(), source, with_daemon))
            first = None
            for programs, runs in results.items():
                print(f"  {programs}")
                rows = [[row[0], *(statistics.median(run[at][n] for run in runs) for n in (1, 2)),
                         *(max(run[at][n] for run in runs) for n in (3, 4))] for at, row in enumerate(runs[0])]
                first = first or rows
                for (label, wall, processor, peak, daemon), base in zip(rows, first):
                    print(f"    {label:<14} {wall:8.2f} s  {wall / base[1]:5.2f}   processor {processor:8.2f} s  {processor / base[2]:5.2f}"
                          f"   peak {peak:6.1f} MB  daemon {daemon:6.1f} MB", flush=True)


if __name__ == "__main__":
    main()
