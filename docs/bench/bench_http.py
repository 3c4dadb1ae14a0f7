"""HTTP: the durable paid request against Go, the unpaid 402 against nginx, and /health."""
import os
import re
import shutil
import subprocess

from bench_append import pairs
from measure import Server, free_port, median, rounds, wait_for

NGINX = """daemon off; pid {folder}/pid; error_log {folder}/error.log crit; worker_processes 2;
events {{ worker_connections 4096; }}
http {{
  log_format j escape=json '{{"at":"$time_iso8601","method":"$request_method","path":"$uri",'
    '"status":$status,"latency_s":$request_time,"request_id":"$request_id"}}';
  access_log {folder}/access.log j buffer=64k flush=1s;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 100000000;
  server {{
    listen 127.0.0.1:{port} reuseport; default_type application/json;
    location = /agent/task {{ return 402 '{body}'; }}
    location = /health {{ return 200 '{{"ok":true}}'; }}
  }}
}}
"""
# As long as our own answer.
BODY = '{"error":{"code":"PAYMENT_REQUIRED","x":"' + "x" * 500 + '"}}'


def start_tollbook(bench, home):
    """The daemon on a free port; its server and the port."""
    os.makedirs(home, exist_ok=True)
    environment = dict(os.environ, TOLLBOOK_LOG_STDOUT="false", PAYMENTS_USE_FAKE="true",
                       TOLLBOOK_RATE_LIMIT="off")
    server = Server(
        [bench.tollbook, "serve", "--home", home, "--gateway", "127.0.0.1:0", "--api", "off",
         "--metrics", "off"], stdout=subprocess.PIPE, text=True, env=environment, cwd=home)
    bench.servers.append(server)
    for line in server.process.stdout:
        found = re.search(r"gateway=127\.0\.0\.1:(\d+)", line)
        if found:
            return server, int(found.group(1))
    raise SystemExit("bench: tollbook serve did not start")


def run(bench):
    if not shutil.which("wrk"):
        bench.note("HTTP is left out: there is no wrk")
        return
    home = bench.scratch + "/serve"
    ours, port = start_tollbook(bench, home)
    rows = [("tollbook paid, 64", row(bench, ours, port, "paid.lua", 64))]
    if bench.peer("goserver"):
        go = Server([bench.peer("goserver"), bench.scratch + "/go.log"],
                    stdout=subprocess.PIPE, text=True)
        bench.servers.append(go)
        go_port = int(go.process.stdout.readline().rsplit(":", 1)[1])
        rows.append(("Go net/http, group commit, 64", row(bench, go, go_port, "paid.lua", 64)))
    nginx_port = free_port()
    nginx = start_nginx(bench, nginx_port)
    for connections in (32, 256):
        rows.append((f"tollbook 402, {connections}", row(bench, ours, port, "unpaid.lua", connections)))
        if nginx:
            rows.append((f"nginx 402, {connections}",
                         row(bench, nginx, nginx_port, "unpaid.lua", connections)))
    rows.append(("tollbook /health, 64", row(bench, ours, port, "get.lua", 64, "/health")))
    if nginx:
        rows.append(("nginx 200, 64", row(bench, nginx, nginx_port, "get.lua", 64, "/health")))
    bench.say("HTTP")
    results = rounds(rows, 2 if bench.quick else 3)
    bench.report.table("HTTP by connections; wrk shares the cores", results,
                       ["req/s", "p50 us", "p99 us", "CPU us/req", "errors"])

    def ratio(what, a, b, key, target, at_most=False):
        left, right = median(results, a, key), median(results, b, key)
        return (what, left / right if left and right else None, target, at_most)
    go_row = "Go net/http, group commit, 64"
    made = [ratio("paid request, 64 connections, x Go", "tollbook paid, 64", go_row, "req/s", 4)]
    for c in (32, 256):
        made.append(ratio(f"402, {c} connections, x nginx", f"tollbook 402, {c}", f"nginx 402, {c}", "req/s", 0.9))
        made.append(ratio(f"402, {c} connections, CPU per request / nginx", f"tollbook 402, {c}",
                          f"nginx 402, {c}", "CPU us/req", 1.0, True))
    for what, value, target, at_most in made:
        bench.report.ratio(what, value, target, at_most)
    for server in bench.servers:
        server.end()


def row(bench, server, port, script, connections, path="/agent/task"):
    seconds = 1 if bench.quick else 2

    def once():
        before = server.cpu()
        out = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s",
             f"{bench.here}/{script}", f"http://127.0.0.1:{port}{path}"],
            capture_output=True, text=True).stdout
        spent = server.cpu() - before
        total = re.search(r"(\d+) requests in", out)
        rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
        found = pairs(out)
        if not total or not rate or int(total.group(1)) == 0:
            return None
        return {"req/s": float(rate.group(1)), "p50 us": found.get("p50_us", 0),
                "p99 us": found.get("p99_us", 0), "CPU us/req": spent * 1e6 / int(total.group(1)),
                "errors": found.get("bad", 0)}
    return once


def start_nginx(bench, port):
    if not shutil.which("nginx"):
        bench.note("nginx is left out: it is not there")
        return None
    folder = bench.scratch + "/nginx"
    os.mkdir(folder)
    with open(folder + "/conf", "w") as file:
        file.write(NGINX.format(folder=folder, port=port, body=BODY))
    server = Server(["nginx", "-p", folder, "-c", folder + "/conf"], stdout=subprocess.DEVNULL)
    bench.servers.append(server)
    if not wait_for(port):
        bench.note("nginx did not start")
        return None
    return server
