"""A sound preprocessor, and one broken in each way that the suite for preprocessors looks for."""

from __future__ import annotations

import itertools
import math
from copy import deepcopy

from packflow.backend.preprocessors import Preprocessor, get_preprocessor, map_records
from packflow.exceptions import PreprocessorInitError
from tests.testing.mutants import Mutants, impure, meet_others


class Doubled(Preprocessor):
    """Does what is configured as the built-in preprocessor does, and adds a field."""

    def prepare(self):
        self.configured = get_preprocessor(self.config.model_copy(update={"input_format": "records"}))

    def __call__(self, records):
        return map_records(self.double, self.configured(records))

    def double(self, record):
        return {**deepcopy(record), "doubled": 2 * record["x"]}


mutants = Mutants()
breaking = mutants.breaking

mutants.add("test_it_loads", "NotInstalled", plugin="no-such-preprocessor")
mutants.add("test_it_is_declared_in_metadata", "OnlyRegistered", plugin="registered-doubled")
mutants.add("test_expected_rows", "WronglyExpected", expected=[{}, {}, {}])


@breaking("test_it_loads")
class FromTheFuture(Doubled):
    plugin_api_version = 99


@breaking("test_construction")
class Refusing(Doubled):
    def prepare(self):
        raise PreprocessorInitError("it needs a vocabulary")


@breaking("test_many_records")
class Distinct(Doubled):
    def __call__(self, records):
        return super().__call__(records)[:2]


@breaking("test_many_records")
class ForgettingToReturn(Doubled):
    def __call__(self, records):
        super().__call__(records)


@breaking("test_no_records")
class NeedsOne(Doubled):
    def __call__(self, records):
        list(records[0])
        return super().__call__(records)


@breaking("test_same_call_twice")
class Counting(Doubled):
    def prepare(self):
        super().prepare()
        self.calls = itertools.count()

    def __call__(self, records):
        number = next(self.calls)
        return [{**row, "call": number} for row in super().__call__(records)]


@breaking("test_one_by_one")
class Padding(Doubled):
    def __call__(self, records):
        return [{**row, "longest": len(records)} for row in super().__call__(records)]


@breaking("test_the_constructor_does_the_work_once")
class PreparingEachTime(Doubled):
    def __call__(self, records):
        self.prepare()
        return super().__call__(records)


@breaking("test_input_format_finds_it")
class ClaimingToChangeNothing(Doubled):
    changes_nothing = True


def dropping(name, lost):
    def call(self, records):
        return Doubled.__call__(self, [row for row in records if not (isinstance(row, dict) and lost(row))])

    return type(name, (Doubled,), {"__call__": call, "__module__": __name__})


def add_dropping(check, name, lost):
    globals()[name] = breaking(check)(dropping(name, lost))


add_dropping("test_missing_fields", "DroppingIncomplete", lambda row: row.get("x") == 4.0 and "tags" not in row)
add_dropping("test_none", "DroppingNone", lambda row: row.get("x", 0) is None)
add_dropping("test_nan", "DroppingNaN", lambda row: isinstance(row.get("x"), float) and math.isnan(row["x"]))


@breaking("test_missing_fields")
class Exiting(Doubled):
    def double(self, record):
        if "x" not in record:
            raise SystemExit("no x")
        return super().double(record)


@breaking("test_extra_fields")
class DroppingUnknown(Doubled):
    def __call__(self, records):
        texts = [isinstance(row, dict) and row.get("packflow_extra_field") == "text" for row in records]
        return super().__call__([row for row, has_text in zip(records, texts, strict=True) if not has_text])


@breaking("test_order_of_fields_means_nothing")
class ByPosition(Doubled):
    def double(self, record):
        return {**super().double(record), "first": next(iter(record), None) == "tags"}


@breaking("test_errors_name_the_row")
class PlainLoop(Doubled):
    def __call__(self, records):
        for record in records:
            record.items()
        return super().__call__(records)


@breaking("test_records_are_unchanged")
class Writing(Doubled):
    def __call__(self, records):
        for record in records:
            if isinstance(record, dict):
                record.setdefault("seen", True)
        return super().__call__(records)


@breaking("test_records_are_unchanged")
class WritingWhereItFails(Doubled):
    def __call__(self, records):
        try:
            return super().__call__(records)
        except Exception:
            records[0]["failed"] = True
            raise


@breaking("test_result_is_its_own")
class Shallow(Doubled):
    def double(self, record):
        return {**record, "doubled": 2 * record["x"]}


def without(*settings):
    def prepare(self):
        defaults = {
            name: type(self.config).model_fields[name].get_default(call_default_factory=True) for name in settings
        }
        self.configured = get_preprocessor(self.config.model_copy(update={"input_format": "records", **defaults}))

    return prepare


@breaking("test_honours_rename_fields")
class NotRenaming(Doubled):
    prepare = without("rename_fields")


@breaking("test_honours_feature_names")
class NotSelecting(Doubled):
    prepare = without("feature_names")


@breaking("test_honours_flatten_nested_inputs")
class NotFlattening(Doubled):
    prepare = without("flatten_nested_inputs")


@breaking("test_many_threads")
class ThroughSelf(Doubled):
    def __call__(self, records):
        self.current = records
        meet_others()
        return super().__call__(self.current)


@breaking("test_pickling")
class Unpicklable(Doubled):
    def __deepcopy__(self, memo):
        return type(self)(self.config)

    def __reduce__(self):
        raise TypeError("cannot pickle the tokenizer")


@breaking("test_pickling")
class LosingSettings(Doubled):
    def __reduce__(self):
        return type(self), (type(self.config)(feature_names=["x"]),)


VOCABULARY = []


class PreparedElsewhere(Doubled):
    def double(self, record):
        return {**super().double(record), "known": bool(VOCABULARY)}


@breaking("test_deepcopy")
class Uncopyable(Doubled):
    def __deepcopy__(self, memo):
        raise TypeError("there is only one of me")


for impurity, check in impure.CHECKS.items():
    mutants.add(
        check,
        f"Impure{impurity.title()}",
        plugin=f"impure-{impurity}-preprocessor",
        records=[{"n": 1}, {"n": 2}],
        honours=set(),
        picklable=False,
    )
