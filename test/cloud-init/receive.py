"""Gives user-data to the cloud-init of this root, as its init stage would, and tells what it wrote.

Reads [{"name", "base64", "openNebula"}] from standard input, and prints one JSON line for each: the
files below the context folder with their modes, other files that were asked for, scripts, and all that
was logged as a warning or worse.
"""

import base64
import json
import logging
import os
import shutil
import stat
import sys
import tempfile

from cloudinit import handlers, helpers, util
from cloudinit.config import cc_write_files
from cloudinit.handlers.cloud_config import CloudConfigPartHandler
from cloudinit.handlers.shell_script import ShellScriptPartHandler
from cloudinit.sources.DataSourceOpenNebula import read_context_disk_dir
from cloudinit.user_data import UserDataProcessor

CONTEXT = "/etc/pilotage/context.d"


class Instance:
    def get_instance_id(self):
        return "i-receive"


class Warnings(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def from_open_nebula(section):
    """The context disk that OpenNebula makes of a template's section."""
    folder = tempfile.mkdtemp()
    with open(os.path.join(folder, "context.sh"), "w") as file:
        for line in section.splitlines()[1:]:
            key, _, value = line.strip().rstrip(",] ").partition(" = ")
            file.write("%s='%s'\n" % (key, value.strip('"')))
    return read_context_disk_dir(folder, None)["userdata"]


def consume(blob, folder):
    paths = helpers.Paths({"cloud_dir": folder, "run_dir": folder}, Instance())
    message = UserDataProcessor(paths).process(blob)
    known = helpers.ContentHandlers()
    parts = [CloudConfigPartHandler(paths), ShellScriptPartHandler(paths)]
    for handler in parts:
        known.register(handler)
    data = {
        "handlers": known,
        "handlerdir": paths.get_ipath("handlers"),
        "data": None,
        "frequency": "once-per-instance",
        "handlercount": 0,
        "excluded": [],
    }
    for handler in parts:
        handlers.call_begin(handler, None, data["frequency"])
    handlers.walk(message, handlers.walker_callback, data=data)
    for handler in parts:
        handlers.call_end(handler, None, data["frequency"])
    with open(paths.get_ipath("cloud_config")) as file:
        config = util.load_yaml(file.read())
    cc_write_files.write_files("write_files", config.get("write_files"), "root:root")
    return config, paths.get_ipath_cur("scripts")


def told(path):
    with open(path, "rb") as file:
        content = base64.b64encode(file.read()).decode()
    return {"mode": stat.S_IMODE(os.stat(path).st_mode), "base64": content}


def below(folder):
    if not os.path.isdir(folder):
        return {}
    return {name: told(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}


def main():
    warnings = Warnings()
    logging.getLogger().addHandler(warnings)
    for one in json.load(sys.stdin):
        warnings.lines = []
        shutil.rmtree(CONTEXT, ignore_errors=True)
        blob = base64.b64decode(one["base64"])
        with tempfile.TemporaryDirectory() as folder:
            if one["openNebula"]:
                blob = from_open_nebula(blob.decode())
            config, scripts = consume(blob, folder)
            others = [
                file["path"]
                for file in config.get("write_files") or []
                if not file["path"].startswith(CONTEXT)
            ]
            print(
                json.dumps(
                    {
                        "name": one["name"],
                        "context": below(CONTEXT),
                        "others": {path: told(path) for path in others},
                        "scripts": below(scripts),
                        "keys": sorted(config),
                        "warnings": warnings.lines,
                    }
                )
            )


main()
