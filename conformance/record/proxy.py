"""A proxy which passes every byte on unchanged and keeps each HTTP/1.1 exchange it saw."""
import base64
import gzip
import socket
import threading
import time


class Closed(Exception):
    pass


class Reader:
    """Reads from a socket and keeps what it read, so that it can be passed on as it was."""

    def __init__(self, sock):
        self.sock, self.buf, self.taken = sock, b"", b""

    def _fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise Closed
        self.buf += data

    def line(self):
        while b"\r\n" not in self.buf:
            self._fill()
        line, self.buf = self.buf.split(b"\r\n", 1)
        self.taken += line + b"\r\n"
        return line.decode("latin-1")

    def exactly(self, n):
        while len(self.buf) < n:
            self._fill()
        data, self.buf = self.buf[:n], self.buf[n:]
        self.taken += data
        return data

    def rest(self):
        try:
            while True:
                self._fill()
        except Closed:
            data, self.buf = self.buf, b""
            self.taken += data
            return data

    def message(self, no_body=lambda start: False, until_close=False):
        """-> (start line, headers, body, framing, raw bytes)"""
        self.taken = b""
        start = self.line()
        headers = {}
        while line := self.line():
            name, value = line.split(":", 1)
            same = next((k for k in headers if k.lower() == name.lower()), None)
            if same:
                headers[same] += ", " + value.strip()
            else:
                headers[name] = value.strip()
        low = {k.lower(): v for k, v in headers.items()}
        if no_body(start):
            body, framing = b"", "none"
        elif "chunked" in low.get("transfer-encoding", "").lower():
            body, framing = b"", "chunked"
            while n := int(self.line().split(";")[0], 16):
                body += self.exactly(n)
                self.line()
            while self.line():
                pass
        elif "content-length" in low:
            body, framing = self.exactly(int(low["content-length"])), "length"
        elif until_close:
            body, framing = self.rest(), "close"
        else:
            body, framing = b"", "none"
        return start, headers, body, framing, self.taken


def shown(headers, body, framing):
    """The part of a recorded message that is the same for requests and responses."""
    encoding = next((v for k, v in headers.items() if k.lower() == "content-encoding"), "identity").lower()
    if encoding == "gzip" and body:
        try:
            body = gzip.decompress(body)
        except OSError:
            encoding = "identity"  # it only says so
    left_out = {"host", "date", "content-length", "transfer-encoding"} | ({"user-agent"} if headers.get("User-Agent", "").startswith("curl/") else set())
    headers = {k: v for k, v in headers.items() if k.lower() not in left_out}
    part = {"headers": headers} if headers else {}
    if framing in ("chunked", "close"):
        part["framing"] = framing
    if encoding != "identity":
        part["encoding"] = encoding
    if not body:
        return part
    try:
        part["body"] = body.decode()
    except UnicodeDecodeError:
        part["body_base64"] = base64.b64encode(body).decode()
    return part


class Proxy:
    def __init__(self, listen, upstream):
        self.upstream, self.lock = upstream, threading.Lock()
        self.exchanges, self.seq, self.note, self.began = [], 0, None, None
        self.server = socket.create_server(("127.0.0.1", listen))
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self):
        """Everything recorded so far, in the order in which the requests came; starts anew."""
        with self.lock:
            taken = [e for _, e in sorted(self.exchanges, key=lambda p: p[0])]
            self.exchanges, self.seq, self.began = [], 0, None
            return taken

    def _accept(self):
        while True:
            sock, _ = self.server.accept()
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, client):
        up = None
        try:
            up = socket.create_connection(("127.0.0.1", self.upstream))
            requests, responses = Reader(client), Reader(up)
            while True:
                start, headers, body, framing, raw = requests.message()
                method, target, _ = start.split(" ", 2)
                with self.lock:
                    now = time.monotonic()
                    self.began = self.began or now
                    seq, at, note, self.note = self.seq, int((now - self.began) * 1000), self.note, None
                    self.seq += 1
                request = {"method": method, "path": target, **shown(headers, body, framing)}
                up.sendall(raw)
                empty = lambda s: method == "HEAD" or s.split(" ")[1] in ("204", "304")
                start, headers, body, framing, raw = responses.message(empty, True)
                response = {"status": int(start.split(" ")[1]), **shown(headers, body, framing)}
                exchange = {"note": note, "at_ms": at, "request": request, "response": response}
                if note is None:
                    del exchange["note"]
                with self.lock:
                    self.exchanges.append((seq, exchange))
                client.sendall(raw)
                if framing == "close":
                    return
        except (Closed, OSError):
            pass
        finally:
            client.close()
            if up:
                up.close()
