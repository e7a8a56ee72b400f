"""Trains a small MNIST classifier with PyTorch and writes it as ONNX: a teacher that this project did not make.

Usage: python3 bench/torch_teacher.py MNIST_FOLDER OUT.onnx [EPOCHS] [SEED]

A folder of the four IDX files goes in; pixels are as torchvision's MNIST examples have them, (p / 255 - 0.1307) / 0.3081, in the order
[batch, channel, row, column], and logits come out.
"""
import sys

import numpy
import torch
from torch import nn

folder, out = sys.argv[1], sys.argv[2]
epochs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
torch.manual_seed(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
torch.set_num_threads(1)


def images(name):
    pixels = numpy.fromfile(f"{folder}/{name}-images-idx3-ubyte", dtype=numpy.uint8)[16:].reshape(-1, 1, 28, 28)
    return (torch.from_numpy(pixels.astype(numpy.float32)) / 255 - 0.1307) / 0.3081


def labels(name):
    return torch.from_numpy(numpy.fromfile(f"{folder}/{name}-labels-idx1-ubyte", dtype=numpy.uint8)[8:].astype(numpy.int64))


network = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(16 * 49, 64), nn.ReLU(), nn.Linear(64, 10),
)
# The last 6,000 rows are held back, as whoever trains a teacher would.
x, y = images("train"), labels("train")
held_x, held_y, x, y = x[54000:], y[54000:], x[:54000], y[:54000]
optimizer = torch.optim.Adam(network.parameters(), lr=0.002)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.004, total_steps=epochs * (len(x) // 128 + 1))
for epoch in range(epochs):
    network.train()
    order = torch.randperm(len(x))
    for start in range(0, len(x), 128):
        rows = order[start:start + 128]
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x[rows]), y[rows]).backward()
        optimizer.step()
        schedule.step()
    network.eval()
    with torch.no_grad():
        right = sum((network(held_x[i:i + 500]).argmax(1) == held_y[i:i + 500]).sum().item() for i in range(0, 6000, 500))
    print(f"epoch {epoch + 1}: {right / 60:.2f} % of 6,000 held-back images", flush=True)
network.eval()
torch.onnx.export(network, x[:1], out, input_names=["image"], output_names=["scores"], dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}})
