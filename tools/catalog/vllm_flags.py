"""Flags of `vllm serve`: of the engine, from the fields of its configuration, and of the server."""

import ast
import re

from wheel import UNKNOWN, plain, value_of, words_of


def shown(node):
    """The default that a field's right-hand side gives: a value, or an expression's text."""
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        words = {keyword.arg: keyword.value for keyword in node.keywords}
        if called in ("Field", "field"):
            if "default" in words:
                return shown(words["default"])
            if "default_factory" in words:
                return factory(words["default_factory"])
            if node.args:
                return shown(node.args[0])
            return {"default": None}
    if node is not None and isinstance(node, ast.Constant) and node.value is ...:
        return {"default": None}
    if node is not None and ast.unparse(node) == "argparse.SUPPRESS":
        return {"default": None}
    value = value_of(node)
    return (
        {"default": plain(value)}
        if value is not UNKNOWN
        else {"computedDefault": re.sub(r"\s+", " ", ast.unparse(node))}
    )


def factory(node):
    """The default that a factory makes: list and dict make empty ones, a lambda its body, a class its instance."""
    if isinstance(node, ast.Lambda):
        return shown(node.body)
    name = ast.unparse(node)
    return (
        {"default": {"list": [], "dict": {}, "set": []}[name]}
        if name in ("list", "dict", "set")
        else {"computedDefault": name + "()"}
    )


HUMAN_INTEGERS = {
    "max_model_len",
    "max_num_batched_tokens",
    "max_num_scheduled_tokens",
    "kv_cache_memory_bytes",
    "safetensors_prefetch_block_size",
    "max_num_queued_tokens",
}


def kind_of(name, annotation, names):
    """What a flag takes, as vLLM's `get_kwargs` decides it from the annotation of the field."""
    text = ast.unparse(annotation) if annotation is not None else ""
    parts = {part.strip() for part in re.split(r"[|,\[\]]", text)}
    words = words_of(annotation, names) if annotation is not None else []
    if "bool" in parts and not words and not (parts & {"str", "Literal"}):
        return "switch", []
    if words:
        return ("list" if re.match(r"(list|tuple|set)\[", text) else "choice" if "str" not in parts else "text"), words
    if re.search(r"\b(list|tuple|set|List)\[", text):
        return "list", []
    if "int" in parts:
        return ("size" if name in HUMAN_INTEGERS else "integer"), []
    if "float" in parts:
        return "number", []
    if re.search(r"\bdict\b|\bDict\b|Config\b", text):
        return "json", []
    return "text", []


def fields_of(tree, class_name):
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            return node, {
                item.target.id: item
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            }
    return None, {}


def config_classes(wheel):
    """Every dataclass of the configuration: class name to its annotated fields, bases included."""
    classes, bases = {}, {}
    for path in wheel.under("vllm/config"):
        for node in wheel.tree(path).body:
            if isinstance(node, ast.ClassDef):
                classes[node.name] = {
                    item.target.id: item
                    for item in node.body
                    if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
                }
                bases[node.name] = [ast.unparse(base) for base in node.bases]
    return {
        name: {key: field for base in bases[name] for key, field in classes.get(base, {}).items()} | own
        for name, own in classes.items()
    }


def flag_entry(name, annotation, default, names):
    kind, words = kind_of(name, annotation, names)
    entry = {"type": kind}
    entry.update(default)
    if words:
        entry["choices"] = [word for word in words if word is not None]
    return entry


