"""Reads an expression and prints its value."""
import ast
import operator
import sys

OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def value(node):
    if isinstance(node, ast.Constant):
        return node.value
    return OPERATIONS[type(node.op)](value(node.left), value(node.right))


print(value(ast.parse(sys.stdin.read().strip(), mode="eval").body))
