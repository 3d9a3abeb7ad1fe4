"""The cells of a notebook, run in this very process as a kernel runs them.

papermill hands a notebook with its parameters to `Engine`, which runs each cell in an
IPython shell and keeps what it shows just as nbclient keeps what a kernel sends. A cell
that fails ends the notebook.

Not here: processes and limits of time (workers), which notebooks there are (run).
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.session import json_packer, json_unpacker
from nbformat.notebooknode import from_dict
from nbformat.v4 import new_output
from papermill.engines import Engine as PapermillEngine
from papermill.engines import papermill_engines
from traitlets.config import Config

from cxlab.errors import RunFailed

NAME = "cxlab"
# A chapter of the demo shows 0.5 MB; more than this is a mistake, or would fill the memory.
MOST_SHOWN = 50_000_000


class Engine(PapermillEngine):
    """Runs the cells here, telling the number of each before it runs."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, tell: Callable[[int], None], **more: Any
    ) -> None:
        """Called by papermill, which wants what a cell shows in the cell."""
        shell = Shell.started()
        for index, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            tell(index + 1)
            nb_man.cell_start(cell, index)
            fine = shell.run(cell)
            if not fine:
                nb_man.cell_exception(cell, index)
            nb_man.cell_complete(cell, index)
            if not fine:
                return


papermill_engines.register(NAME, Engine)


class Outputs:
    """What the cell that runs now has shown so far, in order."""

    def __init__(self) -> None:
        self.there: list[Any] = []
        # Output of a stream → the pieces of its text: joined once, however many there are.
        self._pieces: list[tuple[Any, list[str]]] = []
        self._ids: dict[str, list[Any]] = {}
        self._shown = 0
        self._clear = False

    def start(self) -> list[Any]:
        """A new list for the next cell."""
        self.there, self._pieces, self._clear = [], [], False
        return self.there

    def finish(self) -> None:
        """Put the printed text together."""
        for output, pieces in self._pieces:
            output.text = "".join(pieces)

    def show(self, kind: str, data: Any, metadata: Any, **more: Any) -> Any:
        """Add a display or a result. Raises RunFailed when a notebook shows too much."""
        packed = json_packer({"data": data, "metadata": metadata or {}})
        self._count(len(packed))
        output = new_output(kind, **json_unpacker(packed), **more)
        self._add(output)
        return output

    def display(self, data: Any, metadata: Any, *, name: str | None, update: bool) -> None:
        """Add a display, or change those that were shown under its name."""
        if not update:
            output = self.show("display_data", data, metadata)
            if name is not None:
                self._ids.setdefault(name, []).append(output)
            return
        packed = json_packer({"data": data, "metadata": metadata or {}})
        self._count(len(packed))
        for output in self._ids.get(str(name), []):
            output.update(from_dict(json_unpacker(packed)))

    def write(self, name: str, text: str) -> None:
        """Add printed text, to what the same stream wrote since something was displayed."""
        self._count(len(text))
        if self._clear:
            self.clear(wait=False)
        for last in reversed(self.there):
            if last.output_type != "stream":
                break
            if last.name == name:
                next(pieces for output, pieces in self._pieces if output is last).append(text)
                return
        output = new_output("stream", name=name)
        self._pieces.append((output, [text]))
        self._add(output)

    def fail(self, name: str, says: str) -> None:
        """Add an error."""
        self._add(new_output("error", ename=name, evalue=says, traceback=[]))

    def clear(self, *, wait: bool) -> None:
        """Take back what the cell has shown, at once or when there is something else."""
        self._clear = wait
        if not wait:
            self.there.clear()

    @property
    def too_many(self) -> bool:
        """Whether the notebook has shown more than it may."""
        return self._shown > MOST_SHOWN

    def _count(self, more: int) -> None:
        self._shown += more
        if self.too_many:
            raise RunFailed(f"the cells may show {MOST_SHOWN // 1_000_000} MB in all, not more.")

    def _add(self, output: Any) -> None:
        if self._clear:
            self.clear(wait=False)
        self.there.append(output)


class Shell(InteractiveShell):
    """The shell a kernel has, with outputs kept here instead of sent."""

    def __init__(self, **more: Any) -> None:
        self.outputs = Outputs()
        super().__init__(**more)

    @classmethod
    def started(cls) -> Shell:
        """The one shell of this process; what a user has set up for IPython is no part of it."""
        # Without a history nothing is written into the home of whoever runs the report; how
        # an error came about takes seconds to set out, and no page shows it.
        config = Config({"HistoryManager": {"enabled": False}, "Shell": {"xmode": "Minimal"}})
        shell: Shell = cls.instance(config=config, ipython_dir=str(Path.cwd() / ".ipython"))
        sys.stdout, sys.stderr = Stream("stdout", shell.outputs), Stream("stderr", shell.outputs)
        return shell

    def run(self, cell: Any) -> bool:
        """Run one cell and leave its outputs in it; whether it ran to its end."""
        cell.outputs = outputs = self.outputs.start()
        cell.execution_count = self.execution_count
        result = self.run_cell(cell.source, store_history=True)
        self.outputs.finish()
        failed = any(output.output_type == "error" for output in outputs)
        if not failed and (self.outputs.too_many or not result.success):
            reason = result.error_before_exec or result.error_in_exec
            name = RunFailed if self.outputs.too_many else type(reason)
            self.outputs.fail(name.__name__, "the cells show too much.")
            failed = True
        return not failed

    def init_displayhook(self) -> None:
        """The result of a cell goes to the outputs."""
        self.displayhook_class = Results
        super().init_displayhook()

    def init_display_pub(self) -> None:
        """What a cell displays goes to the outputs."""
        self.display_pub = Displays(self, parent=self)

    def ask_exit(self) -> None:
        """What `exit` and `quit` call: to leave early is to fail."""
        raise SystemExit(0)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.outputs.fail(str(etype.__name__), str(evalue))


class Results(DisplayHook):
    """The value of a cell's last line, as an output."""

    def write_output_prompt(self) -> None:
        """A page has no prompts."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Keep the result in every form it has."""
        shell: Any = self.shell
        count = self.prompt_count
        shell.outputs.show("execute_result", format_dict, md_dict, execution_count=count)

    def finish_displayhook(self) -> None:
        """Nothing to end."""


class Displays(DisplayPublisher):
    """What a cell displays, as an output."""

    def publish(  # type: ignore[override]
        self, data: Any, metadata: Any = None, *, transient: Any = None, **more: Any
    ) -> None:
        """Keep a display, or change an earlier one."""
        name, update = (transient or {}).get("display_id"), bool(more.get("update"))
        shell: Any = self.shell
        shell.outputs.display(data, metadata, name=name, update=update)

    def clear_output(self, wait: bool = False) -> None:
        """Take back what the cell has shown."""
        shell: Any = self.shell
        shell.outputs.clear(wait=wait)


class Stream(io.TextIOBase):
    """Printed text, as an output."""

    def __init__(self, name: str, outputs: Outputs) -> None:
        self.name = name
        self._outputs = outputs

    encoding = "UTF-8"

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Keep the text; raises RunFailed when a notebook shows too much."""
        if text:
            self._outputs.write(self.name, text)
        return len(text)
