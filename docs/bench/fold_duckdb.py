"""The four questions by DuckDB: fold_duckdb.py FOLDER THREADS"""
import glob
import sys

import duckdb

STATUS = {
    "ledger.opened": "open", "segment.opened": "open", "segment.sealed": "sealed",
    "ledger.tail_repaired": "repaired", "ledger.restored": "repaired",
    "clock.adjusted": "applied", "config.applied": "applied", "payment.started": "pending",
    "payment.completed": "completed", "payment.failed": "failed",
    "gateway.payment_accepted": "accepted", "gateway.response_recorded": "recorded",
    "gateway.offers_counted": "counted", "ratelimit.trips_counted": "counted",
}
DATA = ("STRUCT(agent_id VARCHAR, vendor VARCHAR, settled DECIMAL(28,11), asset VARCHAR, "
        "occurred_at TIMESTAMP, vendor_fault BOOLEAN)")
files = sorted(glob.glob(sys.argv[1] + "/*.jsonl"))
db = duckdb.connect()
db.execute(f"SET threads={int(sys.argv[2])}")
db.execute("SET preserve_insertion_order=false")
db.execute(
    f"""CREATE TEMP TABLE e AS
    SELECT seq, "at", type, subject, data.agent_id AS agent, data.vendor AS vendor,
      data.settled AS settled, data.asset AS asset, coalesce(data.occurred_at, "at") AS moment,
      data.vendor_fault AS fault
    FROM read_json($files, format='newline_delimited', maximum_object_size=1048576,
      columns={{seq:'BIGINT', "at":'TIMESTAMP', type:'VARCHAR', subject:'VARCHAR', data:'{DATA}'}})""",
    {"files": files})
out = []
for agent, day, asset, total in db.execute(
        """SELECT agent, strftime(moment, '%Y-%m-%d'), asset, sum(settled) FROM e
        WHERE type='payment.completed' GROUP BY ALL""").fetchall():
    out.append(f"D {agent} {day} {asset} {total:.{11 if asset == 'BTC' else 6}f}")
for kind, count in db.execute("SELECT type, count(*) FROM e GROUP BY type").fetchall():
    out.append(f"C {kind} {STATUS[kind]} {count}")
for payment, in db.execute(
        """SELECT s.subject FROM e s ANTI JOIN
          (SELECT subject FROM e WHERE type IN ('payment.completed','payment.failed')) c
          ON s.subject = c.subject
        WHERE s.type='payment.started'
          AND s.moment < (SELECT max("at") FROM e) - INTERVAL 15 MINUTE""").fetchall():
    out.append(f"P {payment}")
for vendor, count in db.execute(
        """WITH c AS (SELECT vendor, max(seq) AS last FROM e WHERE type='payment.completed'
          GROUP BY vendor)
        SELECT f.vendor, count(*) FROM e f LEFT JOIN c ON f.vendor = c.vendor
        WHERE f.type='payment.failed' AND f.fault AND f.seq > coalesce(c.last, 0)
        GROUP BY f.vendor""").fetchall():
    out.append(f"F {vendor} {count}")
print("\n".join(out))
