"""One connection to the mail server for many messages."""

import logging
import smtplib

from django.core.mail import EmailMessage, get_connection

from commitments.reminders.delivery.troubles import MailServerDown, explain, understand

logger = logging.getLogger(__name__)

# Mail servers end a connection that says too much; ending it ourselves between two messages is
# never mistaken for a failure.
MESSAGES_A_CONNECTION = 100


class Line:
    """The connection of whatever backend the settings name. Dials when there is something to say.

    Use it as a context manager: the end hangs up.
    """

    def __init__(self) -> None:
        self.server = get_connection()
        self.used = 0

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *error: object) -> None:
        self.hang_up()

    def send(self, message: EmailMessage) -> None:
        """Hand over one message. Returns when the server has taken it; raises AddressRefused,
        MailServerDown, or what else went wrong with this message. After any error the next message
        gets a new connection, so that nothing half said is left on this one."""
        if self.used >= MESSAGES_A_CONNECTION:
            self.hang_up()
        self.dial()
        try:
            if not self.server.send_messages([message]):
                raise smtplib.SMTPException("The mail server did not take the message.")
        except Exception as error:
            self.hang_up()
            if (trouble := understand(error)) is error:
                raise
            raise trouble from error
        self.used += 1

    def dial(self) -> None:
        """Connect, unless that has been done; MailServerDown when it cannot be."""
        try:
            self.server.open()
        except OSError as error:  # every error of smtplib is one
            raise MailServerDown(f"The mail server cannot be reached: {explain(error)}") from error

    def hang_up(self) -> None:
        """End the connection; the next message opens another."""
        self.used = 0
        try:
            self.server.close()
        except OSError:
            logger.info("The mail server had already closed the connection")
