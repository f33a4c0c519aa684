"""Makes the ONNX models of this folder, and what they compute: python3 make_models.py DATA_FOLDER OUT_FOLDER

Needs PyTorch 2.11, onnx 1.23 and onnxruntime 1.30; DATA_FOLDER holds the four files of Fashion-MNIST. Each network is
trained for three epochs on its 60,000 training images, exported by PyTorch, and run by onnxruntime on the first 16 test
images. OUT_FOLDER gets NAME.onnx, NAME.npz (input, output: what onnxruntime gives) and refused/NAME.onnx, which an
importer of plain feed-forward networks must refuse.
"""
import gzip
import os
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

OPSETS = {"plain": 11, "batch_norm": 13, "depthwise": 15, "residual": 17}


class Plain(nn.Sequential):
    """Convolutions with biases, max pooling, two fully connected layers and a final softmax."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 12, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(12 * 5 * 5, 24), nn.ReLU(), nn.Dropout(0.1), nn.Linear(24, 10), nn.Softmax(dim=1))


class BatchNorm(nn.Sequential):
    """Padded and strided convolutions with batch normalisation, average pooling, global average pooling."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 12, 5, padding=2, bias=False), nn.BatchNorm2d(12), nn.ReLU(), nn.AvgPool2d(2),
            nn.Conv2d(12, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))


def separable(inputs, outputs, stride):
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride=stride, padding=1, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs), nn.ReLU6(),
        nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6())


class Depthwise(nn.Module):
    """Depthwise separable convolutions with ReLU6, and a mean over the map."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU6(),
            separable(8, 16, 1), separable(16, 24, 2), separable(24, 32, 1))
        self.last = nn.Linear(32, 10)

    def forward(self, x):
        return self.last(self.features(x).mean(dim=(2, 3)))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False),
                                          nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu(self.main(x) + self.shortcut(x))


class Residual(nn.Sequential):
    """Two residual blocks, the second with a strided convolution as its shortcut."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
            Block(8, 8, 1), Block(8, 16, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))


def read_images(folder, part, device):
    def values(kind, offset):
        with gzip.open(os.path.join(folder, f"{part}-{kind}-ubyte.gz")) as file:
            return np.frombuffer(file.read(), np.uint8, offset=offset)
    labels = torch.tensor(values("labels-idx1", 8).astype(np.int64), device=device)
    images = torch.tensor(values("images-idx3", 16).reshape(-1, 1, 28, 28).astype(np.float32) / 255, device=device)
    return (images - 0.2860) / 0.3530, labels


def train(network, images, labels, epochs=3, batch=100):
    steps = epochs * len(labels) // batch
    optimizer = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    network.train()
    # The loss has a softmax of its own.
    head = nn.Sequential(*list(network)[:-1]) if isinstance(network, Plain) else network
    for step in range(steps):
        chosen = torch.randint(len(labels), (batch,), device=labels.device)
        optimizer.zero_grad()
        nn.functional.cross_entropy(head(images[chosen]), labels[chosen]).backward()
        optimizer.step()
        schedule.step()
    network.eval()


def export(network, name, out):
    path = os.path.join(out, name + ".onnx")
    # As it stands, so that batch normalisation is still a node of its own.
    torch.onnx.export(network, (torch.zeros(1, 1, 28, 28),), path, input_names=["input"], output_names=["output"],
                      dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}} if name != "plain" else None,
                      opset_version=OPSETS[name], training=torch.onnx.TrainingMode.PRESERVE,
                      do_constant_folding=False, dynamo=False)
    onnx.checker.check_model(path, full_check=True)
    return path


def run(path, samples):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"input": samples[i:i + 1]})[0] for i in range(len(samples))])


def make(name, network, data, out, device):
    images, labels, test_images, test_labels = data
    torch.manual_seed(1)
    network = network().to(device)
    train(network, images, labels)
    with torch.no_grad():
        accuracy = (network(test_images).argmax(1) == test_labels).float().mean().item()
    network = network.cpu()
    path = export(network, name, out)
    samples = test_images[:16].cpu().numpy()
    outputs = run(path, samples)
    with torch.no_grad():
        difference = np.abs(network(torch.tensor(samples)).numpy() - outputs).max()
    assert difference < 1e-4, (name, difference)
    np.savez_compressed(os.path.join(out, name + ".npz"), input=samples, output=outputs)
    weights = sum(p.numel() for p in network.parameters())
    operators = sorted({node.op_type for node in onnx.load(path).graph.node})
    print(f"{name}: test accuracy {100 * accuracy:.2f} %, {weights} parameters, {os.path.getsize(path)} B, "
          f"operators {' '.join(operators)}")


