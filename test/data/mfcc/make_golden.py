"""Golden values of the front end for speech, by Python's standard library alone.

    python3 make_golden.py > golden.txt

Every step is written from its definition: a discrete Fourier transform as its sum, a triangle as a function of
the mel frequency, a cosine transform as its sum. The definitions are those of TensorFlow's kernels AudioSpectrogram
(a periodic Hann window, the transform of the next power of two) and Mfcc (magnitudes, 40 triangles from 20 to
4000 Hz in 1127 ln(1 + f/700), the constant part left out, natural logarithm of at least 1e-12, scaled DCT-II).
A line of golden.txt is the name of a signal, the frame and its ten coefficients. Written with Python 3.11.
"""

import cmath
import math
import struct

RATE, WINDOW, SIZE, CHANNELS, COEFFICIENTS = 16000, 640, 1024, 40, 10
LOW, HIGH, FLOOR = 20.0, 4000.0, 1e-12


def noise(count):
    """From -1/2 to below 1/2, by the congruential generator of "Numerical Recipes"."""
    state, samples = 1, []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        samples.append((state >> 16) / 65536 - 0.5)
    return samples


def tone(count):
    """440 Hz, and 2600 Hz ten times quieter."""
    return [
        0.5 * math.sin(2 * math.pi * 440 * i / RATE) + 0.05 * math.sin(2 * math.pi * 2600 * i / RATE)
        for i in range(count)
    ]


def burst(count):
    """Silence, but for the second quarter."""
    return [x if count // 4 <= i < count // 2 else 0.0 for i, x in enumerate(noise(count))]


def mel(f):
    return 1127 * math.log(1 + f / 700)


CENTRES = [mel(LOW) + (mel(HIGH) - mel(LOW)) * i / (CHANNELS + 1) for i in range(CHANNELS + 2)]
BINS = range(int(1.5 + LOW * SIZE / RATE), int(HIGH * SIZE / RATE) + 1)


def triangle(channel, m):
    left, top, right = CENTRES[channel : channel + 3]
    if left < m <= top:
        return (m - left) / (top - left)
    if top < m < right:
        return (right - m) / (right - top)
    return 0.0


WEIGHTS = [[triangle(c, mel(k * RATE / SIZE)) for k in BINS] for c in range(CHANNELS)]
TURNS = [cmath.exp(-2j * math.pi * t / SIZE) for t in range(SIZE)]
HANN = [0.5 - 0.5 * math.cos(2 * math.pi * i / WINDOW) for i in range(WINDOW)]


def coefficients(samples):
    windowed = [h * x for h, x in zip(HANN, samples)]
    magnitudes = [abs(sum(x * TURNS[i * k % SIZE] for i, x in enumerate(windowed))) for k in BINS]
    logs = [math.log(max(FLOOR, sum(w * a for w, a in zip(row, magnitudes)))) for row in WEIGHTS]
    return [
        math.sqrt(2 / CHANNELS)
        * sum(y * math.cos(math.pi * q * (c + 0.5) / CHANNELS) for c, y in enumerate(logs))
        for q in range(COEFFICIENTS)
    ]


for signal in (noise, tone, burst):
    # Samples are 32-bit floats: the logarithm makes much of what rounding adds where nothing sounds.
    samples = struct.unpack(f"{RATE}f", struct.pack(f"{RATE}f", *signal(RATE)))
    for frame in range(25):
        values = coefficients(samples[frame * WINDOW : (frame + 1) * WINDOW])
        print(signal.__name__, frame, *(f"{value:.6f}" for value in values))
