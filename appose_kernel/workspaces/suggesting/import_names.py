"""Which package of PyPI a Python module comes from, where the two have different names."""

from __future__ import annotations

import sys

#: Modules, with dots where the first name is shared by many packages.
_PACKAGES = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "community": "python-louvain",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "pymupdf",
    "git": "gitpython",
    "github": "pygithub",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage",
    "google.genai": "google-genai",
    "google.protobuf": "protobuf",
    "grpc": "grpcio",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "netCDF4": "netCDF4",
    "osgeo": "gdal",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pylab": "matplotlib",
    "ruamel.yaml": "ruamel.yaml",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "skopt": "scikit-optimize",
    "slugify": "python-slugify",
    "sksurv": "scikit-survival",
    "snappy": "python-snappy",
    "speech_recognition": "speechrecognition",
    "telegram": "python-telegram-bot",
    "umap": "umap-learn",
    "usb": "pyusb",
    "wx": "wxpython",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
#: What every Python kernel has.
_PRESENT = frozenset({"IPython", "ipykernel"})
#: First names under which there is no package by that name alone.
_SHARED = frozenset({"azure", "google", "ruamel"})


def is_at_hand(module: str) -> bool:
    """Whether ``module`` needs no package: it is Python's own, its kernel's, or only there on Colab."""
    first = module.partition(".")[0]
    return first in sys.stdlib_module_names or first in _PRESENT or "google.colab" in _heads(module)


def package(module: str) -> str | None:
    """The package that brings ``module``, such as ``skimage.filters``; None where nobody can tell."""
    for name in _heads(module):
        if name in _PACKAGES:
            return _PACKAGES[name]
    first = module.partition(".")[0]
    return None if first in _SHARED else first


def _heads(module: str) -> list[str]:
    """``a.b.c``, ``a.b``, ``a``: no name of the table is longer."""
    parts = module.split(".", 3)[:3]
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
