/**
 * Runs as the slot's user before the pilot: makes the run's folder, fetches the pilot's files from the
 * first location that has them whole, writes pilot.json, and becomes dirac-pilot.py. Python, since the
 * pilot needs it anyway, and since nothing of this passes through a shell. What it prints before its end
 * begins with a number of Vac's shutdown_message. It reads `start.json`, as `instructions` makes it.
 */
export const START_PROGRAM = `# Written by pilotage-agent. Python 3.6 or newer.
import hashlib, io, json, os, re, shutil, ssl, sys, tarfile, time
from http.client import HTTPException
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, build_opener

MOST_BYTES = 64 * 1024 * 1024
FILE_SECONDS = 120
LIST = "checksums.sha512"


class Refused(Exception):
    pass


class SameScheme(HTTPRedirectHandler):
    def redirect_request(self, request, reply, code, message, headers, url):
        if urlsplit(url).scheme != urlsplit(request.full_url).scheme:
            raise Refused("a redirect to " + url)
        return super().redirect_request(request, reply, code, message, headers, url)


def say(text):
    print("pilotage: " + re.sub(r"[^ -~]", " ", text)[:500], flush=True)


def trust(authorities):
    context = ssl.create_default_context()
    folder = os.environ.get("X509_CERT_DIR")
    if folder:
        context.load_verify_locations(capath=folder)
    if authorities:
        context.load_verify_locations(cafile=authorities)
    return context


def fetch(opener, location, name):
    """None where the location has no such file."""
    if location.startswith("/"):
        path = os.path.join(location, name)
        if not os.path.exists(path):
            return None
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    else:
        ends = time.monotonic() + FILE_SECONDS
        content = b""
        try:
            with opener.open(location.rstrip("/") + "/" + name, timeout=30) as reply:
                while True:
                    piece = reply.read(256 * 1024)
                    content += piece
                    if not piece or len(content) > MOST_BYTES:
                        break
                    if time.monotonic() > ends:
                        raise Refused(name + " takes too long")
                length = reply.headers.get("Content-Length")
                if length is not None and len(content) <= MOST_BYTES and length != str(len(content)):
                    raise Refused(name + " is cut off")
        except URLError as error:
            if getattr(error, "code", None) in (404, 410):
                return None
            raise
    if len(content) > MOST_BYTES:
        raise Refused(name + " is too large")
    return content


def hashes(text):
    found = {}
    for line in text.decode("utf-8", "replace").splitlines():
        match = re.match(r"([0-9a-fA-F]{128}) [ *](.+)$", line)
        if match:
            found[os.path.basename(match.group(2).strip())] = match.group(1).lower()
    return found


def take(opener, location, told):
    """Every file that is wanted from one location, whole and as it should be."""
    text = fetch(opener, location, LIST)
    listed = {} if text is None else hashes(text)
    listed.update((name, value.lower()) for name, value in told["sha512"].items())
    taken = {}
    for name in told["files"] + (["pilot.json"] if told["published"] else []):
        content = fetch(opener, location, name)
        if content is None:
            if name == "pilot.json":
                continue
            raise Refused("has no " + name)
        wanted = listed.get(name)
        # A folder is somebody's who could change the list as well; CVMFS checks what it gives.
        if wanted is None and name != "pilot.json" and not location.startswith("/"):
            raise Refused(LIST + " says nothing of " + name)
        if wanted is not None and hashlib.sha512(content).hexdigest() != wanted:
            raise Refused(name + " has another SHA-512")
        taken[name] = content
    return taken


def unpack(content):
    total = 0
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            name = os.path.normpath(member.name)
            if not member.isfile() or name.startswith(("/", "..")):
                continue
            total += member.size
            if total > MOST_BYTES:
                raise Refused("an archive is too large")
            os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
            with archive.extractfile(member) as source, open(name, "wb") as target:
                shutil.copyfileobj(source, target)


def put(taken):
    for name, content in taken.items():
        if re.search(r"\\.tar(\\.gz|\\.bz2|\\.xz)?$|\\.tgz$", name):
            unpack(content)
        else:
            with open(name, "wb") as file:
                file.write(content)


def join(below, above):
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    joined = dict(below)
    for key, value in above.items():
        joined[key] = join(joined[key], value) if key in joined else value
    return joined


def clear(home, folder):
    """What earlier runs left; it may be unreadable on purpose."""
    for name in os.listdir(home):
        path = os.path.join(home, name)
        if not re.match(r"dirac-[0-9]+$", name):
            continue
        if os.path.islink(path):
            os.unlink(path)
            continue
        for inside, folders, _ in os.walk(path):
            for each in folders:
                if not os.path.islink(os.path.join(inside, each)):
                    try:
                        os.chmod(os.path.join(inside, each), 0o700)
                    except OSError:
                        pass  # Not ours: it stays, and so does its folder.
        shutil.rmtree(path, ignore_errors=True)
    os.mkdir(folder, 0o755)


def main(told):
    try:
        os.umask(0o022)
        clear(told["home"], told["work"])
        os.chdir(told["work"])
        opener = build_opener(SameScheme, HTTPSHandler(context=trust(told["authorities"])))
    except (OSError, ssl.SSLError) as error:
        return "500 the run's folder cannot be made ready: %s" % error
    for location in told["from"]:
        try:
            taken = take(opener, location, told)
            put(taken)
            published = json.loads(taken["pilot.json"].decode("utf-8")) if "pilot.json" in taken else {}
            if not isinstance(published, dict):
                raise Refused("pilot.json is no map")
            if not os.path.isfile("dirac-pilot.py"):
                raise Refused("there is no dirac-pilot.py in it")
        except (Refused, OSError, HTTPException, ValueError, EOFError, tarfile.TarError) as error:
            say("%s: %s" % (location, error))
            continue
        with open(told["pilotJson"], encoding="utf-8") as file:
            ours = json.load(file)
        with open("pilot.json", "w", encoding="utf-8") as file:
            json.dump(join(published, ours), file, indent=1)
        say("DIRAC's pilot is from %s" % location)
        sys.stdout.flush()
        try:
            os.execv(told["command"][0], told["command"])
        except OSError as error:
            return "500 %s cannot be run: %s" % (told["command"][0], error)
    return "600 no location has DIRAC's pilot"


with open(sys.argv[1], encoding="utf-8") as file:
    instructions = json.load(file)
why = main(instructions)
say(why)
sys.exit(1)
`;