def engine_flags(wheel, names):
    """Flags that `add_cli_args` of the engine's arguments adds, from the configuration's fields or written out."""
    tree = wheel.tree("vllm/engine/arg_utils.py")
    classes = config_classes(wheel)
    engine = fields_of(tree, "EngineArgs")[1] | fields_of(tree, "AsyncEngineArgs")[1]
    flags = {}
    for function in [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "add_cli_args"
    ]:
        sources, named = {}, {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                if is_get_kwargs(node.value):
                    sources[node.targets[0].id] = classes.get(ast.unparse(node.value.args[0]), {})
                elif isinstance(node.value, ast.Subscript):
                    named[node.targets[0].id] = node.value
        for call in [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument"
        ]:
            options = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
            spread = next((word.value for word in call.keywords if word.arg is None), None)
            spread = named.get(spread.id) if isinstance(spread, ast.Name) else spread
            entry = spread_entry(spread, sources, classes, names) if spread is not None else written_entry(call, engine)
            for option in options:
                if option.startswith("--"):
                    flags[option] = {
                        **entry,
                        **({"aliases": [o for o in options if o != option]} if len(options) > 1 else {}),
                    }
    return flags


def is_get_kwargs(node):
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "get_kwargs"


def spread_entry(spread, sources, classes, names):
    """A flag whose definition is a field of a configuration class: `**model_kwargs["dtype"]`, with words set over it."""
    node, own = spread, {}
    if isinstance(node, ast.Dict):
        own = {key.value: word for key, word in zip(node.keys, node.values) if isinstance(key, ast.Constant)}
        node = next(word for key, word in zip(node.keys, node.values) if key is None)
    field_name = node.slice.value
    source = (
        classes.get(ast.unparse(node.value.args[0]), {})
        if is_get_kwargs(node.value)
        else sources.get(ast.unparse(node.value), {})
    )
    field = source.get(field_name)
    if field is None:
        raise SystemExit(
            f"{ast.unparse(node)} is no field of the configuration: this version builds its flags otherwise"
        )
    entry = flag_entry(field_name, field.annotation, shown(field.value), names)
    if "default" in own:
        entry.pop("default", None)
        entry.pop("computedDefault", None)
        entry.update(shown(own["default"]))
    return entry


def written_entry(call, engine):
    """A flag that is written out: `add_argument("--x", type=int, default=None)`."""
    words = {keyword.arg: keyword.value for keyword in call.keywords}
    action = ast.unparse(words["action"]).strip("'\"") if "action" in words else ""
    text = ast.unparse(words["type"]) if "type" in words else ""
    kind = (
        "switch"
        if "store_true" in action or "BooleanOptional" in action
        else {"int": "integer", "float": "number"}.get(text, "json" if "json" in text else "text")
    )
    if "nargs" in words and ast.unparse(words["nargs"]).strip("'\"") in ("+", "*"):
        kind = "list"
    default = words.get("default")
    if isinstance(default, ast.Attribute) and default.attr in engine:
        default = engine[default.attr].value
    entry = {"type": kind, **({"default": False} if kind == "switch" and default is None else shown(default))}
    choices = value_of(words.get("choices")) if "choices" in words else UNKNOWN
    if choices is not UNKNOWN and choices:
        entry["choices"] = plain(choices)
    return entry


def server_flags(wheel, names):
    """The server's own flags: the fields of `FrontendArgs` with its base, and what `make_arg_parser` adds."""
    path = wheel.first("vllm/entrypoints/launchers/cli_args.py", "vllm/entrypoints/openai/cli_args.py")
    tree = wheel.tree(path)
    constants = {}
    for other in [p for p in wheel.paths if p.endswith("constants.py") and p.startswith("vllm/entrypoints")]:
        for node in wheel.tree(other).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                constants[node.targets[0].id] = value_of(node.value)
    flags = {}
    for name in ("BaseFrontendArgs", "FrontendArgs"):
        for key, field in fields_of(tree, name)[1].items():
            entry = flag_entry(key, field.annotation, shown(field.value), names)
            constant = constants.get(entry.get("computedDefault"), UNKNOWN)
            if constant is not UNKNOWN:
                entry.pop("computedDefault")
                entry["default"] = plain(constant)
            flags["--" + key.replace("_", "-")] = entry
    for function in [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "make_arg_parser"
    ]:
        for call in [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument"
        ]:
            options = [
                argument.value
                for argument in call.args
                if isinstance(argument, ast.Constant) and str(argument.value).startswith("-")
            ]
            for option in [option for option in options if option.startswith("--")]:
                short = [other for other in options if other != option]
                flags[option] = {**written_entry(call, {}), **({"aliases": short} if short else {})}
    return flags
