"""Tables of a command, as all of them look."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def figures_table(*columns: str, left: int = 1) -> Table:
    """Return an empty table without frame: the first ``left`` columns are for words, the others for figures."""
    from rich.table import Table  # takes longer than all of `hingecoach --version`'s own modules together

    table = Table(*columns, box=None, pad_edge=False)
    for column in table.columns[left:]:
        column.justify = "right"
    return table


def print_table(console: Console, title: str, table: Table) -> None:
    """Print a table under its title, nothing where it has no rows."""
    if table.row_count:
        console.print(f"\n[bold]{title}[/bold]", soft_wrap=True)
        console.print(table)
