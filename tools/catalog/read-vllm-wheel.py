"""Reads what vLLM's command line and metrics are out of its wheel, for catalog/data/.

A wheel is a zip of Python files. They are parsed, never run or imported, so neither vLLM nor PyTorch has to be
installed, and a wheel that was not trusted could do nothing. Python, because the wheel is; only its own library.

    pip download --no-deps vllm==0.31.0      (and the older ones: 0.18.0 0.24.0 0.28.0 0.29.0 0.30.0)
    python3 tools/catalog/read-vllm-wheel.py full vllm-0.31.0-*.whl > catalog/data/vllm-0.31.0.json
    python3 tools/catalog/read-vllm-wheel.py changes vllm-0.18.0-*.whl ... vllm-0.31.0-*.whl > catalog/data/vllm-changes.json
    npx prettier --write catalog/data/vllm-*.json

`full` writes one version; `changes` takes wheels from the oldest to the newest and writes what each step changed,
with the old definitions, so that catalog/engine-flags.ts can walk back from the newest. Format the result with
prettier, read the difference in review, and commit it.

What it reads: flags of `EngineArgs`, `AsyncEngineArgs` and the server's own arguments with type, default and choices;
Prometheus metrics with type, labels and buckets; environment variables; quantisation methods with the least compute
capability; tool and reasoning parsers; methods of speculation. A default that is an expression is kept as its text.
"""

import ast
import json
import sys

sys.dont_write_bytecode = True

from vllm_flags import engine_flags, server_flags
from vllm_metrics import metrics
from vllm_words import environment, parsers, quantisation
from wheel import Wheel, literals, words_of


def read(path):
    wheel = Wheel(path)
    names = literals(wheel)
    return {
        "version": wheel.version,
        "date": wheel.date,
        "flags": dict(sorted((engine_flags(wheel, names) | server_flags(wheel, names)).items())),
        "metrics": dict(sorted(metrics(wheel).items())),
        "environment": environment(wheel),
        "quantization": quantisation(wheel, names),
        "toolParsers": parsers(wheel, "vllm/tool_parsers/", "vllm/entrypoints/openai/tool_parsers/"),
        "reasoningParsers": parsers(wheel, "vllm/reasoning/"),
        "speculativeMethods": sorted(set(words_of(ast.Name(id="SpeculativeMethod"), names))),
    }


def change(old, new):
    """How to get from new back to old: names that came, and old definitions of what went or became another."""
    went = {name: old[name] for name in old if name not in new}
    other = {name: old[name] for name in old if name in new and old[name] != new[name]}
    return {"added": sorted(name for name in new if name not in old), "removed": went, "before": other}


def changes(versions):
    steps = []
    for old, new in zip(versions, versions[1:]):
        listed = ("toolParsers", "reasoningParsers", "speculativeMethods")
        step = {"from": old["version"], "to": new["version"], "date": old["date"]}
        step.update(
            {part: change(old[part], new[part]) for part in ("flags", "metrics", "environment", "quantization")}
        )
        step.update(
            {
                part: {
                    "added": sorted(set(new[part]) - set(old[part])),
                    "removed": sorted(set(old[part]) - set(new[part])),
                }
                for part in listed
            }
        )
        steps.append(step)
    return {"steps": steps}


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("full", "changes"):
        sys.exit("usage: read-vllm-wheel.py full WHEEL | changes OLDEST_WHEEL ... NEWEST_WHEEL")
    result = read(arguments[1]) if arguments[0] == "full" else changes([read(path) for path in arguments[1:]])
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
