"""The description of the programs' doors: each route says what it takes and gives where it is written."""

from webmap.openapi.operations import Answer, Body, Operation, Param, described

__all__ = ["Answer", "Body", "Operation", "Param", "described"]
