"""What a fitted estimator says of itself: what it takes, and what it can give. Nothing here runs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.utils.validation import check_is_fitted

from packflow.exceptions import InferenceBackendInitializationError
from packflow_sklearn.config import Output
from packflow_sklearn.steps import first_step, number_columns

METHODS: dict[Output, str] = {
    "prediction": "predict",
    "probabilities": "predict_proba",
    "decision": "decision_function",
}


@dataclass(frozen=True)
class Description:
    """What is known of a model without running it."""

    kind: str
    #: The names of the features in their order, where the model was fitted with names.
    feature_names: tuple[str, ...] | None
    #: How many features it was fitted on, where it says so.
    n_features: int | None
    #: The outputs that it has a method for.
    outputs: tuple[Output, ...]
    #: Its classes; a list of lists for several targets; None where it has none.
    classes: list[Any] | None
    #: Whether ``classes`` has a list for each of several targets.
    several_targets: bool
    #: Whether its first step reads text, or dicts.
    takes: str
    #: Whether it picks columns by name, which needs a DataFrame.
    needs_frame: bool
    #: The positions of the features of which it is known that they have to be numbers.
    numbers: frozenset[int]


def describe(model: Any, path: object) -> Description:
    """Describe a fitted estimator or pipeline.

    Raises:
        InferenceBackendInitializationError: it is no estimator, is not fitted, or cannot predict.
    """
    kind = type(model).__name__
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise InferenceBackendInitializationError(
            f"The {kind} in {str(path)!r} is not fitted. Call fit() before saving it."
        ) from error
    except TypeError as error:
        raise InferenceBackendInitializationError(
            f"The model file {str(path)!r} holds a {type(model).__module__}.{kind}; expected a fitted scikit-learn "
            "estimator or pipeline. Save the estimator itself."
        ) from error
    outputs = tuple(output for output, method in METHODS.items() if hasattr(model, method))
    if not outputs:
        raise InferenceBackendInitializationError(
            f"The {kind} in {str(path)!r} has none of {', '.join(METHODS.values())}, so there is nothing to run. Save "
            "an estimator, or a pipeline that ends with one, that can predict on new data."
        )
    names = getattr(model, "feature_names_in_", None)
    classes = getattr(model, "classes_", None)
    n_features = getattr(model, "n_features_in_", None)
    several = isinstance(classes, (list, tuple))
    return Description(
        kind=kind,
        feature_names=None if names is None else tuple(map(str, names)),
        n_features=n_features,
        outputs=outputs,
        classes=None if classes is None else [each.tolist() for each in classes] if several else classes.tolist(),
        several_targets=several,
        takes=_takes(first_step(model)),
        needs_frame=_selects_by_name(first_step(model)),
        numbers=number_columns(model, None if names is None else [*map(str, names)], n_features),
    )


def _takes(step: Any) -> str:
    if isinstance(step, (CountVectorizer, HashingVectorizer)):
        return "column"
    if isinstance(step, DictVectorizer) or (isinstance(step, FeatureHasher) and step.input_type == "dict"):
        return "records"
    return "matrix"


def _selects_by_name(step: Any) -> bool:
    """Tell whether a step picks columns of a DataFrame: by their names, or by a function of the frame."""
    if not isinstance(step, ColumnTransformer):
        return False
    chosen = [columns for _, _, columns in step.transformers]
    return any(callable(columns) or isinstance(columns, str) or _holds_names(columns) for columns in chosen)


def _holds_names(columns: Any) -> bool:
    return isinstance(columns, Iterable) and any(isinstance(column, str) for column in columns)
