"""Migrating: a program that uses linkedin-api-client, rewritten to use this package as far as that is mechanical.

    migration = migrate(source)
    migration.text                  the program as it is afterwards
    migration.diff("report.py")     the same as a unified diff
    migration.todos                 what is left to do, each a comment in the text

Nothing is guessed. What a name stands for is known where every place that binds it says so; where it is not, and it
matters, the program stays as it is and gets a comment. Comments and layout stay.

    counterparts   what stands where linkedin-api-client's names stood
    positions      the text of a program: places of syntax, edits, comments above statements
    meanings       what names and expressions of a program stand for
    imports        its imports, rewritten
    migration      all else; `migrate`
"""

from restli_core.migrating.migration import Migration, Todo, migrate

__all__ = ["Migration", "Todo", "migrate"]
