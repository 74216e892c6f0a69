"""Tells by datagram the moment at which a blob's function is entered, for bench/trigger.py."""

import os
import socket
import time

import azure.functions as func

app = func.FunctionApp()
_teller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


@app.blob_trigger(
    arg_name="blob", path="box/{name}", source=func.BlobSource.EVENT_GRID, connection="AzureWebJobsStorage"
)
def enter(blob: func.InputStream) -> None:
    now = time.time_ns()
    _teller.sendto(f"{now} {blob.name}".encode(), ("127.0.0.1", int(os.environ["TELL_PORT"])))
