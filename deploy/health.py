"""Whether the site in this container answers: exit code 0 if it does. Asked under a name that it goes by."""

import os
import sys
import urllib.error
import urllib.request

names = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",")
host = next((name.strip() for name in names if name.strip() and name.strip()[0] not in "*."), "127.0.0.1")
try:
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  (the address above)
        sys.exit(answer.status != 200)
except (urllib.error.URLError, OSError) as error:
    sys.exit(f"The site does not answer: {error}")
