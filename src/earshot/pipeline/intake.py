"""The chunks of one recording as they are cut: saved, and offered to whoever recognises them."""

from collections.abc import Callable

from earshot.pipeline.chunks import Chunk
from earshot.pipeline.planning import Planner
from earshot.pipeline.workspace import Workspace


class Intake:
    """Takes chunks while decoding goes on; call `take` with each, then `conclude`.

    What a run that broke off has left in the workspace is kept as it is, plan and chunks: some of
    them may have been recognised since. `earlier` has the cuts that must be made again for it.
    """

    def __init__(
        self,
        workspace: Workspace,
        planner: Planner,
        offer: Callable[[int], None],
        check: Callable[[], object],
    ) -> None:
        """`offer` is told the index of a chunk when that can be recognised.

        `check` is called after each chunk, and raises where nobody wants any more of them.
        """
        self._workspace = workspace
        self._planner = planner
        self._offer = offer
        self._check = check
        self.earlier = workspace.load_cuts()
        self._indexes = {place: index for index, place in enumerate(self.earlier)}
        self._waiting: list[int] = []
        self._has_saved_plan = False

    def take(self, chunk: Chunk) -> None:
        if not chunk.pcm.any():
            self._check()
            return  # a channel without a signal: nobody need look at it
        index = self._indexes.setdefault(chunk.place, len(self._indexes))
        if chunk.place not in self.earlier:
            self._workspace.save_chunk(index, chunk)
        self._check()
        self._waiting.append(index)
        if self._planner.hear(chunk) is not None:
            self._offer_waiting()

    def conclude(self) -> int:
        """The number of chunks, of which all have been offered."""
        self._planner.conclude()
        self._offer_waiting()
        return len(self._indexes)

    def _offer_waiting(self) -> None:
        # Nobody can recognise a chunk before there is a plan.
        if not self._has_saved_plan:
            self._workspace.save_plan(self._planner.conclude())
            self._has_saved_plan = True
        for index in self._waiting:
            self._offer(index)
        self._waiting.clear()
