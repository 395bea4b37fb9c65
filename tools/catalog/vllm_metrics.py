"""Prometheus metrics of vLLM."""

import ast
import re

from wheel import UNKNOWN, plain, value_of


def assigned(body, names):
    """Literal values that assignments of a body give to names, on top of those that are known."""
    known = dict(names)
    for item in ast.walk(body):
        value = item.value if isinstance(item, (ast.Assign, ast.AnnAssign)) else None
        target = item.targets[0] if isinstance(item, ast.Assign) else getattr(item, "target", None)
        if value is not None and isinstance(target, ast.Name):
            if (
                isinstance(value, ast.Call)
                and ast.unparse(value.func) == "histogram_buckets"
                and isinstance(value.args[0], ast.Constant)
            ):
                known[target.id] = known.get(value.args[0].value.upper() + "_BUCKETS", UNKNOWN)
            else:
                known[target.id] = value_of(value, known)
    return known


METRIC_CLASSES = re.compile(r"(gauge|counter|histogram)", re.I)
METRIC_NAME = re.compile(r"^vllm:[a-z0-9_]+$")


def metric_calls(function):
    """Calls in a function that make a metric: the call, its words, its kind and what it gives as name."""
    for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
        kind = METRIC_CLASSES.search(ast.unparse(call.func).split(".")[-1])
        words = {keyword.arg: keyword.value for keyword in call.keywords}
        name = words.get("name", call.args[0] if call.args else None)
        if kind and name is not None:
            yield words, kind.group(1).lower(), name


def metrics(wheel):
    """Prometheus metrics by name; labels and buckets where the code spells them out. Those whose class is chosen at
    run time (offloading of the KV cache to other tiers) are not found."""
    path = "vllm/v1/metrics/buckets.py"
    families = assigned(wheel.tree(path), {}) if path in wheel.paths else {}
    found = {}
    for path in wheel.paths:
        if '"vllm:' not in wheel.text(path) or "/benchmarks/" in path:
            continue
        tree = wheel.tree(path)
        outside = {
            node.targets[0].id: value_of(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            names = assigned(function, {**families, **outside})
            dynamic = {
                kind for words, kind, name in metric_calls(function) if not isinstance(value_of(name, outside), str)
            }
            for words, kind, name in metric_calls(function):
                text = value_of(name, outside)
                if isinstance(text, str) and METRIC_NAME.match(text):
                    entry = found.setdefault(text, {"type": kind})
                    for key, word in (("labels", "labelnames"), ("buckets", "buckets")):
                        value = value_of(words.get(word), names)
                        if value is not UNKNOWN and value and key not in entry:
                            entry[key] = plain(value)
            if len(dynamic) == 1:
                for node in ast.walk(function):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str) and METRIC_NAME.match(node.value):
                        found.setdefault(node.value, {"type": next(iter(dynamic))})
    return found
