"""What the benchmark measures with: processes, servers, tables of ratios."""
import os
import resource
import signal
import socket
import statistics
import subprocess
import tempfile
import time


class Run:
    """One finished process: seconds on the wall and on the processors, peak MB, what it printed.

    The peak is never below this script's own, about 22 MB: the kernel counts it before the exec.
    """

    def __init__(self, command, **options):
        with tempfile.TemporaryFile() as out:
            start = time.monotonic()
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, **options)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            self.text = out.read().decode()
        self.code = process.returncode
        self.cpu = usage.ru_utime + usage.ru_stime
        self.rss = usage.ru_maxrss / 1024


class Server:
    """A server that this script started, and ends; its processor time with its children's."""

    def __init__(self, command, **options):
        options.setdefault("stderr", subprocess.DEVNULL)
        self.process = subprocess.Popen(command, start_new_session=True, **options)

    def pids(self):
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as file:
                    todo += [int(word) for word in file.read().split()]
            except OSError:
                pass
        return found

    def cpu(self):
        ticks = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/stat") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
            except OSError:
                pass
        return ticks / os.sysconf("SC_CLK_TCK")

    def rss(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
        return 0

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(12)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def rounds(rows, count):
    """Runs every row once in each round, so that all share the same weather.

    `rows` is a list of (name, function); a function gives a dictionary of numbers, or None when
    the row cannot be had. Returns name -> key -> the numbers of all rounds.
    """
    results = {}
    for _ in range(count):
        for name, function in rows:
            numbers = function()
            if numbers is None:
                continue
            for key, value in numbers.items():
                results.setdefault(name, {}).setdefault(key, []).append(value)
    return results


def median(results, name, key):
    values = results.get(name, {}).get(key)
    return statistics.median(values) if values else None


def short(value):
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def open_files(count):
    """Lets this process and its children hold so many descriptors."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


class Report:
    """Collects tables and ratios; prints them as markdown."""

    def __init__(self):
        self.lines, self.ratios, self.notes, self.failed = [], [], [], False

    def table(self, title, results, columns):
        self.lines += ["", f"### {title}", "", "| who | " + " | ".join(columns) + " |",
                       "|---|" + "--:|" * len(columns)]
        for name, keys in results.items():
            cells = []
            for column in columns:
                values = keys.get(column)
                cells.append("" if not values else short(statistics.median(values)) + (
                    f" ({short(min(values))}..{short(max(values))})" if len(values) > 1 else ""))
            self.lines.append(f"| {name} | " + " | ".join(cells) + " |")

    def ratio(self, what, value, target, at_most=False, detail=""):
        if value is None:
            self.ratios.append((what, "not measured", "", "", detail))
            return
        ok = value <= target if at_most else value >= target
        self.ratios.append((what, short(value), ("<= " if at_most else ">= ") + short(target),
                            "✓" if ok else "✗", detail))

    def text(self, head):
        out = [head, "", "### Ratios", "", "| what | measured | target | | by processor time |",
               "|---|--:|--:|---|--:|"]
        out += [f"| {a} | {b} | {c} | {d} | {e} |" for a, b, c, d, e in self.ratios]
        out += self.lines
        if self.notes:
            out += ["", "### Notes", ""] + [f"- {note}" for note in self.notes]
        return "\n".join(out) + "\n"
