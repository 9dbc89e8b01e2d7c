"""For everything of Jupyter that `course lab` starts: the server, and nbgrader inside it."""

import zmq
from jupyter_client import KernelManager

c = get_config()  # noqa: F821  (traitlets hands this function to the file)

# ipykernel warns at each start of a kernel that talks in plain text; older ones know of nothing else, and do not warn.
if "transport_encryption" in KernelManager.class_traits() and zmq.has("curve"):
    c.KernelManager.transport_encryption = "auto"
