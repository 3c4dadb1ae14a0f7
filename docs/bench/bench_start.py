"""Start of a command that prints one fact, and memory of the idle daemon."""
import shutil
import socket
import subprocess
import time

from bench_http import start_tollbook
from measure import Run, median, rounds


def run(bench):
    home = bench.scratch + "/small"
    subprocess.run([bench.workbench, "make-log", "--events", "1000", "--home", home], check=True,
                   stdout=subprocess.DEVNULL)
    rows = [("tollbook version", once([bench.tollbook, "version"])),
            ("tollbook tx list -n 1", once([bench.tollbook, "tx", "list", "-n", "1", "--home", home,
                                            "--book", "real"]))]
    if shutil.which("sqlite3"):
        base = bench.scratch + "/small.db"
        rows_sql = "".join(f"INSERT INTO e VALUES({n},'{'x' * 400}');" for n in range(1000))
        subprocess.run(["sqlite3", "-batch", base], text=True, check=True,
                       input="CREATE TABLE e(seq INTEGER PRIMARY KEY, line TEXT); BEGIN;"
                       + rows_sql + "COMMIT;")
        rows.append(("sqlite3 -batch, one row", once(
            ["sqlite3", "-batch", base, "SELECT line FROM e ORDER BY seq DESC LIMIT 1"])))
    bench.say("start-up")
    results = rounds(rows, 30)
    bench.report.table("Start-up, ledger and database of 1,000 rows", results, ["wall ms", "CPU ms", "peak MB"])
    ours, peer = (median(results, name, "wall ms") for name in
                  ("tollbook tx list -n 1", "sqlite3 -batch, one row"))
    bench.report.ratio("start of tx list -n 1 / sqlite3", ours / peer if peer and ours else None, 2, True)
    memory(bench)


def once(command):
    def function():
        run = Run(command)
        if run.code != 0:
            return None
        return {"wall ms": run.wall * 1e3, "CPU ms": run.cpu * 1e3, "peak MB": run.rss}
    return function


def memory(bench):
    server, port = start_tollbook(bench, bench.scratch + "/idle")
    time.sleep(1)
    bench.report.ratio("idle daemon, MB resident", server.rss(), 20, True)
    connections = []
    for _ in range(1000):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        connections.append(connection)
    for connection in connections:
        connection.recv(4096)
    time.sleep(1)
    bench.report.ratio("with 1,000 idle connections, MB resident", server.rss(), 40, True)
    for connection in connections:
        connection.close()
    server.end()
