"""The certificate of the service: every way in which it can be wrong is one line, said early."""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn

from engines.errors import UsageError
from realtime.service.validity import first_certificate, read_validity

log = logging.getLogger(__name__)

WARN_BEFORE: Final = timedelta(days=14)

LOOK_EVERY_S: Final = 60.0
REMIND_EVERY_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """A chain of certificates and the key of its first one, both PEM files.

    Attributes
    ----------
    chain, key
        As ``--tls-cert`` and ``--tls-key`` name them.
    """

    chain: Path
    key: Path

    def stamp(self) -> tuple[int, int]:
        """Return what changes when a file is replaced.

        Raises
        ------
        OSError
            If a file is not there.
        """
        return self.chain.stat().st_mtime_ns, self.key.stat().st_mtime_ns

    def expires(self) -> datetime:
        """Return until when the first certificate of the chain is valid.

        Raises
        ------
        UsageError
            If the file cannot be read, is no certificate, or is not valid now.
        """
        try:
            der = ssl.PEM_cert_to_DER_cert(first_certificate(_read(self.chain, "certificate")))
            first, last = read_validity(der)
        except ValueError as error:
            raise UsageError(f"--tls-cert: {self.chain} is no PEM certificate: {error}") from error
        now = datetime.now(UTC)
        if now > last:
            raise UsageError(
                f"--tls-cert: {self.chain} expired on {last:%Y-%m-%d %H:%M} UTC: renew it"
            )
        if now < first:
            raise UsageError(
                f"--tls-cert: {self.chain} is not valid before {first:%Y-%m-%d %H:%M} UTC: "
                "wait, or set this machine's clock"
            )
        return last

    def load(self, context: ssl.SSLContext) -> None:
        """Make a context use this certificate from its next handshake on.

        Raises
        ------
        UsageError
            If :meth:`expires` does, or the key cannot be read or does not fit; the context is
            then as it was.
        """
        last = self.expires()
        _read(self.key, "key")
        # a context that refused a key may keep the certificate: try on another one first
        for each in (_new_context(), context):
            self._load(each)
        if last - datetime.now(UTC) < WARN_BEFORE:
            log.warning(
                "the certificate %s expires on %s UTC: renew it in time",
                self.chain, f"{last:%Y-%m-%d %H:%M}",
            )  # fmt: skip

    def _load(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(self.chain, self.key, password=self._refuse_passphrase)
        except ssl.SSLError as error:
            if error.reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
                text = f"--tls-key: {self.key} is not the key of {self.chain}"
            else:
                why = error.reason or "not PEM"
                text = f"--tls-key: cannot use {self.key} with {self.chain}: {why}"
            raise UsageError(f"{text}; give the PEM key that was made with it") from error

    def _refuse_passphrase(self) -> NoReturn:
        raise UsageError(
            f"--tls-key: {self.key} has a passphrase: give a key without one "
            "(openssl pkey -in KEY -out PLAIN)"
        )


def certificate_of(chain: Path | None, key: Path | None) -> Certificate | None:
    """Return the certificate that the two options name, or None where neither is given.

    Raises
    ------
    UsageError
        If one of the two is missing.
    """
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        raise UsageError("TLS needs both --tls-cert FILE and --tls-key FILE (PEM)")
    return Certificate(chain, key)


def make_context(certificate: Certificate) -> ssl.SSLContext:
    """Return a context for a server, TLS 1.2 or newer.

    Raises
    ------
    UsageError
        From :meth:`Certificate.load`.
    """
    context = _new_context()
    certificate.load(context)
    return context


@asynccontextmanager
async def follow(
    certificate: Certificate | None,
    context: ssl.SSLContext | None,
    renewed: Callable[[datetime], None],
) -> AsyncIterator[None]:
    """Take up a certificate that is renewed while the service runs, and say when one runs out.

    Parameters
    ----------
    certificate, context
        What is looked after; nothing if None.
    renewed
        Told until when the new one is valid.
    """
    if certificate is None or context is None:
        yield
        return
    watch = asyncio.create_task(_watch(certificate, context, renewed))
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _watch(
    certificate: Certificate,
    context: ssl.SSLContext,
    renewed: Callable[[datetime], None],
) -> None:
    stamp, said = certificate.stamp(), time.monotonic()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            found = certificate.stamp()
            if found == stamp and time.monotonic() - said < REMIND_EVERY_S:
                continue
            said = time.monotonic()
            certificate.load(context)
        except (OSError, UsageError) as error:
            log.warning("the service goes on with the certificate that it has: %s", error)
            continue
        if found != stamp:
            log.info("the renewed certificate %s is in use", certificate.chain)
        stamp = found
        renewed(certificate.expires())


def _new_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _read(path: Path, what: str) -> str:
    option = "--tls-cert" if what == "certificate" else "--tls-key"
    try:
        return path.read_text("ascii", errors="replace")
    except OSError as error:
        raise UsageError(
            f"{option}: cannot read {path}: {error.strerror}; give a PEM file of the {what}"
        ) from error
