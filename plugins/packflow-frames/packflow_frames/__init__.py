"""The preprocessors ``pandas``, ``polars`` and ``arrow``: records in, a frame or a table out.

Example:
    >>> from packflow import BackendConfig
    >>> from packflow.backend.preprocessors import get_preprocessor
    >>> config = BackendConfig(input_format="pandas", feature_names=["id", "pos.lat"])
    >>> get_preprocessor(config)([{"id": 1, "pos": {"lat": 40.5}}, {"id": 2, "pos": {"lat": 41.0}}])
       id  pos.lat
    0   1     40.5
    1   2     41.0

The normalizers ``polars`` and ``pyarrow`` make records of frames and tables again; packflow itself has one for pandas.

Importing this loads none of the three libraries: that happens when a preprocessor is made.
"""

from packflow_frames.normalizers import ArrowNormalizer, PolarsNormalizer
from packflow_frames.preprocessors import ArrowPreprocessor, FramePreprocessor, PandasPreprocessor, PolarsPreprocessor

__all__ = [
    "ArrowNormalizer",
    "ArrowPreprocessor",
    "FramePreprocessor",
    "PandasPreprocessor",
    "PolarsNormalizer",
    "PolarsPreprocessor",
]
