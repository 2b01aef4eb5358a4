"""Which libraries nobody wants to wait for who only asks for a plugin's name."""

from __future__ import annotations

from typing import Final

#: Libraries that take long to import. A plugin imports them when a backend is made, not when it is looked up.
HEAVY_LIBRARIES: Final = frozenset(
    {"catboost", "cudf", "cupy", "cv2", "dask", "datasets", "deepspeed", "diffusers", "faiss", "flax", "gensim", "jax"}
    | {"keras", "lightgbm", "lightning", "mxnet", "onnxruntime", "openvino", "paddle", "pyspark", "ray"}
    | {"pytorch_lightning", "sentence_transformers", "spacy", "tensorflow", "tensorrt", "timm", "torch"}
    | {"torchvision", "transformers", "vllm", "xgboost"}
)
