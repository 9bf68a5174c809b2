"""What comes from npm's registry: a package of one version and one hash, unpacked once."""

import base64
import hashlib
import io
import os
import pathlib
import re
import sys
import tarfile
import urllib.request


def fetch(package, sha512, wanted=r".*"):
    """The folder of a package's files; the first call brings them, and keeps them in the
    environment.

    Args:
        package: name and version, such as "mathjax-3.2.2".
        sha512: of the packed file, in base64, as the registry says it.
        wanted: regular expression; files whose whole name in the package it matches are kept.

    Raises:
        ValueError: one sentence, if what came has another hash.
        OSError: if the registry can't be reached.
    """
    folder = pathlib.Path(sys.prefix, "share", package)
    if not folder.exists():
        address = f"https://registry.npmjs.org/{package.rpartition('-')[0]}/-/{package}.tgz"
        with urllib.request.urlopen(address, timeout=120) as answer:
            packed = answer.read()
        if base64.b64encode(hashlib.sha512(packed).digest()).decode() != sha512:
            raise ValueError(
                f"{address} is not the file it was: its hash differs. Nothing was installed."
            )
        beside = folder.with_name(f"{package}.{os.getpid()}")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            chosen = [
                each
                for each in archive.getmembers()
                if re.fullmatch(f"package/({wanted})", each.name)
            ]
            archive.extractall(beside, chosen, filter="data")
        beside.rename(folder)
    return folder / "package"
