"""Direct payments through the API against durable appends of the same run."""
import shutil
import subprocess

from bench_append import ours, pairs
from measure import median, rounds


def run(bench):
    rows = [("tollbook pay, 64", pay(bench)), ("tollbook append, 64", ours(bench, 64))]
    bench.say("direct payments")
    results = rounds(rows, 3 if bench.quick else 5)
    bench.report.table("Direct payment with the fake provider, 64 connections: four records, two "
                       "durable units; the load shares the cores", results,
                       ["payments/s", "appends/s", "p50 us", "p99 us"])
    left = median(results, "tollbook pay, 64", "payments/s")
    right = median(results, "tollbook append, 64", "appends/s")
    bench.report.ratio("direct payment, 64 connections, x durable append",
                       left / right if left and right else None, 0.4)


def pay(bench):
    home = bench.scratch + "/pay"

    def once():
        shutil.rmtree(home, ignore_errors=True)
        out = subprocess.run([bench.workbench, "bench-pay", "--tollbook", bench.tollbook, "--home",
                              home, "--seconds", "2"], capture_output=True, text=True)
        shutil.rmtree(home, ignore_errors=True)
        if out.returncode != 0:
            bench.note(f"bench-pay failed: {out.stderr.strip()[:200]}")
            return None
        found = pairs(out.stdout)
        return {"payments/s": found["payments_per_s"], "p50 us": found["p50_us"],
                "p99 us": found["p99_us"]}
    return once
