"""Environment variables, methods of quantisation and the names of parsers."""

import ast

from vllm_flags import shown
from wheel import value_of, words_of


def environment(wheel):
    """Variables of envs.py: the type and default that it declares for checkers, or null where it declares none."""
    tree = wheel.tree("vllm/envs.py")
    declared = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    declared[item.target.id] = {"type": ast.unparse(item.annotation), **shown(item.value)}
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if (
                isinstance(target, ast.Name)
                and target.id == "environment_variables"
                and isinstance(node.value, ast.Dict)
            ):
                names |= {key.value for key in node.value.keys if isinstance(key, ast.Constant)}
    return {name: declared.get(name) for name in sorted(names)}


def quantisation(wheel, names):
    """Methods of `--quantization` with the least compute capability times ten; null where the code gives none."""
    folder = "vllm/model_executor/layers/quantization/"
    classes = {}
    for path in wheel.under(folder):
        for node in wheel.tree(path).body:
            if isinstance(node, ast.ClassDef):
                least = next(
                    (
                        item
                        for item in node.body
                        if isinstance(item, ast.FunctionDef) and item.name == "get_min_capability"
                    ),
                    None,
                )
                returned = (
                    [value_of(item.value) for item in ast.walk(least) if isinstance(item, ast.Return)] if least else []
                )
                classes[node.name] = (
                    returned[0] if len(returned) == 1 and isinstance(returned[0], int) else None,
                    [ast.unparse(base) for base in node.bases],
                )

    def least_of(name, depth=0):
        least, bases = classes.get(name, (None, []))
        return (
            least
            if least is not None or depth > 4
            else next((value for value in (least_of(base, depth + 1) for base in bases) if value is not None), None)
        )

    table = {}
    for node in ast.walk(wheel.tree(folder + "__init__.py")):
        target = (
            node.target
            if isinstance(node, ast.AnnAssign)
            else node.targets[0] if isinstance(node, ast.Assign) else None
        )
        if isinstance(target, ast.Name) and target.id == "method_to_config" and isinstance(node.value, ast.Dict):
            table = {
                key.value: ast.unparse(value)
                for key, value in zip(node.value.keys, node.value.values)
                if isinstance(key, ast.Constant)
            }
    methods = words_of(ast.Name(id="QuantizationMethods"), names)
    return {method: least_of(table.get(method, "")) for method in methods}


def parsers(wheel, *folders):
    """Names that parsers are registered under: a table in newer versions, a decorator in older ones."""
    found = set()
    for path in [path for folder in folders for path in wheel.under(folder)]:
        for node in ast.walk(wheel.tree(path)):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and node.targets[0].id.endswith("PARSERS_TO_REGISTER")
                and isinstance(node.value, ast.Dict)
            ):
                found |= {key.value for key in node.value.keys if isinstance(key, ast.Constant)}
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("register_module"):
                for argument in node.args:
                    names = value_of(argument)
                    found |= set([names] if isinstance(names, str) else names if isinstance(names, list) else [])
    return sorted(found)
