"""The official client of x402 buys from our gateway, versions 2 and 1.

Usage: x402_client.py TOLLBOOK HOME. Needs the packages x402[httpx,evm] (see docs/interop.sh). No
chain: the facilitator is a stub of ours that checks what it is sent, the signature included, and
keeps its own books; it can lose its answer after the money moved.
"""
import asyncio
import base64
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from eth_account import Account
from eth_account.messages import encode_typed_data
from x402 import x402Client
from x402.http.clients.httpx import x402AsyncTransport
from x402.mechanisms.evm.exact.register import register_exact_evm_client

PAY_TO = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"
ASSET = "0x036CbD53842c5426634e7929541eC2318f3dCF7e"
ACCOUNT = Account.from_key("0x" + "a1" * 32)
FIELDS = [("from", "address"), ("to", "address"), ("value", "uint256"),
          ("validAfter", "uint256"), ("validBefore", "uint256"), ("nonce", "bytes32")]


class Books:
    moved = {}
    asked = []
    lose_next = False


class Facilitator(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.answer(200, {"kinds": [
            {"x402Version": 2, "scheme": "exact", "network": "eip155:84532"},
            {"x402Version": 1, "scheme": "exact", "network": "base-sepolia"}], "extensions": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Books.asked.append((self.path, body))
        version, wanted = body["x402Version"], body["paymentRequirements"]
        signed = body["paymentPayload"]["payload"]["authorization"]
        assert self.headers["Authorization"] == "Bearer interop-token", "the token is missing"
        assert body["paymentPayload"]["x402Version"] == version
        assert wanted["payTo"] == PAY_TO and wanted["asset"] == ASSET
        assert wanted["network"] == ("eip155:84532" if version == 2 else "base-sepolia")
        assert wanted["amount" if version == 2 else "maxAmountRequired"] == "10000"
        assert signed["to"].lower() == PAY_TO.lower() and signed["value"] == "10000"
        message = {name: int(signed[name]) if kind == "uint256" else signed[name]
                   for name, kind in FIELDS}
        typed = encode_typed_data(
            {"name": wanted["extra"]["name"], "version": wanted["extra"]["version"],
             "chainId": 84532, "verifyingContract": ASSET},
            {"TransferWithAuthorization": [{"name": n, "type": t} for n, t in FIELDS]}, message)
        payer = Account.recover_message(
            typed, signature=body["paymentPayload"]["payload"]["signature"])
        assert payer == signed["from"], "the signature is not the payer's"
        nonce = signed["nonce"].lower()
        if self.path.endswith("/verify"):
            return self.answer(200, {"isValid": nonce not in Books.moved, "payer": payer,
                                     "invalidReason": "invalid_exact_evm_nonce_already_used"})
        first = nonce not in Books.moved
        transaction = "0x" + hashlib.sha256(nonce.encode()).hexdigest()
        Books.moved[nonce] = transaction
        if Books.lose_next and first:
            Books.lose_next = False
            self.connection.close()
            return None
        self.answer(200, {"success": True, "payer": payer, "transaction": transaction,
                          "network": wanted["network"]})


class FirstVersion(httpx.AsyncHTTPTransport):
    """Hides the offer of version 2, so that the client takes the body."""

    async def handle_async_request(self, request):
        response = await super().handle_async_request(request)
        response.headers.pop("payment-required", None)
        return response


class Recorder(httpx.AsyncHTTPTransport):
    """Keeps the last payment that was sent, to send it again."""

    last = None

    async def handle_async_request(self, request):
        if "payment-signature" in request.headers:
            Recorder.last = request.headers["payment-signature"]
        return await super().handle_async_request(request)


def serve(tool, home, port):
    environment = {
        "PATH": os.environ["PATH"], "PAYMENTS_USE_FAKE": "false",
        "PAYMENT_VERIFIER_MODE": "facilitator", "X402_NETWORK": "base-sepolia",
        "X402_WALLET_ADDRESS": PAY_TO, "X402_FACILITATOR_TOKEN": "interop-token",
        "X402_FACILITATOR_URL": f"http://127.0.0.1:{port}/facilitator"}
    daemon = subprocess.Popen(
        [tool, "serve", "--home", home, "--gateway", "127.0.0.1:0", "--api", "off",
         "--metrics", "off"], env=environment, stdout=subprocess.PIPE, text=True)
    for line in daemon.stdout:
        found = re.search(r"listening gateway=(\S+)", line)
        if found:
            threading.Thread(target=daemon.stdout.read, daemon=True).start()
            return daemon, "http://" + found.group(1)
    raise SystemExit("the gateway did not start")


async def buy(base, transport):
    client = x402Client()
    register_exact_evm_client(client, ACCOUNT)
    async with httpx.AsyncClient(
            transport=x402AsyncTransport(client, transport), timeout=30) as session:
        return await session.post(base + "/agent/task", json={"task": "interop"})


def receipt(response, name):
    return json.loads(base64.b64decode(response.headers[name]))


def main(tool, home):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Facilitator)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    daemon, base = serve(tool, home, port)
    try:
        for transport, name, version in [(httpx.AsyncHTTPTransport(), "payment-response", 2),
                                         (FirstVersion(), "x-payment-response", 1)]:
            response = asyncio.run(buy(base, transport))
            assert response.status_code == 200, (version, response.status_code, response.text)
            told = receipt(response, name)
            assert told["success"] and told["payer"].lower() == ACCOUNT.address.lower(), told
            assert told["transaction"] in Books.moved.values()
            print(f"ok    the official client buys over version {version}: {told['transaction']}")
        Books.lose_next = True
        response = asyncio.run(buy(base, Recorder()))
        assert response.status_code == 503, response.status_code
        assert "payment-required" not in response.headers
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        daemon, base = serve(tool, home, port)
        again = [httpx.post(base + "/agent/task", json={"task": "interop"},
                            headers={"PAYMENT-SIGNATURE": Recorder.last}) for _ in range(2)]
        assert [a.status_code for a in again] == [200, 200], [a.text for a in again]
        assert again[0].content == again[1].content
        assert len(Books.moved) == 3
        print("ok    a settlement's answer lost, kill -9, restart, same header: served, one charge")
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
        lines = [json.loads(line) for name in sorted(os.listdir(home + "/data/ledger"))
                 if name.endswith(".jsonl") for line in open(f"{home}/data/ledger/{name}")]
        accepted = [x["data"] for x in lines if x["type"] == "gateway.payment_accepted"]
        assert sorted(x["tx_hash"] for x in accepted) == sorted(Books.moved.values())
        print(f"ok    books balance: {len(accepted)} transfers, {len(accepted)} accepted")
    finally:
        daemon.kill()
        server.shutdown()


main(sys.argv[1], sys.argv[2])
