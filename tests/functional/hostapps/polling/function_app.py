"""A blob trigger that scans the container: not available on Flex Consumption, so not here."""

import azure.functions as func

app = func.FunctionApp()


@app.blob_trigger(arg_name="blob", path="box/{name}", connection="AzureWebJobsStorage")
def scan(blob: func.InputStream) -> None:
    pass
