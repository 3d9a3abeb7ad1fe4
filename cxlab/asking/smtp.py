"""How does a letter leave the house? By one SMTP server, over TLS unless told otherwise.

What the server says decides: a 5xx answer is a refusal, a 4xx one a delay, and silence
after the letter was handed over leaves it unclear.

Not here: which letters, and what is written down about them (sending).
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import ssl
from types import TracebackType

from cxlab.contact import Server
from cxlab.errors import NotSent, StudyInvalid

SECONDS = 30.0
LOCAL = ("localhost", "127.0.0.1", "::1")


class Refused(Exception):  # noqa: N818
    """The server will not take this letter, now (`later`) or ever."""

    def __init__(self, code: int, *, later: bool) -> None:
        super().__init__(f"{code}")
        self.code, self.later = code, later


class Lost(Exception):  # noqa: N818
    """The connection broke while a letter was on its way: it may have been taken."""


class Smtp:
    """A connection that lasts for many letters, opened when it is entered.

    Raises NotSent where there is no server or it does not let us in, StudyInvalid for
    settings that would send a password in the clear.
    """

    def __init__(self, server: Server) -> None:
        if server.host is None:
            raise StudyInvalid("[asking] must have `host`, the SMTP server mail leaves by.")
        self.server = server
        self.host: str = server.host
        self.password = os.environ.get(server.password_variable)
        if server.user and not self.password:
            raise StudyInvalid(
                f"the password of [asking] `user` must be in the environment variable "
                f"{server.password_variable}; it is not set."
            )
        if server.user and not server.starttls and self.host not in LOCAL:
            raise StudyInvalid("[asking] `starttls` must be true where there is a `user`.")
        self._open: smtplib.SMTP | None = None

    def __enter__(self) -> Smtp:
        self._open = self._connected()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def deliver(self, letter: bytes, *, sender: str, to: str) -> None:
        """Hand over one letter. Raises Refused, Lost, and NotSent where no server answers."""
        if self._open is None:
            self._open = self._connected()
        try:
            self._open.sendmail(sender, [to], letter)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise Refused(code, later=code < 500) from None
        except smtplib.SMTPSenderRefused as error:
            raise NotSent(
                f"the SMTP server takes no letter from [asking] `sender` ({error.smtp_code})."
            ) from None
        except smtplib.SMTPResponseException as error:
            if error.smtp_code == 421 or not 400 <= error.smtp_code < 600:
                self._close()
            if not 400 <= error.smtp_code < 600:
                raise Lost from None
            raise Refused(error.smtp_code, later=error.smtp_code < 500) from None
        except (smtplib.SMTPException, OSError):
            self._close()
            raise Lost from None

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        try:
            found = smtplib.SMTP(self.host, server.port, timeout=SECONDS)
            if server.starttls:
                found.starttls(context=ssl.create_default_context())
            if server.user and self.password:
                found.login(server.user, self.password)
        except smtplib.SMTPAuthenticationError as error:
            raise NotSent(
                f"the SMTP server did not accept [asking] `user` ({error.smtp_code})."
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(
                f"no SMTP server answers at `{self.host}` port {server.port} as [asking] says "
                f"({type(error).__name__})."
            ) from None
        return found

    def _close(self) -> None:
        if self._open is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._open.quit()
            self._open = None
