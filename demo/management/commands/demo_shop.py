"""`manage.py demo_shop`: the demo shop at an address of its own, where the demo catalogue's links lead."""

import errno
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from demo.catalogue import CatalogueMissingError
from demo.storefront import HOST, PORT, make_server


class Command(BaseCommand):
    help = "Serve the demo shop until Ctrl+C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=HOST, help=f"address to listen on (default {HOST})")
        parser.add_argument("--port", type=int, default=PORT, help=f"port to listen on, 0 for a free one (default {PORT})")

    def handle(self, *args: object, **options: object) -> None:
        host, port = str(options["host"]), int(str(options["port"]))
        try:
            server = make_server(host, port)
        except CatalogueMissingError as error:
            raise CommandError(str(error)) from error
        except OverflowError as error:
            raise CommandError(f"Port {port} is not a port: choose one from 0 to 65535.") from error
        except OSError as error:
            raise CommandError(_reason(error, host, port)) from error
        with server:
            self.stdout.write(f"The demo shop is open at http://{host}:{server.server_address[1]}/ (Ctrl+C closes it)")
            self.stdout.flush()
            try:
                server.serve_forever(poll_interval=0.2)
            except KeyboardInterrupt:
                self.stdout.write("\nClosed.")


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken: stop what listens there, or choose another with --port (`scrape demo` links to {PORT})."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have: choose one above 1023 with --port."
    return f"Cannot listen on {host}:{port} ({error.strerror or error}): choose an address of this machine with --host."
