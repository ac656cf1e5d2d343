"""Whether data and trainer are for the task, asked before anything is trained."""

from underspec.core.errors import UsageError
from underspec.core.records import Data, Task
from underspec.train._protocol import Tasked, Trainer

__all__ = ["data_suits", "trainer_suits"]


def data_suits(data: Data, task: Task) -> None:
    """Refuse targets where classes are asked for, and the reverse.

    Raises:
        UsageError: they do not suit.
    """
    if data.regression and task != "regression":
        raise UsageError(
            f"The task is {task}, but the labels are numbers to predict. Say task: regression."
        )
    if not data.regression and task == "regression":
        raise UsageError(
            "The task is regression, but the labels are classes. Read the numbers to predict as targets: "
            "target: <column> in a study file, underspec.data.of(inputs, targets=...) in Python."
        )


def trainer_suits(trainer: Trainer, task: Task) -> None:
    """Refuse a trainer that is not for the task; one that does not say is for classes.

    Raises:
        UsageError: it is not.
    """
    suited = trainer.tasks if isinstance(trainer, Tasked) else ("binary", "classification")
    if task not in suited:
        wanted = "a regressor" if task == "regression" else "a classifier"
        raise UsageError(
            f"The trainer {type(trainer).__name__}, as it is set, is for {' and '.join(suited)}, but the task is "
            f"{task}. Use another one, such as sklearn with {wanted}."
        )
