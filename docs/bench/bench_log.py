"""Over one log: the four questions, the full replay, the verification."""
import os
import subprocess
import sys

from measure import Run, median, rounds


def make_log(bench):
    """A ledger folder by the workbench, kept for later runs."""
    home = os.path.join(bench.folder, f"log-{bench.events}")
    if not os.path.exists(home + "/done"):
        subprocess.run(["rm", "-rf", home], check=True)
        bench.say(f"making a log of {bench.events:,} events")
        subprocess.run([bench.workbench, "make-log", "--events", str(bench.events), "--seed", "42",
                        "--home", home], check=True, stdout=subprocess.DEVNULL)
        open(home + "/done", "w").close()
    folder = home + "/data/ledger"
    names = [name for name in os.listdir(folder) if name.endswith(".jsonl")]
    bench.log_bytes = sum(os.path.getsize(f"{folder}/{name}") for name in names)
    for name in names:  # warm the page cache
        with open(f"{folder}/{name}", "rb") as file:
            while file.read(1 << 20):
                pass
    return home


def numbers(bench, run):
    return {"wall s": run.wall, "CPU s": run.cpu, "MB/s": bench.log_bytes / 1e6 / run.wall,
            "peak MB": run.rss}


def speed(results, peer, ours):
    """How often faster we are: by the wall clock and by processor time."""
    values = []
    for key in ("wall s", "CPU s"):
        a, b = median(results, peer, key), median(results, ours, key)
        values.append(a / b if a and b else None)
    return values


def fold(bench, home):
    folder = home + "/data/ledger"
    python = bench.folder + "/venv/bin/python"
    simdjson = bench.peer("fold_simdjson")
    answers = {}

    def row(name, command, answers_facts=True):
        def once():
            run = Run(command)
            if run.code != 0:
                bench.note(f"{name} failed with exit {run.code}")
                return None
            if answers_facts:
                answers[name] = sorted(run.text.splitlines())
            return numbers(bench, run)
        return name, once

    facts = [bench.tollbook, "report", "facts", "--home", home, "--book", "real", "-o", "table"]
    rows = []
    for threads in ("1", "2"):
        rows.append(row(f"tollbook report facts, {threads} thr", facts + ["--threads", threads]))
        if simdjson:
            rows.append(row(f"C++ simdjson, {threads} thr", [simdjson, folder, threads]))
        rows.append(row(f"tollbook replay, {threads} thr",
                        [bench.tollbook, "replay", "--home", home, "--threads", threads], False))
    questions = [("tx total", ["tx", "total", "--month", "2026-10"]),
                 ("stats", ["stats", "success-rate"]),
                 ("budget usage", ["budget", "usage", "builder_agent"])]
    rows.append(row("tollbook replay", [bench.tollbook, "replay", "--home", home], False))
    for name, words in questions:
        rows.append(row(f"tollbook {name}", [bench.tollbook, *words, "--home", home], False))
    if subprocess.run([python, "-c", "import duckdb"], stderr=subprocess.DEVNULL).returncode == 0:
        rows.append(row("DuckDB, 2 thr", [python, bench.here + "/fold_duckdb.py", folder, "2"]))
    bench.say("four questions and replay")
    results = rounds(rows, 3 if bench.quick else 5)
    bench.report.table("Four questions and replay", results, ["wall s", "CPU s", "MB/s", "peak MB"])
    compare(bench, answers)
    wall, cpu = speed(results, "C++ simdjson, 1 thr", "tollbook report facts, 1 thr")
    bench.report.ratio("four questions, 1 thread, x C++ simdjson", wall, 1.5, detail=text(cpu))
    wall, cpu = speed(results, "DuckDB, 2 thr", "tollbook report facts, 2 thr")
    bench.report.ratio("four questions, 2 threads, x DuckDB", wall, 5, detail=text(cpu))
    wall, cpu = speed(results, "C++ simdjson, 1 thr", "tollbook replay, 1 thr")
    bench.report.ratio("full replay, 1 thread, x C++ simdjson", wall, 1.0, detail=text(cpu))
    for name, _ in questions:
        wall, cpu = speed(results, "tollbook replay", f"tollbook {name}")
        bench.report.ratio(f"{name}, x bare replay", wall, 1 / 1.2, detail=text(cpu))


def text(value):
    return f"{value:.2f}" if value else ""


def compare(bench, answers):
    """All answers must agree line by line."""
    ours = "tollbook report facts, 1 thr"
    if ours not in answers:
        bench.report.failed = True
        return
    for name, lines in answers.items():
        if lines == answers[ours]:
            continue
        bench.report.failed = True
        odd = sorted(set(lines) ^ set(answers[ours]))[:6]
        bench.note(f"{name} does not agree with {ours}, e.g. {odd}")
    if not bench.report.failed:
        bench.report.notes.append(
            f"All {len(answers)} answers to the four questions agree on {len(answers[ours]):,} lines.")


def verify(bench, home):
    folder = home + "/data/ledger"
    lanes = bench.peer("verify16")

    def row(name, command, **options):
        def once():
            run = Run(command, **options)
            if run.code != 0:
                bench.note(f"{name} failed with exit {run.code}")
                bench.report.failed = True
                return None
            return numbers(bench, run)
        return name, once

    rows = []
    for threads in ("1", "2"):
        rows.append(row(f"tollbook log verify, {threads} thr",
                        [bench.tollbook, "log", "verify", "--home", home, "--threads", threads]))
        if lanes:
            rows.append(row(f"C++ 8/16 lanes, hashes only, {threads} thr", [lanes, folder, threads]))
    files = sorted(f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".jsonl"))
    rows.append(row("sha256sum", ["sha256sum"] + files))
    bench.say("verification")
    results = rounds(rows, 3)
    bench.report.table("Verify: every byte hashed, each record decoded and its legality checked",
                       results, ["wall s", "CPU s", "MB/s", "peak MB"])
    wall, cpu = speed(results, "C++ 8/16 lanes, hashes only, 2 thr", "tollbook log verify, 2 thr")
    bench.report.ratio("verify, 2 threads, x C++ lanes", wall, 0.6, detail=text(cpu))
    wall, cpu = speed(results, "sha256sum", "tollbook log verify, 1 thr")
    bench.report.ratio("verify, 1 thread, x sha256sum", wall, 0.9, detail=text(cpu))
