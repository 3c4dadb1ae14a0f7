"""Durable appends: ours, bare C, Redis, PostgreSQL, each row once per round."""
import glob
import os
import pwd
import re
import shutil
import subprocess

from measure import Server, free_port, median, rounds, wait_for

SECONDS = "1"


def pairs(text):
    """`a=1 b=2` as numbers."""
    return {key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", text)}


def columns(found):
    return {"appends/s": found["appends_per_s"], "syncs/s": found["syncs_per_s"],
            "p50 us": found["p50_us"], "p99 us": found["p99_us"]}


def run(bench):
    rows = []
    for writers in (1, 64, 512):
        rows.append((f"tollbook bookkeeper, {writers}", ours(bench, writers)))
        if writers == 64:
            rows.append(("tollbook, a thread per writer, 64", ours(bench, 64, "--threads")))
        if bench.peer("append"):
            mode = "single" if writers == 1 else "group"
            rows.append((f"C {mode}, {writers}", bare(bench, mode, writers)))
    rows += redis(bench) + postgres(bench)
    bench.say("durable appends")
    results = rounds(rows, 3 if bench.quick else 5)
    bench.report.table("Durable append, lines of about 440 bytes, by writers", results,
                       ["appends/s", "syncs/s", "p50 us", "p99 us"])

    def ratio(what, peer, writers, target):
        a, b = median(results, f"tollbook bookkeeper, {writers}", "appends/s"), median(results, peer, "appends/s")
        bench.report.ratio(what, a / b if a and b else None, target)
    ratio("append, 1 writer, x C append + fdatasync", "C single, 1", 1, 0.6)
    ratio("append, 64 writers, x C group commit", "C group, 64", 64, 0.8)
    ratio("append, 64 writers, x Redis always", "Redis always, 64", 64, 2)
    ratio("append, 64 writers, x PostgreSQL", "PostgreSQL, 64", 64, 10)
    ratio("append, 512 writers, x C group commit", "C group, 512", 512, 0.8)


def ours(bench, writers, *extra):
    home = f"{bench.scratch}/append-{writers}{''.join(extra)}"

    def once():
        shutil.rmtree(home, ignore_errors=True)
        out = subprocess.run([bench.workbench, "bench-append", "--home", home, "--writers",
                              str(writers), "--seconds", "1", *extra], capture_output=True, text=True)
        if out.returncode != 0:
            bench.note(f"bench-append failed: {out.stderr.strip()[:200]}")
            return None
        shutil.rmtree(home, ignore_errors=True)
        return columns(pairs(out.stdout))
    return once


def bare(bench, mode, writers):
    path = bench.scratch + "/append.log"

    def once():
        out = subprocess.run([bench.peer("append"), mode, path, str(writers), SECONDS],
                             capture_output=True, text=True)
        return columns(pairs(out.stdout)) if out.returncode == 0 else None
    return once


def redis(bench):
    if not shutil.which("redis-server"):
        return []
    port, folder = free_port(), bench.scratch + "/redis"
    os.mkdir(folder)
    bench.servers.append(Server(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--appendonly", "yes",
         "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", "0", "--dir",
         folder], stdout=subprocess.DEVNULL))
    if not wait_for(port):
        bench.note("redis-server did not start")
        return []
    count = {"n": 5_000}

    def once():
        out = subprocess.run(
            ["redis-benchmark", "-p", str(port), "-c", "64", "-P", "1", "-n", str(count["n"]), "-q",
             "XADD", "ev", "*", "j", "x" * 424], capture_output=True, text=True).stdout
        found = re.findall(r"([\d.]+) requests per second", out)
        if not found:
            return None
        # The next round takes about a second.
        count["n"] = max(2_000, int(float(found[-1])))
        p50 = re.findall(r"p50=([\d.]+) msec", out)
        row = {"appends/s": float(found[-1])}
        if p50:
            row["p50 us"] = float(p50[-1]) * 1000
        return row
    once()
    return [("Redis always, 64", once)]


def postgres(bench):
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found or os.getuid() != 0:
        bench.note("PostgreSQL is left out: it needs its own user, so root, and its programs")
        return []
    bin_folder = os.path.dirname(found[-1])
    data = bench.scratch + "/postgres"
    os.mkdir(data)
    user = pwd.getpwnam("postgres")
    os.chown(data, user.pw_uid, user.pw_gid)
    os.chmod(data, 0o700)

    def as_user():
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    made = subprocess.run([bin_folder + "/initdb", "-D", data, "--no-sync", "-A", "trust"],
                          capture_output=True, preexec_fn=as_user, cwd="/")
    if made.returncode != 0:
        bench.note("PostgreSQL is left out: initdb failed, perhaps its user cannot reach the folder")
        return []
    port = free_port()
    settings = ["fsync=on", "synchronous_commit=on", "wal_sync_method=fdatasync",
                "shared_buffers=1GB", "max_wal_size=8GB", "max_connections=100",
                "listen_addresses=127.0.0.1", f"unix_socket_directories={data}"]
    command = [bin_folder + "/postgres", "-D", data, "-p", str(port)]
    for setting in settings:
        command += ["-c", setting]
    bench.servers.append(Server(command, preexec_fn=as_user, cwd="/", stdout=subprocess.DEVNULL))
    if not wait_for(port):
        bench.note("PostgreSQL did not start")
        return []
    script = bench.scratch + "/insert.sql"
    with open(script, "w") as file:
        file.write("INSERT INTO ev(j) VALUES ('{\"x\":\"" + "x" * 416 + "\"}');\n")
    subprocess.run([bin_folder + "/psql", "-h", data, "-p", str(port), "-U", "postgres", "-qc",
                    "CREATE TABLE ev(id bigserial primary key, j jsonb)", "postgres"], check=True)

    def once():
        out = subprocess.run(
            [bin_folder + "/pgbench", "-n", "-h", data, "-p", str(port), "-U", "postgres", "-c",
             "64", "-j", "2", "-M", "simple", "-T", "1", "-f", script, "postgres"],
            capture_output=True, text=True).stdout
        rate = re.findall(r"tps = ([\d.]+)", out)
        return {"appends/s": float(rate[0])} if rate else None
    return [("PostgreSQL, 64", once)]
