"""A sound backend, and one broken in each way that the suite for backends looks for."""

from __future__ import annotations

import itertools
import math
import random
import threading

from pydantic import ConfigDict, Field

from packflow import BackendConfig, InferenceBackend
from packflow.exceptions import InferenceBackendRuntimeError
from tests.testing.mutants import Mutants, impure, meet_others


class LinearConfig(BackendConfig):
    weight: float = Field(default=2.0, description="What x is multiplied by.")


class Linear(InferenceBackend):
    """What an author of a model library's backend would write, in small."""

    base_config_model = LinearConfig

    def initialize(self):
        self.weights = [self.config.weight, 0.5]

    def transform_inputs(self, inputs):
        return [(row["id"], row["x"], row["at"]["y"]) for row in inputs]

    def execute(self, inputs):
        return [(name, self.weights[0] * x + self.weights[1] * y) for name, x, y in inputs]

    def transform_outputs(self, inputs):
        return [{"id": name, "score": score if score == score else None} for name, score in inputs]


mutants = Mutants()
breaking = mutants.breaking

# How it is declared and constructed ---------------------------------------------------------------------------------

mutants.add("test_it_loads", "NotInstalled", plugin="no-such-backend")
mutants.add("test_it_is_declared_in_metadata", "OnlyRegistered", plugin="registered-linear")
mutants.add("test_construction", "WronglyConfigured", config={"weight": "heavy"})


@breaking("test_it_loads")
class FromTheFuture(Linear):
    plugin_api_version = 99


@breaking("test_construction")
class FailingInitialize(Linear):
    def initialize(self):
        raise OSError("no weights")


class BareConfig(LinearConfig):
    offset: float = 0.0


@breaking("test_settings_are_documented")
class Undocumented(Linear):
    base_config_model = BareConfig


class MistakenConfig(LinearConfig):
    model_path: str = Field(description="What has no default is not looked at.")
    share: float = Field(default=50, ge=0, le=1, description="A share, and not a percentage.")


@breaking("test_defaults_are_valid", config={"model_path": "a"})
class MistakenDefault(Linear):
    base_config_model = MistakenConfig


class LooseConfig(LinearConfig):
    model_config = ConfigDict(extra="ignore")


@breaking("test_unknown_settings_are_refused")
class Loose(Linear):
    base_config_model = LooseConfig


def local_config():
    class LocalConfig(LinearConfig):
        pass

    return LocalConfig


@breaking("test_settings_survive_pickling")
class LocallyConfigured(Linear):
    base_config_model = local_config()


class ForgetfulConfig(LinearConfig):
    def __getstate__(self):
        state = super().__getstate__()
        return {**state, "__dict__": {**state["__dict__"], "feature_names": ["lost"]}}


@breaking("test_settings_survive_pickling")
class Forgetful(Linear):
    base_config_model = ForgetfulConfig


# What calls give ----------------------------------------------------------------------------------------------------


@breaking("test_many_records")
class Grouping(Linear):
    def transform_outputs(self, inputs):
        rows = super().transform_outputs(inputs)
        return rows[:1] if len(rows) > 1 else rows


@breaking("test_many_records")
class FailingOnMany(Linear):
    def execute(self, inputs):
        if len(inputs) > 1:
            raise ValueError("one at a time")
        return super().execute(inputs)


@breaking("test_one_row")
class Squeezing(Linear):
    def execute(self, inputs):
        if len(inputs) == 1:
            raise TypeError("iteration over a 0-d array")
        return super().execute(inputs)


@breaking("test_one_record")
class AlwaysLists(Linear):
    def __call__(self, inputs):
        return super().__call__([inputs] if isinstance(inputs, dict) else inputs)


@breaking("test_no_records")
class NeedsOne(Linear):
    def execute(self, inputs):
        assert max(x for _, x, _ in inputs) is not None
        return super().execute(inputs)


@breaking("test_rows_are_records")
class BareScores(Linear):
    def transform_outputs(self, inputs):
        return [score for _, score in inputs]


@breaking("test_outputs_are_json")
class GivingSets(Linear):
    def transform_outputs(self, inputs):
        return [{**row, "tags": {"high"}} for row in super().transform_outputs(inputs)]


@breaking("test_outputs_are_json")
class GivingNaN(Linear):
    def transform_outputs(self, inputs):
        return [{**row, "spread": math.nan} for row in super().transform_outputs(inputs)]


mutants.add("test_expected_outputs", "WronglyExpected", expected=[{"id": "a", "score": 4.5}, {}, {}])


@breaking("test_same_call_twice")
class Dropout(Linear):
    def execute(self, inputs):
        return [(name, score + random.random()) for name, score in super().execute(inputs)]


@breaking("test_same_call_twice")
class Counting(Linear):
    def initialize(self):
        super().initialize()
        self.calls = itertools.count()

    def transform_outputs(self, inputs):
        number = next(self.calls)
        return [{**row, "call": number} for row in super().transform_outputs(inputs)]


@breaking("test_rows_do_not_depend_on_the_batch")
class Standardizing(Linear):
    def execute(self, inputs):
        scores = super().execute(inputs)
        mean = sum(score for _, score in scores) / max(1, len(scores))
        return [(name, score - mean) for name, score in scores]


@breaking("test_order_is_kept")
class Sorting(Linear):
    def transform_outputs(self, inputs):
        return sorted(super().transform_outputs(inputs), key=lambda row: -(row["score"] or 0))


@breaking("test_order_of_fields_means_nothing")
class ByPosition(Linear):
    def transform_inputs(self, inputs):
        return [(row["id"], list(row.values())[1], row["at"]["y"]) for row in inputs]

    def execute(self, inputs):
        return super().execute([(name, x if isinstance(x, float) else 0.0, y) for name, x, y in inputs])


