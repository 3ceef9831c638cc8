"""StellarGraph's layers, as the report used them, with one of them made to work on a whole batch at once."""

from surrogates import backend  # noqa: F401, I001  (before StellarGraph, which starts TensorFlow)

import tensorflow as tf
from stellargraph.layer import GraphConvolution, SortPooling

__all__ = ["BatchedSortPooling", "GraphConvolution", "SortPooling"]


class BatchedSortPooling(SortPooling):
    """StellarGraph's SortPooling for graphs that all have ``k`` nodes.

    SortPooling sorts the nodes of each graph by their last feature, largest first, one graph after the other, because
    graphs of different sizes are padded. Here every structure has the same number of atoms, there is no padding, and
    one sort does the whole batch: the same numbers, several times faster.
    """

    def call(self, embeddings):
        order = tf.argsort(embeddings[..., -1], axis=1, direction="DESCENDING")
        ordered = tf.gather(embeddings, order[:, : self.k], batch_dims=1)
        return tf.reshape(ordered, (-1, self.k * embeddings.shape[-1]))

    def compute_output_shape(self, shape):
        return shape[0], self.k * shape[2]
