"""StellarGraph's layers, as the report used them, with one of them made to work on a whole batch at once.

A file that Keras has saved of a graph network is loaded by :func:`surrogates.models.load_surrogate`.
"""

import tensorflow as tf
from stellargraph.layer import GraphConvolution, SortPooling

from surrogates.models.backend import keras

keras.saving.register_keras_serializable("surrogates")(GraphConvolution)

# Small enough for the sum of the other features to count only where ranks are equal, or nearly so.
_TIE = 1e-12


@keras.saving.register_keras_serializable("surrogates")
class BatchedSortPooling(SortPooling):
    """StellarGraph's SortPooling for graphs that all have ``k`` nodes, with ties broken by the other features.

    SortPooling sorts the nodes of each graph by their last feature, largest first, one graph after the other, because
    graphs of different sizes are padded. Here every structure has the same number of atoms, there is no padding, and
    one sort does the whole batch: the same numbers, several times faster.

    Nodes that share their last feature SortPooling leaves in the order of the input. After ReLU layers that is no rare
    case: all isolated atoms whose units are off share it, and the energy would depend on how the atoms are numbered.
    The DGCNN (Zhang et al. 2018, Section 3.2) breaks such ties by one other feature after another; this layer by
    their sum.
    """

    def call(self, embeddings):
        last, others = tf.cast(embeddings[..., -1], tf.float64), tf.reduce_sum(embeddings[..., :-1], axis=-1)
        rank = last + _TIE * tf.cast(others, tf.float64)
        order = tf.argsort(rank, axis=1, direction="DESCENDING")
        ordered = tf.gather(embeddings, order[:, : self.k], batch_dims=1)
        return tf.reshape(ordered, (-1, self.k * embeddings.shape[-1]))

    def compute_output_shape(self, shape):
        return shape[0], self.k * shape[2]
