"""The Python files of a wheel, and the values and types that their text spells out. Nothing is run or imported."""

import ast
import re
import zipfile

UNKNOWN = object()


class Wheel:
    """The parsed Python files of a wheel, by path."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        self.paths = [name for name in self.zip.namelist() if name.startswith("vllm/") and name.endswith(".py")]
        self.trees = {}
        info = next(name for name in self.zip.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = self.zip.read(info).decode()
        self.version = re.search(r"^Version: (.*)$", metadata, re.M).group(1).split("+")[0]
        stamp = self.zip.getinfo("vllm/version.py").date_time
        self.date = "%04d-%02d-%02d" % stamp[:3]

    def text(self, path):
        return self.zip.read(path).decode()

    def tree(self, path):
        if path not in self.trees:
            self.trees[path] = ast.parse(self.text(path))
        return self.trees[path]

    def first(self, *paths):
        """The first of several paths that this version has: files move."""
        return next(path for path in paths if path in self.paths)

    def under(self, folder):
        return [path for path in self.paths if path.startswith(folder)]


def value_of(node, names=None):
    """The value of a literal expression, UNKNOWN for every other."""
    names = names or {}
    if node is None:
        return None
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        pass
    if isinstance(node, ast.Name):
        return names.get(node.id, UNKNOWN)
    if isinstance(node, ast.BinOp):
        left, right = value_of(node.left, names), value_of(node.right, names)
        if UNKNOWN in (left, right) or type(left) is not type(right):
            return UNKNOWN
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Mult):
            return left * right
    return UNKNOWN


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def literals(wheel):
    """Names of `Literal[...]` types anywhere in the wheel's configuration, with their words."""
    sources = {}
    folders = (
        "vllm/config",
        "vllm/model_executor/layers/quantization",
        "vllm/transformers_utils",
        "vllm/v1",
        "vllm/entrypoints",
        "vllm/tokenizers",
        "vllm/tool_parsers",
        "vllm/distributed",
        "vllm/model_executor/model_loader",
        "vllm/lora",
        "vllm/utils",
        "vllm/engine",
    )
    for folder in folders:
        for path in wheel.under(folder):
            if "Literal[" not in wheel.text(path):
                continue
            for node in wheel.tree(path).body:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    sources.setdefault(node.targets[0].id, node.value)
                elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                    sources.setdefault(node.target.id, node.value)
    return sources


def words_of(node, names, depth=0):
    """The words of a `Literal` type, through names and unions; empty for what is none."""
    if depth > 6:
        return []
    if isinstance(node, ast.Name):
        return words_of(names[node.id], names, depth + 1) if node.id in names else []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return words_of(node.left, names, depth + 1) + words_of(node.right, names, depth + 1)
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) in ("Literal", "typing.Literal"):
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return [
            word
            for item in items
            for word in ([item.value] if isinstance(item, ast.Constant) else words_of(item, names, depth + 1))
        ]
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Optional":
        return words_of(node.slice, names, depth + 1)
    return []
