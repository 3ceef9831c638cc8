"""Install the locked environment, or say in one sentence why that cannot be done.

    python3 lib/install.py .venv      into a virtual environment (what `make` calls)
    python3 lib/install.py --here     into the environment of the running Python (conda, Binder)
    python3 lib/install.py --verify   only compare what the running Python finds with the lock

Standard library only, in a syntax that Python 3.6 can read: an old Python shall say itself what is wrong.
"""

import argparse
import ast
import errno
import functools
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST, NEWEST = (3, 11), (3, 13)
NEEDED_GB = 4.0  # measured: 2.9 with uv; 3.9 with pip, which keeps its downloads until it is done
LOCK, PROJECT, BENCH = (
    "requirements.lock",
    "pyproject.toml",
    "benchmarks/requirements.lock",
)
ARGUMENTS = {
    LOCK: ["--require-hashes", "-r", LOCK],
    PROJECT: ["--no-build-isolation", "-e", "."],
    BENCH: ["--require-hashes", "-r", BENCH],
}
STAMP = "surrogates.json"  # in the environment: what it was installed from; empty while that goes on
# What installers inherit of the user's settings: the way to a package index, and nothing that says where to install.
WAY_OF_PIP = re.compile(
    "(extra-)?index-url|find-links|no-index|(client-)?cert|proxy|trusted-host|cache-dir|(default-)?timeout|retries|"
    "keyring-provider|disable-pip-version-check"
)
WAY_OF_UV = re.compile(r"UV_(.*(INDEX|CERT|TLS|HOST|TIMEOUT|CACHE|KEYRING|CONCURRENT).*|FIND_LINKS|OFFLINE|LINK_MODE)")


class Failed(Exception):
    """A command failed; the message is all that it printed."""


@functools.lru_cache(maxsize=None)  # noqa: UP033 (an old Python has no cache)
def settings_of_pip(python):
    """The user's settings of pip by section, from its files and the environment."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "encoding": "utf-8", "errors": "replace"}
    # These variables would narrow the list to the one file.
    given = {name: value for name, value in os.environ.items() if name not in ("PIP_USER", "PIP_GLOBAL", "PIP_SITE")}
    listed = subprocess.run([python, "-m", "pip", "config", "list"], check=False, env=given, **pipes).stdout
    return re.findall(r"^(.+)\.([\w-]+)=(.+)$", listed, re.MULTILINE)


def environment(python):
    """The environment of an installer, without settings that would lead it elsewhere, such as PIP_USER or a target."""
    own = ("PIP_", "UV_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own) or WAY_OF_UV.match(name)}
    for wanted in ("global", "install", ":env:"):  # the later ones count
        for section, name, value in settings_of_pip(python):
            if section == wanted and WAY_OF_PIP.fullmatch(name):
                kept["PIP_" + name.upper().replace("-", "_")] = ast.literal_eval(value).strip().replace("\n", " ")
    # uv gives up compiling after a minute, which a busy machine may need.
    return {"UV_COMPILE_BYTECODE_TIMEOUT": "600", **kept, "PIP_CONFIG_FILE": os.devnull}


def run(*command):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8", "errors": "replace"}
    given = environment(command[0]) if "pip" in command else os.environ
    done = subprocess.run(command, cwd=ROOT, check=False, env=given, **pipes)
    if done.returncode:
        raise Failed(f"$ {' '.join(command)}\n{done.stdout}")


def find_python(exact):
    """Path of the running Python if its version is accepted, else (unless `exact`) of one on PATH that is."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    probe = f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    for minor in [] if exact else range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        # Asked, not trusted: pyenv puts commands on PATH for versions that it then refuses to run.
        if found and subprocess.call([found, "-c", probe], stderr=subprocess.DEVNULL) == 0:
            return found
    sys.exit(
        f"{sys.executable} is Python {platform.python_version()}, but 3.{OLDEST[1]} to 3.{NEWEST[1]} is needed: "
        "install one of these, or name one with PYTHON=/path/to/python3."
    )


