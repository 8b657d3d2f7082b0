"""pyas2lib as the other side: `peer.py FOLDER`, which does the jobs that it is given line by line as JSON.

The folder holds `own.pem` (key and certificate) and `partner.pem` (certificate). What goes out is written to
`out` (headers, an empty line, body); what comes in is read from `in`; what came of it is printed as JSON.
"""

import json
import logging
import pathlib
import sys

from pyas2lib.as2 import Mdn, Message, Organization, Partner

logging.disable(logging.CRITICAL)


def work(folder, job):
    command = job["command"]
    own = (folder / "own.pem").read_bytes()
    certificate = (folder / "partner.pem").read_bytes()
    us = Organization(as2_name=job["own"], sign_key=own, decrypt_key=own, domain="peer.example")
    them = Partner(
        as2_name=job["partner"],
        verify_cert=certificate,
        encrypt_cert=certificate,
        validate_certs=False,
        **job.get("options", {}),
    )
    if command == "build":
        message = Message(us, them)
        message.build(
            (folder / "content").read_bytes(),
            filename="order.edi",
            content_type=job["content_type"],
        )
        (folder / "out").write_bytes(message.headers_str + b"\r\n" + message.content)
        return {"mic": message.mic.decode() if message.mic else None, "id": message.message_id}
    if command == "receive":
        message = Message()
        status, (error, _), mdn = message.parse(
            (folder / "in").read_bytes(),
            find_org_cb=lambda name: us if name == job["own"] else None,
            find_partner_cb=lambda name: them if name == job["partner"] else None,
        )
        content = message.content
        (folder / "content").write_bytes(content if isinstance(content, bytes) else content.encode())
        if mdn:
            (folder / "out").write_bytes(mdn.headers_str + b"\r\n" + mdn.content)
        mic = message.mic.decode() if message.mic else None
        return {"status": status, "error": str(error) if error else None, "mic": mic}
    message = Message(us, them)
    message.message_id, message.mic = job["id"], job["mic"].encode()
    status, detail = Mdn().parse((folder / "in").read_bytes(), lambda name, _: message)
    return {"status": status, "error": detail, "mic": None}


for line in sys.stdin:
    print(json.dumps(work(pathlib.Path(sys.argv[1]), json.loads(line))), flush=True)
