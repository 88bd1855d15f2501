"""A real S3 server without conditional writes for tests on 127.0.0.1: OpenStack Swift, all of it in one process.

  s3_swift.py DIR KEY SECRET   serves from DIR until its standard input ends; prints its endpoint once it answers

KEY is account:user. Needs Swift's package python3-swift on Python's path, and a file system with extended attributes.
"""

import getpass
import json
import os
import sys
import time
import types

import eventlet
import eventlet.tpool
import eventlet.wsgi

eventlet.monkey_patch(all=False, socket=True, select=True, thread=True, time=True)

DIR, KEY, SECRET = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
ETC = f"{DIR}/etc"
BACKENDS = ("account", "container", "object")
# A filter may stand in the pipeline only where the S3 layer allows it.
FILTERS = ("catch_errors", "gatekeeper", "listing_formats", "bulk", "s3api", "tempauth", "slo", "dlo")


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def check_attributes():
    probe = f"{DIR}/attributes"
    write(probe, "")
    try:
        os.setxattr(probe, "user.swift.metadata", b"x")
    except OSError as error:
        sys.exit(f"the file system of {DIR} keeps no extended attributes: {error}")


def now():
    return time.time()


class MemoryCache:
    """What Swift needs of memcached."""

    def __init__(self):
        self.values = {}

    def get(self, key, raise_on_error=False):
        text, until = self.values.get(key, ("null", 0))
        return None if until and until < now() else json.loads(text)

    # Swift passes how many seconds a value is kept as `time`.
    def set(self, key, value, serialize=True, time=0, **_options):
        self.values[key] = (json.dumps(value), now() + time if time else 0)

    def set_multi(self, mapping, server_key=None, serialize=True, time=0, **_options):
        for key, value in mapping.items():
            self.set(key, value, time=time)

    def get_multi(self, keys, server_key=None):
        return [self.get(key) for key in keys]

    def incr(self, key, delta=1, time=0, **_options):
        value = (self.get(key) or 0) + delta
        self.set(key, value, time=time)
        return value

    def decr(self, key, delta=1, time=0):
        return self.incr(key, -delta, time)

    def delete(self, key, server_key=None):
        self.values.pop(key, None)


class NoLog:
    """Access logs and tracebacks of clients that hang up are of no use here."""

    def write(self, *_text):
        pass

    debug = info = warning = error = write


def configuration(pipeline, sections, port=0):
    return f"""[DEFAULT]
swift_dir = {ETC}
devices = {DIR}/devices
mount_check = false
user = {getpass.getuser()}
bind_ip = 127.0.0.1
bind_port = {port}
fallocate_reserve = 0
disable_fallocate = true
recon_cache_path = {DIR}/run
# On a busy machine the servers, all in this process, keep each other waiting: a listing must not lag for that.
conn_timeout = 60
node_timeout = 120
container_update_timeout = 120
log_level = CRITICAL
log_custom_handlers = uptake_swift.no_log

[pipeline:main]
pipeline = {pipeline}
{sections}"""


def backend(name):
    return configuration(f"{name}-server", f"\n[app:{name}-server]\nuse = egg:swift#{name}\n")


def proxy(port):
    account, user = KEY.split(":")
    options = {
        "s3api": "location = us-east-1\ns3_acl = false\n",
        "tempauth": f"user_{account}_{user} = {SECRET} .admin\n",
    }
    sections = "".join(
        f"\n[filter:{name}]\nuse = egg:swift#{name}\n{options.get(name, '')}" for name in FILTERS
    )
    return configuration(
        " ".join((*FILTERS[:2], "cache", *FILTERS[2:], "proxy-server")),
        sections
        + "\n[filter:cache]\npaste.filter_factory = uptake_swift:cache\n"
        + "\n[app:proxy-server]\nuse = egg:swift#proxy\n"
        + "account_autocreate = true\nallow_account_management = true\n",
        port,
    )


def helpers():
    """What the configuration files name by module."""
    memory = MemoryCache()

    def cache(_configuration, **_options):
        def wrap(app):
            def call(environment, start_response):
                environment["swift.cache"] = memory
                return app(environment, start_response)

            return call

        return wrap

    module = types.ModuleType("uptake_swift")
    module.cache = cache
    module.no_log = lambda *_arguments: None
    sys.modules["uptake_swift"] = module


def main():
    for folder in (ETC, f"{DIR}/devices/d1", f"{DIR}/run"):
        os.makedirs(folder, exist_ok=True)
    check_attributes()
    write(
        f"{ETC}/swift.conf",
        "[swift-hash]\nswift_hash_path_suffix = s\nswift_hash_path_prefix = p\n"
        "[storage-policy:0]\nname = gold\ndefault = yes\n",
    )
    os.environ["SWIFT_DIR"] = ETC
    # pylint: disable=import-outside-toplevel  # they read the configuration when they load
    from swift.common import storage_policy, utils

    utils.SWIFT_CONF_FILE = f"{ETC}/swift.conf"
    utils.validate_hash_conf()
    storage_policy.reload_storage_policies()
    from swift.common.ring import RingBuilder
    from swift.common.wsgi import SwiftHttpProtocol, loadapp

    helpers()

    def serve(socket, name, text):
        path = f"{ETC}/{name}-server.conf"
        write(path, text)
        eventlet.spawn(
            eventlet.wsgi.server,
            socket,
            loadapp(path),
            log=NoLog(),
            log_output=False,
            minimum_chunk_size=1,
            url_length_limit=16384,
            protocol=SwiftHttpProtocol,
        )

    sockets = {name: eventlet.listen(("127.0.0.1", 0)) for name in BACKENDS}
    for name, socket in sockets.items():
        device = {
            "id": 0,
            "region": 1,
            "zone": 1,
            "weight": 1,
            "device": "d1",
            "meta": "",
            "ip": "127.0.0.1",
            "port": socket.getsockname()[1],
            "replication_ip": "127.0.0.1",
            "replication_port": socket.getsockname()[1],
        }
        builder = RingBuilder(4, 1, 1)  # 16 partitions, each kept once
        builder.add_dev(device)
        builder.rebalance()
        builder.get_ring().save(f"{ETC}/{name}.ring.gz")
    for name, socket in sockets.items():
        serve(socket, name, backend(name))
    front = eventlet.listen(("127.0.0.1", 0))
    port = front.getsockname()[1]
    serve(front, "proxy", proxy(port))
    print(f"http://127.0.0.1:{port}", flush=True)
    # The end of standard input is the end of whoever started this, however it ended.
    eventlet.tpool.execute(sys.stdin.read)
    os._exit(0)


main()
