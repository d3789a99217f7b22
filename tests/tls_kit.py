"""An authority of our own, and proxies that pass on TLS, over plain connections or over TLS."""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificates(folder: Path) -> ssl.SSLContext:
    """An authority (`ca.pem`), and a server's side with a certificate of it for 127.0.0.1."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Test CA", "127.0.0.1")]
    made = []
    for at in (0, 1):
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[at])
            .issuer_name(names[0])
            .public_key(keys[at].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=at == 0, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[at].public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()),
                critical=False,
            )
        )
        if at:
            address = x509.IPAddress(ip_address("127.0.0.1"))
            builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    key = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(made[0])
    (folder / "server.pem").write_bytes(made[1] + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def pass_on(client: socket.socket, asked: str) -> None:
    """Connect to the host and port that the client asked for, and pass on both directions until one ends."""
    host, _, port = asked.partition(":")
    with socket.create_connection((host, int(port))) as server:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        other = {client: server, server: client}
        while True:
            pending = isinstance(client, ssl.SSLSocket) and client.pending()
            for source in [client] if pending else select.select(list(other), [], [])[0]:
                piece = source.recv(65_536)
                if not piece:
                    return
                other[source].sendall(piece)


class Relay:
    """A proxy that serves each CONNECT with a function; with `tls`, its clients speak TLS with it."""

    def __init__(
        self, server: socket.socket, serve: Callable[[socket.socket, str], None], tls: ssl.SSLContext | None
    ) -> None:
        self.asked: list[list[str]] = []
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.getsockname()[1]}"
        self._server = server
        self._serve = serve
        self._tls = tls

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, plain: socket.socket) -> None:
        with plain, suppress(OSError):
            client = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            head = b""
            with client:
                while b"\r\n\r\n" not in head:
                    head += client.recv(1)
                lines = head.decode().strip().split("\r\n")
                self.asked.append(lines)
                self._serve(client, lines[0].split()[1])


@contextmanager
def relaying(server_pem: Path | None = None, serve: Callable[[socket.socket, str], None] = pass_on) -> Iterator[Relay]:
    """Start a proxy, over TLS with the certificate of `server_pem` if it is given."""
    tls = None
    if server_pem:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(server_pem)
    with socket.create_server(("127.0.0.1", 0)) as server:
        relay = Relay(server, serve, tls)
        thread = threading.Thread(target=relay.serve, daemon=True)
        thread.start()
        try:
            yield relay
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
