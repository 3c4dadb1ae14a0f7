#!/usr/bin/env python3
"""Writes transactions.jsonl beside this file: 2,000 lines of a made-up Genesis ledger.

Deterministic: the same bytes on every machine and every run. Prints what README.md and the
tests say of the file. Needs Python 3.8 or later and nothing else.
"""
import datetime
import json
import pathlib
import random
from decimal import Decimal

LINES = 2000
START = datetime.datetime(2026, 10, 29)
SECONDS = 21 * 86400
ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
AGENTS = [("builder_agent", 30), ("research_agent", 26), ("code_review_agent", 18),
          ("deploy_agent", 10), ("support_agent", 8), ("analyst_agent", 6), ("marketing_agent", 2)]
# Name, usual prices, and how often in a thousand a call fails by the vendor's fault.
VENDORS = [
    ("openai-proxy", ["1.1", "0.55", "2.2"], 12), ("weather-api", ["0.01", "1e-2", "0.02"], 8),
    ("vector-search", ["0.05", "0.1", "0.15"], 10), ("code-sandbox", ["0.25", "0.5"], 15),
    ("pdf-extract", ["0.3", "0.35"], 20), ("news-feed", ["0.02", "0.03"], 6),
    ("geo-lookup", ["0.004", "0.0045"], 5), ("image-gen", ["0.8", "1.6", "3.2"], 25),
    ("speech-to-text", ["0.06", "0.12"], 12), ("translate-hub", ["0.015", "2.5E-1"], 9),
    ("stock-quotes", ["0.1", "0.11"], 7), ("email-verify", ["0.007", "0.008"], 6),
    ("web-archive", ["0.2", "0.4"], 18), ("dns-history", ["0.05"], 5),
    ("patent-search", ["1.75", "3"], 14), ("court-records", ["4.5", "9.99"], 16),
    ("satellite-tiles", ["7.25", "10"], 22), ("Company-Registry", ["0.9", "1.1"], 8),
    ("flaky-search", ["0.08"], 60), ("legacy-ocr", ["0.33", "0.000001"], 40),
]
VENDOR_ERRORS = ["503 service unavailable", "connection reset by peer", "timeout after 30s",
                 "facilitator: settlement reverted", "502 bad gateway"]
PAYER_ERRORS = ["Insufficient wallet balance: 0.42 USDC", "Daily budget exceeded ($100.00)",
                "Monthly budget exceeded ($1000.00)", "Per-transaction limit of 10 USDC exceeded"]