@breaking("test_metrics_after_a_call")
class CachedMetrics(Linear):
    def get_metrics(self):
        if not hasattr(self, "kept"):
            self.kept = super().get_metrics()
        return self.kept


@breaking("test_metrics_after_a_call")
class OwnCall(Linear):
    def get_metrics(self):
        raise AttributeError("_timings")


# What goes wrong ----------------------------------------------------------------------------------------------------


@breaking("test_missing_fields")
class CheckingFirst(Linear):
    def __call__(self, inputs):
        for row in [inputs] if isinstance(inputs, dict) else inputs:
            row["x"]
        return super().__call__(inputs)


@breaking("test_missing_fields")
class DroppingIncomplete(Linear):
    def transform_inputs(self, inputs):
        return super().transform_inputs([row for row in inputs if "x" in row])


@breaking("test_none")
class DroppingNone(Linear):
    def transform_inputs(self, inputs):
        return super().transform_inputs([row for row in inputs if row.get("x", 0) is not None])


@breaking("test_nan")
class DroppingNaN(Linear):
    def transform_outputs(self, inputs):
        return [row for row in super().transform_outputs(inputs) if row["score"] is not None]


@breaking("test_extra_fields")
class Unpacking(Linear):
    def __call__(self, inputs):
        for row in [inputs] if isinstance(inputs, dict) else inputs:
            self.known(**row)
        return super().__call__(inputs)

    @staticmethod
    def known(id=None, x=None, at=None, x2=None):  # noqa: A002 - the fields' names
        pass


@breaking("test_failing_step")
class Swallowing(Linear):
    def __call__(self, inputs):
        try:
            return super().__call__(inputs)
        except Exception as error:
            row = {"error": str(error)}
            return row if isinstance(inputs, dict) else [row for _ in inputs]


@breaking("test_failing_step")
class Renaming(Linear):
    def __call__(self, inputs):
        try:
            return super().__call__(inputs)
        except Exception as error:
            error.step = "inference"
            raise


@breaking("test_failing_step")
class Unwrapping(Linear):
    def __call__(self, inputs):
        try:
            return super().__call__(inputs)
        except InferenceBackendRuntimeError as error:
            raise error.__cause__ from None


@breaking("test_failing_step")
class Unchaining(Linear):
    def __call__(self, inputs):
        try:
            return super().__call__(inputs)
        except InferenceBackendRuntimeError as error:
            raise InferenceBackendRuntimeError(str(error), step=error.step) from None


@breaking("test_recovers_from_a_failure")
class StayingBroken(Linear):
    def __call__(self, inputs):
        try:
            return super().__call__(inputs)
        except Exception:
            self.dirty = True
            raise

    def transform_inputs(self, inputs):
        if hasattr(self, "dirty"):
            raise RuntimeError("still busy")
        return super().transform_inputs(inputs)


class PassingConfig(LinearConfig):
    input_format: str = Field(default="passthrough", description="The caller's own objects.")


@breaking("test_records_are_unchanged")
class Writing(Linear):
    base_config_model = PassingConfig

    def transform_inputs(self, inputs):
        for row in inputs:
            row["seen"] = True
        return super().transform_inputs(inputs)


@breaking("test_records_are_unchanged")
class WritingWhereItFails(Linear):
    base_config_model = PassingConfig

    def transform_inputs(self, inputs):
        for row in inputs:
            row["at"]["seen"] = True
        self_inputs = super().transform_inputs(inputs)
        return [(inputs, row) for row in self_inputs] or [(inputs, None)]

    def execute(self, inputs):
        given = inputs[0][0]
        scores = super().execute([row for _, row in inputs if row])
        for row in given:
            del row["at"]["seen"]
        return scores


# Among others -------------------------------------------------------------------------------------------------------


@breaking("test_many_threads")
class ThroughSelf(Linear):
    def transform_inputs(self, inputs):
        self.current = super().transform_inputs(inputs)
        meet_others()
        return self.current

    def execute(self, inputs):
        return super().execute(self.current)


@breaking("test_pickling")
class HoldingALambda(Linear):
    def initialize(self):
        super().initialize()
        self.activation = lambda score: score


@breaking("test_pickling")
class HoldingALock(Linear):
    def initialize(self):
        super().initialize()
        self.lock = threading.Lock()


@breaking("test_pickling")
class LosingWeights(Linear):
    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "weights"}


PREPARED = []


@breaking("test_worker_process")
class PreparedElsewhere(Linear):
    def initialize(self):
        super().initialize()
        PREPARED.append(True)

    def execute(self, inputs):
        if not PREPARED:
            raise RuntimeError("nobody has called initialize()")
        return super().execute(inputs)


@breaking("test_deepcopy")
class Uncopyable(Linear):
    def __deepcopy__(self, memo):
        raise TypeError("there is only one of me")


@breaking("test_instances_share_nothing")
class OneForAll(Linear):
    open = True

    def initialize(self):
        super().initialize()
        type(self).open = True

    def execute(self, inputs):
        if not self.open:
            raise RuntimeError("closed")
        return super().execute(inputs)

    def close(self):
        type(self).open = hasattr(self, "gone")
        self.gone = True


@breaking("test_closing_twice")
class ClosingOnce(Linear):
    def close(self):
        del self.weights


for impurity, check in impure.CHECKS.items():
    mutants.add(
        check,
        f"Impure{impurity.title().replace('_', '')}",
        plugin=f"impure-{impurity}-backend",
        config={},
        records=[{"n": 1}, {"n": 2}],
        picklable=False,
    )
