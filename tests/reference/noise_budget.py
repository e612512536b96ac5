#!/usr/bin/env python3
"""Worst-case noise budget of the correlations of docs/protocol.md 4.1-4.4 and section 6, in bits. Run it and read it.

Infinity norms against a MALICIOUS client: what extraction from the proof of 4.3 yields, not what an honest client draws.
Conventions: encoding p^-1 * [-q m]_p (a wrap of the plaintext modulo p costs 1, not q mod p); its response is sent reduced mod p, the
wrap is part of the error witness (bound B_E + 1); s and e have bounds of their own; the server works on (2b, a); flooding at 50 bits counts
every returned coefficient of an inference (42 bits for the 256 of a session). l1 norms are of a whole packed polynomial: taps of one output
times the outputs packed in it, all input tiles together. Fiat-Shamir proofs have 10 repetitions instead of 4.
"""
from math import log2, sqrt

N = 8192
P = 2**44 - 15 * 2**23 + 1
SIGMA = 50
B_E = 21                       # centred binomial, eta = 21 (sigma 3.24)
LOG_Q = 215                    # five primes of 43 bits; 218 is the 128-bit limit at N = 8192


def extracted_error(ciphertexts, repetitions):
    coeffs = N * (ciphertexts + 1) * repetitions      # s and e responses that one acceptance must cover
    gamma = log2(B_E + 1) + log2(coeffs)              # acceptance about 1/e
    return gamma + 1 + log2(2 * N)                    # |z - z'| <= 2 gamma, times 2 / (X^i - X^j)


def needs(ciphertexts, returned, repetitions, l1_bits):
    """log q needed for replies whose plaintext multiplier has the given l1 norms."""
    e = extracted_error(ciphertexts, repetitions)
    error = log2(2**e + 4 * N)                                      # plus the wraps of 2m
    enc_zero = log2(N) + e + log2(1 + B_E / (B_E + 1))              # v * e_pk + f1 * s of the fresh encryption of zero
    flood = SIGMA + log2(returned * N)
    return [log2(2**(error + l1) + 2**enc_zero) + flood + log2(P) + 2 for l1 in l1_bits]


def show(name, ciphertexts, returned, taps, packed, weight_bits):
    outputs = log2(taps * packed)
    for label, repetitions in (("interactive", 4), ("Fiat-Shamir", 10)):
        value, scalar, product = needs(ciphertexts, returned, repetitions,
                                       [outputs + weight_bits, outputs + weight_bits + log2(P / 2), outputs + log2(P / 2)])
        verdict = "alpha as a scalar" if scalar <= LOG_Q else "alpha * W" if product <= LOG_Q else "TOO SMALL"
        print(f"{name:30s} {label:12s} value {value:6.1f}  MAC: scalar {scalar:6.1f}, alpha*W {product:6.1f}  of {LOG_Q}: {verdict}")
        assert min(scalar, product) <= LOG_Q and value <= LOG_Q


if __name__ == "__main__":
    # name, ciphertexts in one proof, replies, taps of one output, outputs packed in one polynomial, bits of |w|
    show("MNIST conv1", 5, 29, 25, 8, 10)
    show("MNIST conv2", 5, 29, 16 * 25, 3, 11)
    show("MNIST fc1", 5, 29, 256, 32, 11)
    show("CIFAR conv1, |w| < 2^13", 34, 385, 27, 7, 13)
    show("CIFAR conv2", 34, 385, 64 * 9, 1, 11)
    show("CIFAR conv3, conv4", 34, 385, 64 * 9, 3, 11)
    show("CIFAR conv5", 34, 385, 64 * 9, 5, 11)
    # triples: two slot-encoded plaintexts with coefficients up to p/2 each, alpha premultiplied
    for label, repetitions in (("interactive", 4), ("Fiat-Shamir", 10)):
        need = needs(3 * 8, 8 * 5, repetitions, [log2(2 * N) + log2(P / 2)])[0]
        print(f"{'triples, batches of 8 x 3':30s} {label:12s} {need:6.1f}  of {LOG_Q}")
        assert need <= LOG_Q
    # replies of 58 bits: q' has 86 bits, 28 are dropped; uniform rounding of both components under the key 2s
    rounding = sqrt((1 + 4 * N * 2 / 3) / 12)                        # in units of the dropped 2^28
    margin = 2**86 / (2 * P) / 2**28
    print(f"rounding: standard deviation {rounding:.0f}, half of q'/(2p) {margin / 2:.0f}, both in units of 2^28")
    assert 20 * rounding < margin / 2
