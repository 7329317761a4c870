"""What VGG-16 reads of a picture: the article's way."""

import numpy as np

from indexing.networks.vgg16 import VGG16, caffe_means


def test_its_input_is_bgr_with_the_means_subtracted() -> None:
    assert VGG16.prepare is caffe_means
    grey_blue = np.full((10, 20, 3), (200, 100, 50), dtype=np.uint8)
    prepared = caffe_means(grey_blue)
    assert prepared.shape == (224, 224, 3)
    assert prepared.dtype == np.float32
    expected = [200 - 103.939, 100 - 116.779, 50 - 123.68]
    np.testing.assert_allclose(prepared, np.broadcast_to(expected, prepared.shape), atol=1e-4)


def test_resizing_is_linear() -> None:
    # Two columns, 0 and 100, become four: pixel centres at -0.25, 0.25, 0.75, 1.25 of the old ones.
    columns = np.array([[[0, 0, 0], [100, 100, 100]]] * 4, dtype=np.uint8)
    assert (caffe_means(columns, 4)[0, :, 0] + np.float32(103.939)).round(3).tolist() == [0, 25, 75, 100]