def check_platform():
    """Elsewhere the markers of the lock would skip every package, and the installation would seem to succeed."""
    system, machine = platform.system(), platform.machine()
    if system != "Linux" and (system, machine) != ("Darwin", "arm64"):
        sys.exit(
            f"The locked packages are for Linux and for macOS on Apple silicon, not for {system} on {machine}: "
            "use one of these, a container, or Binder."
        )


def check_modules(names):
    missing = [name for name in names if not importlib.util.find_spec(name)]
    if missing:
        sys.exit(
            f"{sys.executable} (Python {platform.python_version()}) has no module {missing[0]}: install it "
            f"(on Debian and Ubuntu: apt install python3-venv python3-pip), then call again."
        )


def free_gb(place):
    while not os.path.exists(place):
        place = os.path.dirname(place)
    return shutil.disk_usage(place).free / 1e9


def full_disk(*places):
    """The sentence for a disk without room; names the fullest of `places`."""
    free, place = min((free_gb(place), place) for place in places)
    return (
        f"The disk that holds {place} has {free:.1f} GB free, and the installation needs {NEEDED_GB} GB: "
        "free some space, or use a folder on a larger disk."
    )


def ran_full(failure):
    codes = (errno.ENOSPC, errno.EDQUOT)
    # In the installers' words: uv prints the number after a text in the user's language.
    signs = [os.strerror(code) for code in codes] + [f"os error {code})" for code in codes]
    return any(sign in str(failure) for sign in signs)


def wanted_stamp(bench, exact):
    stamp = {"root": ROOT}  # the project is installed editable, so a moved clone is installed again
    if exact:
        stamp["python"] = platform.python_version()
    for name in [LOCK, PROJECT] + [BENCH] * bench:
        with open(os.path.join(ROOT, name), "rb") as file:
            stamp[name] = hashlib.sha256(file.read()).hexdigest()
    return stamp


