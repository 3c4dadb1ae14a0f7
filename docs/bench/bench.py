"""Measures Tollbook and its peers side by side: bench.py TOLLBOOK WORKBENCH FOLDER"""
import atexit
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import bench_append
import bench_http
import bench_log
import bench_pay
import bench_start
from measure import Report, open_files


class Bench:
    """What all parts share."""

    def __init__(self, tollbook, workbench, folder):
        self.tollbook, self.workbench, self.folder = tollbook, workbench, folder
        self.here = os.path.dirname(os.path.abspath(__file__))
        self.quick = bool(os.environ.get("QUICK"))
        self.events = 100_000 if self.quick else 1_000_000
        self.report = Report()
        self.scratch = tempfile.mkdtemp(prefix="run-", dir=folder)
        os.chmod(self.scratch, 0o755)
        self.servers = []
        atexit.register(self.clean)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def clean(self):
        for server in self.servers:
            server.end()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def peer(self, name):
        """The path of a peer that was built, or None."""
        path = os.path.join(self.folder, name)
        return path if os.path.exists(path) else None

    def note(self, text):
        self.report.notes.append(text)
        print("bench:", text, file=sys.stderr)

    def say(self, text):
        print("bench:", text, file=sys.stderr, flush=True)


def version(command):
    try:
        out = subprocess.run(command, capture_output=True, text=True, timeout=20)
        return (out.stdout + out.stderr).strip().splitlines()[0]
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return None


def head(bench):
    model = "unknown processor"
    flags = ""
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
            if line.startswith("flags"):
                flags = line
    lanes = [name for name in ("avx2", "avx512f", "sha_ni") if f" {name}" in flags]
    versions = [version(command) for command in (
        [bench.tollbook, "version"], ["g++", "--version"], ["nginx", "-v"], ["go", "version"],
        ["redis-server", "--version"], ["psql", "--version"], ["sqlite3", "--version"],
        [bench.folder + "/venv/bin/python", "-c", "import duckdb; print('duckdb', duckdb.__version__)"],
    )]
    load = os.getloadavg()[0]
    return "\n".join([
        f"## {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}", "",
        f"- Machine: {os.cpu_count()} x {model} ({', '.join(lanes)}), Linux {platform.release()}, "
        f"load {load:.1f} at the end (above 2 when others or the peers were at work).",
        f"- Log: {bench.events:,} events, seed 42, {bench.log_bytes / 1e6:,.0f} MB.",
        "- Peers: " + "; ".join(v for v in versions if v)
        + "; simdjson amalgamation of pysimdjson 7.0.2.",
        "- Each number is the median of interleaved rounds (smallest..largest).",
    ])


def main():
    bench = Bench(*sys.argv[1:4])
    open_files(8192)
    only = os.environ.get("ONLY", "fold,verify,append,pay,http,start").split(",")
    bench.log_bytes = 0
    log_home = bench_log.make_log(bench)
    if "fold" in only:
        bench_log.fold(bench, log_home)
    if "verify" in only:
        bench_log.verify(bench, log_home)
    if "append" in only:
        bench_append.run(bench)
    if "pay" in only:
        bench_pay.run(bench)
    if "http" in only:
        bench_http.run(bench)
    if "start" in only:
        bench_start.run(bench)
    text = bench.report.text(head(bench))
    print(text)
    target = os.environ.get("REPORT")
    if target:
        with open(target, "a") as file:
            file.write("\n" + text)
    if bench.report.failed:
        sys.exit(1)


main()
