#!/usr/bin/env python3
"""The LoRA step of `hippocrypt-bench lora_step` in plain PyTorch: fp32 on the CPU, random weights.

Prints one JSON object: median seconds of a step, the rate of a 2048^3 sgemm, and the step in units
of it. Needs the package torch.
"""

import argparse
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional


class LoraLinear(nn.Module):
    """A frozen matrix with a trained adapter of rank 8."""

    def __init__(self, inputs, outputs, rank=8):
        super().__init__()
        weight = torch.randn(outputs, inputs) * 0.7 / inputs**0.5
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.a = nn.Parameter(torch.randn(rank, inputs) * 0.02)
        self.b = nn.Parameter(torch.full((outputs, rank), 1e-3))

    def forward(self, x):
        return functional.linear(x, self.weight) + 2.0 * (x @ self.a.T) @ self.b.T


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        hidden, dim = shape["hidden"], shape["head_dim"]
        self.heads, self.kv_heads, self.dim = shape["heads"], shape["kv_heads"], dim
        self.q = LoraLinear(hidden, self.heads * dim)
        self.k = LoraLinear(hidden, self.kv_heads * dim)
        self.v = LoraLinear(hidden, self.kv_heads * dim)
        self.o = LoraLinear(self.heads * dim, hidden)
        self.gate = LoraLinear(hidden, shape["ffn"])
        self.up = LoraLinear(hidden, shape["ffn"])
        self.down = LoraLinear(shape["ffn"], hidden)

    def forward(self, x, cosine, sine):
        def norm(y):
            return y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-5)

        def rotate(y):
            first, second = y.chunk(2, dim=-1)
            return torch.cat((first * cosine - second * sine, second * cosine + first * sine), -1)

        def split(y, heads):
            return y.view(*x.shape[:2], heads, self.dim).transpose(1, 2)

        h = norm(x)
        group = self.heads // self.kv_heads
        q = rotate(split(self.q(h), self.heads))
        k = rotate(split(self.k(h), self.kv_heads)).repeat_interleave(group, dim=1)
        v = split(self.v(h), self.kv_heads).repeat_interleave(group, dim=1)
        attended = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(attended.transpose(1, 2).reshape(*x.shape[:2], -1))
        h = norm(x)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h))


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        embedding = torch.randn(shape["vocab"], shape["hidden"]) * 0.02
        self.embedding = nn.Parameter(embedding, requires_grad=False)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape["blocks"]))
        self.half = shape["head_dim"] // 2

    def loss(self, tokens):
        positions = torch.arange(tokens.shape[1], dtype=torch.float32)
        angles = torch.outer(positions, 10000.0 ** (-torch.arange(self.half) / self.half))
        cosine, sine = angles.cos(), angles.sin()
        x = self.embedding[tokens]
        for block in self.blocks:
            x = block(x, cosine, sine)
        x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)
        logits = functional.linear(x[:, :-1], self.embedding)
        return functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())


def sgemm_gmac_per_s():
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    times = []
    for _ in range(7):
        start = time.perf_counter()
        torch.mm(a, b)
        times.append(time.perf_counter() - start)
    return 2048**3 / statistics.median(times) * 1e-9


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    shape = {"vocab": 49152, "hidden": 576, "blocks": 30, "heads": 9, "kv_heads": 3,
             "head_dim": 64, "ffn": 1536}
    model = Model(shape)
    trained = [value for value in model.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)
    tokens = torch.randint(shape["vocab"], (8, 256))
    rate_before = sgemm_gmac_per_s()
    times = []
    for _ in range(arguments.steps + 1):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = model.loss(tokens)
        loss.backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    rate = (rate_before + sgemm_gmac_per_s()) / 2
    seconds = statistics.median(times[1:])  # the first one warms up
    print(json.dumps({"seconds": seconds, "sgemm_gmac_per_s": rate,
                      "sgemm_gmac_in_that_time": seconds * rate, "threads": arguments.threads,
                      "torch": torch.__version__, "loss": loss.item()}))


if __name__ == "__main__":
    main()