def read_stamp(prefix):
    try:
        with open(os.path.join(prefix, STAMP), encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def write_stamp(prefix, stamp):
    path = os.path.join(prefix, STAMP)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(stamp, file, indent=1)
    os.replace(path + ".new", path)


def clear(prefix):
    """Make `prefix` a folder that holds nothing but our stamp; refuse where others have put something."""
    os.makedirs(prefix, exist_ok=True)
    inside = os.listdir(prefix)
    if inside and STAMP not in inside:
        sys.exit(f"{prefix} exists and was not made by lib/install.py: move or remove it, then call again.")
    write_stamp(prefix, {})
    for entry in os.scandir(prefix):
        if entry.name != STAMP:
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.remove(entry.path)


def install_uv(python):
    """The installer comes from the lock as well: pip checks its hash."""
    with open(os.path.join(ROOT, LOCK), encoding="utf-8") as file:
        pin = re.search(r"^uv==.*?(?=^\S|\Z)", file.read(), re.MULTILINE | re.DOTALL).group()
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(pin)
        file.flush()
        run(python, "-m", "pip", "install", "--no-deps", "--require-hashes", "-r", file.name)


def install(python, names):
    """Install from each file of `names` by uv, or by pip where only pip knows the way to a package index."""
    uv = [python, "-m", "uv", "pip", "install", "--python", python, "--no-deps", "--compile-bytecode"]
    pip = [python, "-m", "pip", "install", "--no-deps", "--ignore-requires-python"]
    try:
        install_uv(python)
        for name in names:
            run(*uv, *ARGUMENTS[name])
    except Failed as failure:
        if ran_full(failure):
            raise
        print("uv could not, trying pip, which is slower ... ", end="", flush=True)
        try:
            for name in names:
                run(*pip, *ARGUMENTS[name])
        except Failed as second:
            raise Failed(f"{failure}\n{second}") from None


def verify(python, names):
    """Fail where that Python does not find the locked versions, each in the environment of its own."""
    run(python, os.path.abspath(__file__), "--verify", *["--bench"] * (BENCH in names))


def differing(name):
    """Sentences on the packages of a lock that the running Python finds in another version, or not at all."""
    from importlib import metadata

    from pip._vendor.packaging.requirements import Requirement

    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        lines = file.read().replace("\\\n", " ").splitlines()
    for locked in [Requirement(line.partition(" --hash=")[0]) for line in lines if line.strip()]:
        if locked.marker is not None and not locked.marker.evaluate():
            continue
        try:
            found = metadata.distribution(locked.name)
        except metadata.PackageNotFoundError:
            yield f"{locked.name} is missing, {name} has {locked.specifier}."
            continue
        if not locked.specifier.contains(found.version, prereleases=True):
            place = found.locate_file("")
            yield f"{locked.name} is {found.version} in {place}, {name} has {locked.specifier}."


def main(arguments):
    parser = argparse.ArgumentParser(description="Install the locked environment.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("venv", nargs="?", help="folder of the virtual environment")
    where.add_argument("--here", action="store_true", help="into the environment of the running Python")
    where.add_argument("--verify", action="store_true", help="only compare what the running Python finds with the lock")
    parser.add_argument("--bench", action="store_true", help="add what the benchmarks need")
    parser.add_argument("--exact", action="store_true", help="with the running Python or not at all")
    options = parser.parse_args(arguments)

    if options.verify:
        sys.exit("\n".join(line for name in [LOCK] + [BENCH] * options.bench for line in differing(name)) or None)
    prefix = sys.prefix if options.here else os.path.realpath(options.venv)
    python = sys.executable if options.here else os.path.join(prefix, "bin", "python")
    stamp, wanted = read_stamp(prefix), wanted_stamp(options.bench, options.exact)
    changed = {key for key in wanted if stamp.get(key) != wanted[key]}
    if not changed and os.path.exists(python):
        try:
            verify(python, wanted)
            return
        except Failed as failure:
            print(f"{failure}\nThe packages are others than those that were installed.", flush=True)
            changed = set(wanted)

    chosen = find_python(options.exact or options.here)
    if chosen != sys.executable:
        print(f"{sys.executable} is Python {platform.python_version()}: going on with {chosen}.", flush=True)
        os.execv(chosen, [chosen, os.path.abspath(__file__), *arguments])
    check_platform()
    check_modules(["pip"] if options.here else ["venv", "ensurepip"])

    start, version, base = time.time(), platform.python_version(), os.path.realpath(sys.executable)
    afresh = bool(changed - {PROJECT, BENCH}) or not os.path.exists(python)
    try:
        if afresh and not options.here:
            clear(prefix)
        if afresh and free_gb(prefix) < NEEDED_GB:
            sys.exit(full_disk(prefix))
        write_stamp(prefix, {})
        print(f"Installing the locked packages into {prefix} with Python {version} ... ", end="", flush=True)
        if afresh and not options.here:
            # realpath: the Python on PATH may be that of the very environment just cleared.
            run(base, "-m", "venv", prefix)
        install(python, [name for name in ARGUMENTS if name in wanted and (afresh or name in changed)])
        verify(python, wanted)
        write_stamp(prefix, {"python": version, **({} if afresh else stamp), **wanted})
    except (Failed, OSError) as failure:
        if ran_full(failure):
            if afresh and not options.here:
                shutil.rmtree(prefix, ignore_errors=True)  # of no use, and it would keep the disk full
            cache = os.environ.get("UV_CACHE_DIR", os.path.expanduser("~/.cache"))
            sys.exit("\n" + full_disk(prefix, os.path.abspath(cache), tempfile.gettempdir()))
        sys.exit(f"\n{failure}\nThe installation failed, for the reason that stands above.")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next call starts the installation over.")
    print(f"done in {time.time() - start:.0f} s.")


if __name__ == "__main__":
    main(sys.argv[1:])
