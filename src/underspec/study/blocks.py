"""Which blocks a study has, which are missing, and running those."""

from collections.abc import Sequence

from underspec.core.errors import StudyError, UnderspecError
from underspec.core.events import Events
from underspec.core.records import Variant
from underspec.core.store import Store
from underspec.run import Runner
from underspec.study import layout
from underspec.study.block import Block, BlockDone, BlockWork, read_done
from underspec.study.probing import ProbeRow

__all__ = ["Done", "cut", "find_done", "missing", "run_blocks"]

Done = dict[str, BlockDone]
"""Block id to what it has committed."""


def find_done(store: Store) -> Done:
    """Return all committed blocks."""
    found = {}
    for block in store.names("blocks"):
        done = read_done(store, block)
        if done is not None:
            found[block] = done
    return found


def cut(variants: Sequence[Variant], done: Done, slots: int) -> list[Block]:
    """Return the blocks that hold these variants; committed ones are never cut again.

    Args:
        variants: all variants asked for.
        done: committed blocks.
        slots: how many blocks run at once, to size new ones.
    """
    by_id = {v.id: v for v in variants}
    blocks = []
    taken: set[str] = set()
    for block, record in sorted(done.items()):
        own = [
            by_id.get(v) or Variant(v, row["seeds"], row["values"])
            for v, row in record.variants.items()
        ]
        taken.update(v.id for v in own)
        if any(v.id in by_id for v in own):
            blocks.append(Block(block, tuple(own), done=True))
    left = [v for v in variants if v.id not in taken]
    # Small blocks lose little when a process dies; large ones save files when variants are many.
    size = min(16, max(1, len(left) // (slots * 16)))
    number = max((int(block[1:]) for block in done), default=-1) + 1
    for offset in range(0, len(left), size):
        blocks.append(Block(layout.block_id(number), tuple(left[offset : offset + size])))
        number += 1
    return blocks


def missing(blocks: Sequence[Block], done: Done, probes: Sequence[ProbeRow]) -> list[Block]:
    """Return the blocks that are not trained or lack a probe."""
    wanted = {row.key for row in probes}
    return [
        block
        for block in blocks
        if not block.done or (not wanted <= set(done[block.id].probes) and done[block.id].trained())
    ]


def run_blocks(work: BlockWork, blocks: Sequence[Block], runner: Runner, events: Events) -> Done:
    """Run blocks and return what they committed.

    Raises:
        StudyError: a block could not be finished; the others are, and stay.
        UsageError: likewise, where what stopped it is the user's to mend.
    """
    finished: Done = {}
    errors: list[tuple[Block, Exception]] = []
    for outcome in runner.map(work, blocks):
        block: Block = outcome.block
        if outcome.error is not None:
            errors.append((block, outcome.error))
            events.say("block_failed", block=block.id, reason=str(outcome.error))
            if isinstance(outcome.error, UnderspecError):
                break
            continue
        done: BlockDone = outcome.result
        finished[block.id] = done
        for variant, row in done.variants.items():
            if row["status"] == "failed" and not block.done:
                events.say("variant_failed", variant=variant, reason=row["error"])
        events.say(
            "block_done",
            block=block.id,
            variants=list(done.variants),
            seconds=round(sum(row["seconds"] or 0.0 for row in done.variants.values()), 2),
            done=len(finished),
            of=len(blocks),
        )
    if errors:
        block, error = errors[0]
        if isinstance(error, UnderspecError) and not isinstance(error, StudyError):
            raise error
        raise StudyError(
            f"{len(errors)} of {len(blocks)} blocks could not be finished; block {block.id} "
            f"({', '.join(v.id for v in block.variants)}) stopped with: {_words(error)} "
            "What is finished is kept; run the same command to go on."
        ) from error
    return finished


def _words(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return (
        text[0]
        if isinstance(error, UnderspecError) and text
        else f"{type(error).__name__}: {error}"
    )