class Sample:
    """Lines in the order of their time, and what an import must make of them."""

    def __init__(self):
        self.random = random.Random(20261120)
        self.lines = []
        self.number = 0
        self.phases = {}
        self.spent = {}

    def ulid(self, moment):
        # Not timestamp(): that reads a naive time as local time.
        milliseconds = (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(milliseconds=1)
        value = milliseconds << 80 | self.random.getrandbits(80)
        text = ""
        for _ in range(26):
            text = ULID_DIGITS[value & 31] + text
            value >>= 5
        return "tx_" + text

    def hash(self):
        return "0x" + "".join(self.random.choice("0123456789abcdef") for _ in range(64))

    def pick(self, weighted):
        return self.random.choices([w[0] for w in weighted], [w[1] for w in weighted])[0]

    def payment(self, moment, vendor, price, status, error=None):
        """One line as an ordered dictionary; the price is the text of a JSON number."""
        self.number += 1
        odd = self.number % 97 == 0
        line = {
            "transaction_id": "gen-%06d" % self.number if odd else self.ulid(moment),
            "timestamp": self.stamp(moment),
            "agent_id": self.pick(AGENTS),
            "vendor": vendor,
            "price_usdc": price,
            "status": status,
            "blockchain_tx_hash": self.hash() if status in ("completed", "captured", "PAID")
            else None,
            "error": error,
        }
        if self.random.random() < 0.4:
            line["service_url"] = "https://%s.example/v1/query" % vendor.lower()
        if status == "completed":
            line["duration_seconds"] = "%.3f" % self.random.lognormvariate(-0.5, 0.7)
            if self.random.random() < 0.3:
                line["facilitator_receipt"] = {"success": True, "network": "base",
                                               "block": 22000000 + self.number}
        if self.number % 211 == 0:
            line["network"] = "base-sepolia"
        return line

    def stamp(self, moment):
        """Genesis writes naive UTC with microseconds; older versions wrote Z or an offset."""
        kind = self.number % 10
        if kind == 0:
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        if kind == 1:
            east = moment + datetime.timedelta(hours=2)
            return east.strftime("%Y-%m-%dT%H:%M:%S.%f") + "+02:00"
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")

    def text(self, line):
        """JSON with the numbers as their texts, in shuffled order on every 13th line."""
        items = list(line.items())
        if self.number % 13 == 0:
            self.random.shuffle(items)
        parts = []
        for name, value in items:
            is_number = name in ("price_usdc", "duration_seconds") and isinstance(value, str)
            if is_number and self.number % 29 == 0 and name == "price_usdc":
                is_number = False  # a string, as some exporters write it
            parts.append(json.dumps(name) + ": " + (value if is_number else json.dumps(value)))
        return "{" + ", ".join(parts) + "}"

    def add(self, moment, line):
        """A line that an import takes in."""
        self.lines.append((moment, self.text(line)))
        phase = {"captured": "completed", "PAID": "completed", "authorized": "pending",
                 "cancelled": "failed", "expired": "failed"}.get(line["status"], line["status"])
        self.phases[line["transaction_id"]] = phase
        if phase == "completed":
            key = line.get("network", "base")
            self.spent[key] = self.spent.get(key, Decimal(0)) + Decimal(line["price_usdc"])

    def raw(self, moment, text):
        """A line that must be refused, or passed over."""
        self.lines.append((moment, text))


def outcome(sample, fails):
    roll = sample.random.randrange(1000)
    if roll < fails:
        return "failed", sample.random.choice(VENDOR_ERRORS)
    if roll < fails + 12:
        return "failed", sample.random.choice(PAYER_ERRORS)
    if roll < fails + 16:
        return "cancelled", None
    if roll < fails + 18:
        return "expired", None
    if roll < fails + 24:
        return "captured", None
    if roll < fails + 28:
        return "PAID", None
    return "completed", None


def fill(sample, count):
    for index in range(count):
        moment = START + datetime.timedelta(
            seconds=SECONDS * index // count, microseconds=sample.random.randrange(10**6))
        vendor, prices, fails = sample.random.choice(VENDORS)
        if vendor == "legacy-ocr" and moment > START + datetime.timedelta(days=20):
            vendor, prices, fails = VENDORS[0]
        status, error = outcome(sample, fails)
        line = sample.payment(moment, vendor, sample.random.choice(prices), status, error)
        sample.add(moment, line)


def streaks(sample):
    """Three failures in a row that end, and six that do not; a budget refusal behind each."""
    for day, vendor, count, ends in ((9, "flaky-search", 3, True), (20.5, "legacy-ocr", 6, False)):
        moment = START + datetime.timedelta(days=day, seconds=-1)
        sample.add(moment, sample.payment(moment, vendor, "0.08", "completed"))
        for index in range(count):
            moment = START + datetime.timedelta(days=day, seconds=index)
            sample.add(moment, sample.payment(moment, vendor, "0.08", "failed",
                                              VENDOR_ERRORS[index % 5]))
        moment = START + datetime.timedelta(days=day, seconds=count)
        sample.add(moment, sample.payment(moment, vendor, "0.08", "failed", PAYER_ERRORS[1]))
        if ends:
            moment += datetime.timedelta(seconds=1)
            sample.add(moment, sample.payment(moment, vendor, "0.08", "completed"))


def pending(sample):
    """Twelve that a later line closes, fourteen that none does."""
    for index in range(26):
        moment = START + datetime.timedelta(days=index * 0.8, hours=1, seconds=index)
        line = sample.payment(moment, VENDORS[index % 18][0], VENDORS[index % 18][1][0],
                              "authorized" if index % 5 == 0 else "pending")
        line.pop("network", None)
        sample.add(moment, line)
        if index >= 12:
            continue
        later = moment + datetime.timedelta(minutes=4)
        closing = dict(line, timestamp=sample.stamp(later),
                       status="completed" if index < 9 else "failed",
                       blockchain_tx_hash=sample.hash() if index < 9 else None,
                       error=None if index < 9 else "timeout after 240s")
        sample.add(later, closing)


def bad(sample):
    """Each fault once or a few times; the name of the reason stands beside it."""
    def at(hours):
        return START + datetime.timedelta(hours=hours, seconds=30)

    def variant(hours, **changes):
        line = sample.payment(at(hours), "weather-api", "0.01", "completed")
        line.update(changes)
        return line

    def without(hours, field):
        line = variant(hours)
        del line[field]
        return line

    whole = sample.text(variant(5))
    faults = [
        ("NOT_JSON", whole[:97]), ("NOT_JSON", whole[:-1] + ", \"status\": \"failed\"}"),
        ("NOT_JSON", sample.text(variant(50, price_usdc="NaN"))),
        ("NOT_JSON", whole.replace("weather-api", "weather\\ud800")),
        ("NOT_AN_OBJECT", "[" + whole + "]"),
        ("FIELD_MISSING", sample.text(without(70, "price_usdc"))),
        ("FIELD_MISSING", sample.text(without(90, "vendor"))),
        ("FIELD_TYPE", sample.text(variant(110, agent_id=7))),
        ("FIELD_TYPE", sample.text(variant(120, timestamp=1762732800))),
        ("TRANSACTION_ID_INVALID", sample.text(variant(130, transaction_id="tx 12345"))),
        ("TIMESTAMP_INVALID", sample.text(variant(150, timestamp="2026-11-31T10:00:00Z"))),
        ("TIMESTAMP_INVALID", sample.text(variant(155, timestamp="11/03/2026 10:00"))),
        ("NAME_INVALID", sample.text(variant(170, vendor=""))),
        ("NETWORK_INVALID", sample.text(variant(180, network="base mainnet"))),
        ("AMOUNT_TOO_PRECISE", sample.text(variant(190, price_usdc="0.30000000000000004"))),
        ("AMOUNT_TOO_PRECISE", sample.text(variant(200, price_usdc="1.1500000000000001"))),
        ("AMOUNT_TOO_PRECISE", sample.text(variant(210, price_usdc="5e-7"))),
        ("AMOUNT_NEGATIVE", sample.text(variant(220, price_usdc="-1.5"))),
        ("AMOUNT_MALFORMED", sample.text(variant(240)).replace("0.01", "\"1,50\"")),
        ("AMOUNT_TOO_LARGE", sample.text(variant(260, price_usdc="1e400"))),
        ("STATUS_UNKNOWN", sample.text(variant(280, status="refunded"))),
        ("STATUS_UNKNOWN", sample.text(variant(300, status="unknown"))),
        ("LATENCY_INVALID", sample.text(variant(320, duration_seconds="-0.25"))),
    ]
    for index, (_, text) in enumerate(faults):
        sample.raw(at(5 + 20 * index), text)
    counts = {}
    for reason, _ in faults:
        counts[reason] = counts.get(reason, 0) + 1
    return counts


def special(sample):
    """The guides' own id, repeated lines, and lines that contradict one that came before."""
    moment = START + datetime.timedelta(days=6, hours=3)
    line = sample.payment(moment, "weather-api", "0.01", "completed")
    line["transaction_id"] = "tx_12345"
    line.pop("network", None)
    sample.number = 1  # keeps the order of the fields and a number as a number below
    sample.add(moment, line)
    text = sample.lines[-1][1]
    later = moment + datetime.timedelta(days=1)
    sample.raw(later, text)
    sample.raw(later + datetime.timedelta(days=9), text + "\r")
    sample.raw(later, text.replace(": 0.01", ": 0.02"))
    sample.raw(later, text.replace("\"completed\"", "\"failed\""))
    sample.raw(later, "")


def main():
    sample = Sample()
    streaks(sample)
    pending(sample)
    reasons = bad(sample)
    special(sample)
    sample.number = 1000
    fill(sample, LINES - len(sample.lines))
    sample.lines.sort(key=lambda entry: entry[0])
    path = pathlib.Path(__file__).with_name("transactions.jsonl")
    path.write_bytes("".join(text + "\n" for _, text in sample.lines).encode())
    reasons["IMPORT_CONFLICT"] = 2
    phases = list(sample.phases.values())
    print("lines", len(sample.lines))
    print("payments", len(phases), {name: phases.count(name) for name in sorted(set(phases))})
    print("completed", {name: str(sample.spent[name]) for name in sorted(sample.spent)})
    print("refused", sum(reasons.values()), dict(sorted(reasons.items())))


if __name__ == "__main__":
    main()
