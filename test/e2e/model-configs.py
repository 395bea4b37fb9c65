"""
Reads configs of Triton models with NVIDIA's own classes, and says of each what is in it.

Input, as JSON: {name: {"text": a config.pbtxt, "json": the same message in the JSON form of protocol buffers}}.
Output, as JSON: {name: {"error": why it cannot be read} or {"same": is it the message that was expected, "differences":
the two messages where it is not, "again": does what was read, written and read again stay the same}}.
"""

import json
import sys

from google.protobuf import json_format, text_format
from tritonclient.grpc import model_config_pb2


def read(text):
    return text_format.Parse(text, model_config_pb2.ModelConfig())


def judge(config):
    try:
        found = read(config["text"])
        expected = json_format.ParseDict(config["json"], model_config_pb2.ModelConfig())
    except (text_format.ParseError, json_format.ParseError) as error:
        return {"error": str(error)}
    same = found == expected
    differences = [] if same else [text_format.MessageToString(each) for each in (found, expected)]
    again = read(text_format.MessageToString(found)) == found
    return {"same": same, "differences": differences, "again": again}


print(json.dumps({name: judge(config) for name, config in json.load(sys.stdin).items()}))