def model_of(nodes, tensors, opset=13, shape=(1, 2, 6, 6), ir=8):
    graph = helper.make_graph(
        nodes, "refused", [helper.make_tensor_value_info("input", TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in tensors.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)


def make_refused(out):
    random = np.random.default_rng(1)
    kernel = random.normal(size=(4, 2, 3, 3))
    node = helper.make_node
    convolution = node("Conv", ["input", "w"], ["output"], name="conv", kernel_shape=[3, 3])
    models = {
        "dilated": model_of([node("Conv", ["input", "w"], ["output"], name="conv", dilations=[2, 2])], {"w": kernel}),
        "grouped": model_of([node("Conv", ["input", "w"], ["output"], name="conv", group=2)],
                            {"w": random.normal(size=(4, 2, 3, 3))}, shape=(1, 4, 6, 6)),
        "transposed": model_of([node("ConvTranspose", ["input", "w"], ["output"], name="up")],
                               {"w": random.normal(size=(2, 4, 3, 3))}),
        "recurrent": model_of([node("LSTM", ["input", "w", "r"], ["output"], name="lstm", hidden_size=3)],
                              {"w": random.normal(size=(1, 12, 6)), "r": random.normal(size=(1, 12, 3))},
                              shape=(5, 1, 6)),
        "sigmoid": model_of([node("Conv", ["input", "w"], ["map"], name="conv"),
                             node("Sigmoid", ["map"], ["output"], name="gate")], {"w": kernel}),
        "concatenated": model_of([node("Conv", ["input", "w"], ["a"], name="conv_a"),
                                  node("Conv", ["input", "w"], ["b"], name="conv_b"),
                                  node("Concat", ["a", "b"], ["output"], name="concat", axis=1)], {"w": kernel}),
        "broadcast": model_of([node("Conv", ["input", "w"], ["map"], name="conv"),
                               node("Add", ["map", "row"], ["output"], name="add")],
                              {"w": kernel, "row": random.normal(size=(1, 1, 1, 4))}),
        "weights_computed": model_of([node("Conv", ["input", "input"], ["output"], name="conv")], {}),
        "height_unknown": model_of([convolution], {"w": kernel}, shape=(1, 2, "height", 6)),
        "opset_6": model_of([convolution], {"w": kernel}, opset=6, ir=3),
        "opset_18": model_of([convolution], {"w": kernel}, opset=18, ir=8),
        "softmax_inside": model_of([node("Conv", ["input", "w"], ["a"], name="conv"),
                                    node("Softmax", ["a"], ["b"], name="softmax"),
                                    node("Relu", ["b"], ["output"], name="relu")], {"w": kernel}),
        "shapes_differ": model_of([node("Conv", ["input", "w"], ["a"], name="conv"),
                                   node("MaxPool", ["a"], ["b"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
                                   node("Add", ["a", "b"], ["output"], name="add")], {"w": kernel}),
        "kernel_too_large": model_of([node("Conv", ["input", "w"], ["output"], name="conv")],
                                     {"w": random.normal(size=(4, 2, 9, 9))}),
        "two_problems": model_of([node("Conv", ["input", "w"], ["a"], name="conv", dilations=[2, 2]),
                                  node("Tanh", ["a"], ["output"], name="tanh")], {"w": kernel}),
    }
    folder = os.path.join(out, "refused")
    os.makedirs(folder, exist_ok=True)
    for name, model in models.items():
        with open(os.path.join(folder, name + ".onnx"), "wb") as file:
            file.write(model.SerializeToString())
    cycle = model_of([node("Add", ["input", "b"], ["a"], name="add_a"), node("Relu", ["a"], ["b"], name="relu_b"),
                      node("Relu", ["b"], ["output"], name="relu")], {})
    with open(os.path.join(folder, "cycle.onnx"), "wb") as file:
        file.write(cycle.SerializeToString())
    external = model_of([convolution], {"w": kernel})
    onnx.save(external, os.path.join(folder, "external_data.onnx"), save_as_external_data=True, location="absent.bin",
              size_threshold=0)
    os.remove(os.path.join(folder, "absent.bin"))
    missing = model_of([convolution], {})
    with open(os.path.join(folder, "weights_absent.onnx"), "wb") as file:
        file.write(missing.SerializeToString())


def main():
    data_folder, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    data = read_images(data_folder, "train", device) + read_images(data_folder, "t10k", device)
    for name, network in [("plain", Plain), ("batch_norm", BatchNorm), ("depthwise", Depthwise),
                          ("residual", Residual)]:
        make(name, network, data, out, device)
    make_refused(out)


if __name__ == "__main__":
    main()
