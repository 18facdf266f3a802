"""Finds the Chromium that browser tests drive.

`python -m tests.chromium` prints its path, installing Debian's when there is none and it may (root
and apt-get); without one it says so and ends with 1.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "There is no Chromium for the browser tests. Install it (Debian: apt-get install chromium, "
    "macOS: brew install --cask chromium), or set CHROMIUM to its path."
)


def find() -> str | None:
    """The path of a Chromium: what CHROMIUM says, else the first that this machine has."""
    candidates = (os.environ.get("CHROMIUM", ""), *NAMES, *MAC_APPLICATIONS)
    return next((path for name in candidates if (path := shutil.which(name))), None)


def launch_arguments() -> dict[str, object]:
    """What Playwright needs to start it: the path, and for root no sandbox (Chromium insists)."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": find(), "args": arguments}


def install() -> None:
    """Install Debian's Chromium, when that is ours to do."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing Chromium (apt-get install chromium).", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"]
    for command in (["update", "-qq"], install):
        subprocess.run(["apt-get", *command], env=environment, stdout=sys.stderr, check=False)


def main() -> int:
    """Print the path of a Chromium; 1 when there is none."""
    if not find():
        install()
    if path := find():
        print(path)
        return 0
    print(MISSING, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
