"""Reads Triton's options and metrics out of a checkout of triton-inference-server/server, for catalog/data/.

    git clone --branch r26.07 https://github.com/triton-inference-server/server
    python3 tools/catalog/read-triton-source.py server > catalog/data/triton-26.07.json
    npx prettier --write catalog/data/triton-26.07.json

It reads the table of options in src/command_line_parser.cc and its defaults in command_line_parser.h (where a member
is named like the option), the arguments of the OpenAI front end, and the tables of docs/user_guide/metrics.md.
"""

import ast
import json
import pathlib
import re
import sys

TYPES = {"ArgNone": "flag", "ArgBool": "boolean", "ArgFloat": "number", "ArgInt": "integer", "ArgStr": "text"}
OPTION = re.compile(r"\{(?:OPTION_\w+|'\w'),\s*\"([a-z0-9-]+)\",\s*(?:Option::(Arg\w+)|\"([^\"]*)\")")
MEMBER = re.compile(r"(?:bool|u?int32_t|int|float|std::string|int64_t)\s+(\w+)_\{([^}]*)\}")


def options(root):
    """Options of tritonserver: what each takes, with its default where the header gives one."""
    members = {}
    for name, value in MEMBER.findall((root / "src/command_line_parser.h").read_text()):
        members.setdefault(name, value)
    found = {}
    for name, kind, form in OPTION.findall((root / "src/command_line_parser.cc").read_text()):
        entry = {"type": TYPES[kind]} if kind else {"type": "text", "form": form}
        default = members.get(name.replace("-", "_"))
        if default in ("true", "false"):
            entry["default"] = default == "true"
        elif default is not None and re.fullmatch(r"-?\d+(\.\d+)?", default):
            entry["default"] = json.loads(default)
        found[name] = entry
    return dict(sorted(found.items()))


def front_end(root):
    """Arguments of the OpenAI front end, a Python program of its own."""
    found = {}
    for call in ast.walk(ast.parse((root / "python/openai/openai_frontend/main.py").read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "add_argument":
            words = {keyword.arg: keyword.value for keyword in call.keywords}
            kind = {"int": "integer", "float": "number", "str": "text"}.get(
                ast.unparse(words["type"]) if "type" in words else "", "text"
            )
            entry = {"type": "flag" if "action" in words and "store" in ast.unparse(words["action"]) else kind}
            default = words.get("default")
            if isinstance(default, ast.Constant) and default.value is not None:
                entry["default"] = default.value
            found[call.args[0].value.lstrip("-")] = entry
    return dict(sorted(found.items()))


def metrics(root):
    """Metrics of the tables: a cumulative count or duration, or what it is now."""
    text = (root / "docs/user_guide/metrics.md").read_text()
    found = {}
    for row in [line for line in text.splitlines() if line.startswith("|") and "`nv_" in line]:
        name = re.search(r"`(nv_[a-z_]+)`", row).group(1)
        granularity = re.search(r"\|\s*Per (GPU|model|server)?", row, re.I)
        kind = "histogram" if "histogram" in name else "summary" if "summary" in name else None
        gauge = re.search(r"pending|utilization|_bytes|power|_rate", name)
        found[name] = {
            "type": kind or ("gauge" if gauge else "counter"),
            "per": ((granularity and granularity.group(1)) or "server").lower(),
        }
    return dict(sorted(found.items()))


def main(arguments):
    if len(arguments) != 1:
        sys.exit("usage: read-triton-source.py CHECKOUT")
    root = pathlib.Path(arguments[0])
    print(json.dumps({"options": options(root), "openaiFrontEnd": front_end(root), "metrics": metrics(root)}))


if __name__ == "__main__":
    main(sys.argv[1:])
