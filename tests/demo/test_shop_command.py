"""`manage.py demo_shop`: serves until Ctrl+C, and says what is wrong with a port."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]


def test_it_serves_until_interrupted() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "manage.py", "demo_shop", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:[0-9]+/", process.stdout.readline())
            assert found
            assert "Folded" in requests.get(found[0], timeout=5).text
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=10) == 0
        finally:
            process.kill()


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Port {port} is taken.*--port"):
            call_command("demo_shop", port=port)


def test_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="99999 is not a port"):
        call_command("demo_shop", port=99999)


def test_serving_needs_no_pillow_and_no_tensorflow() -> None:
    code = (
        "import sys, django; django.setup()\n"
        "import demo.storefront, demo.management.commands.demo_shop\n"
        "print([name for name in ('PIL', 'tensorflow', 'cv2') if name in sys.modules])"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
