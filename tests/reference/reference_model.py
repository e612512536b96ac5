#!/usr/bin/env python3
"""Executable reference of the non-linear path of docs/protocol.md (sections 3, 4.5 b, 4.6, 5).

Slow, readable, not constant time, not secure randomness: an oracle for tests, nothing else.
Run it to check itself; `reference_model.py vectors SEED` prints JSON test vectors.
"""
import hashlib
import json
import random
import sys

P = 2**44 - 15 * 2**23 + 1
HALF = (P - 1) // 2            # signed reading: v is negative iff v >= HALF
OFFSET = 15 * 2**22            # v + OFFSET has bit 43 set iff v is negative


def signed(v):
    return v - P if v >= HALF else v


def relu_trunc(v, f):
    """The functionality: floor(v / 2^f) where v >= 0, else 0 (v in F)."""
    return v >> f if v < HALF else 0


def is_canonical(bits):
    """y' < p from its 44 bits (little endian), the predicate to prove in zero knowledge."""
    top = all(bits[27:44])
    low = bits[26] or bits[25] or bits[24] or (bits[23] and any(bits[0:23]))
    return not (top and low)


def relu_circuit(y, t, f):
    """The Boolean circuit, gate by gate. Returns (gate bit, [bits f..42 gated], AND count)."""
    ands = 0
    yb = [(y >> i) & 1 for i in range(44)]
    tb = [(t >> i) & 1 for i in range(44)]
    # z = y - t, borrow chain: borrow' = (y^borrow)&(t^borrow) ^ ... written with one AND per bit
    z, borrow = [], 0
    for i in range(44):
        z.append(yb[i] ^ tb[i] ^ borrow)
        a = yb[i] ^ tb[i]
        b = tb[i] ^ borrow          # borrow' = t if (y^t) else borrow  ==  ((y^t)&(t^borrow)) ^ borrow
        borrow = (a & b) ^ borrow
        ands += 1
    nb = borrow
    # C(nb): constant offset when nb = 0, offset + p mod 2^44 when nb = 1
    const = []
    for i in range(44):
        c0 = (OFFSET >> i) & 1
        c1 = ((OFFSET + P) >> i) & 1
        const.append({(0, 0): 0, (1, 1): 1, (0, 1): nb, (1, 0): 1 - nb}[(c0, c1)])
    u, carry = [], 0
    for i in range(44):
        u.append(z[i] ^ const[i] ^ carry)
        if i < 43:
            carry = ((z[i] ^ carry) & (const[i] ^ carry)) ^ carry
            ands += 1
    gate = 1 - u[43]
    out = []
    for i in range(f, 43):
        out.append(gate & u[i])
        ands += 1
    return gate, out, ands


def output_weights(f):
    """Weights c_i of the B2A rows: bits f..42, then the gate bit itself."""
    return [2 ** (i - f) for i in range(f, 43)] + [(-(OFFSET >> f)) % P]


def h_p(domain, index, label):
    """Stand-in for H_p: any label-to-field hash with >= 128 bits before reduction."""
    data = domain.encode() + index.to_bytes(8, "little") + label.to_bytes(16, "little")
    return int.from_bytes(hashlib.blake2b(data, digest_size=32).digest(), "little") % P


def run(y, k_y, t, f, alpha, delta, rng):
    """CDS (b) and B2A for one value; returns what both sides hold and checks every identity."""
    m_y = (k_y + alpha * y) % P
    bits = [(y >> i) & 1 for i in range(44)]
    zero = [rng.getrandbits(128) for _ in bits]
    lab = [k ^ (b * delta) for k, b in zip(zero, bits)]
    tau = [(h_p("cds", i, k) - h_p("cds", i, k ^ delta) + alpha * 2**i) % P for i, k in enumerate(zero)]
    m_bits = sum(h_p("cds", i, l) + b * x for i, (l, b, x) in enumerate(zip(lab, bits, tau))) % P
    k_bits = sum(h_p("cds", i, k) for i, k in enumerate(zero)) % P
    assert (m_bits - m_y) % P == (k_bits - k_y) % P
    gate, out, _ = relu_circuit(y, t, f)
    wires = out + [gate]
    w_c = m_w = rho = k_w = 0
    for i, (bit, c) in enumerate(zip(wires, output_weights(f))):
        k0 = rng.getrandbits(128)
        pair = [k0, k0 ^ delta]
        b0 = k0 & 1
        s0, t0 = h_p("b2a-s", i, pair[b0]), h_p("b2a-t", i, pair[b0])
        rho_i, kap_i = (b0 * c - s0) % P, (t0 - alpha * s0) % P
        o = 1 - b0
        s1 = (o * c - rho_i) % P
        row = ((s1 - h_p("b2a-s", i, pair[o])) % P, (kap_i + alpha * s1 - h_p("b2a-t", i, pair[o])) % P)
        mine = pair[bit]
        w_c += h_p("b2a-s", i, mine) + (mine & 1) * row[0]
        m_w += h_p("b2a-t", i, mine) + (mine & 1) * row[1]
        rho += rho_i
        k_w += kap_i
    w_c, m_w, rho, k_w = w_c % P, m_w % P, rho % P, k_w % P
    assert (w_c + rho) % P == relu_trunc((y - t) % P, f)
    assert m_w == (k_w + alpha * w_c) % P
    return {"y": y, "t": t, "w": (w_c + rho) % P}


def interesting(rng):
    v = rng.choice([0, 1, 2**22, OFFSET - 1, OFFSET, HALF - 1, HALF, HALF + 1, P - 1, P - 2**20,
                    rng.randrange(2**30), P - rng.randrange(1, 2**30), rng.randrange(P)])
    y = rng.choice([0, 1, P - 1, P - 2, rng.randrange(2**27), rng.randrange(P)])
    return v, y


def self_test(seed=1):
    rng = random.Random(seed)
    delta = rng.getrandbits(128) | 1
    for _ in range(4000):
        v, y = interesting(rng)
        t = (y - v) % P or P            # T in [1, p]
        f = rng.randrange(0, 23)
        gate, out, ands = relu_circuit(y, t, f)
        w = (sum(b * c for b, c in zip(out + [gate], output_weights(f)))) % P
        assert w == relu_trunc(v, f), (v, y, f)
        assert ands == 44 + 43 + 43 - f
    for _ in range(300):
        v, y = interesting(rng)
        run(y, rng.randrange(P), (y - v) % P or P, rng.randrange(0, 23), rng.randrange(P), delta, rng)
    for y in [0, 1, P - 1, P, P + 1, 2**44 - 1, 2**44 - 2**27, 2**44 - 2**27 + 2**23, 2**44 - 2**27 + 2**23 + 1] + [
            rng.randrange(2**44 - 2**28, 2**44) for _ in range(5000)] + [rng.randrange(2**44) for _ in range(5000)]:
        assert is_canonical([(y >> i) & 1 for i in range(44)]) == (y < P), y
    print("reference model: all identities hold; AND gates at f = 8:", relu_circuit(0, 1, 8)[2])


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "vectors":
        rng = random.Random(int(sys.argv[2]))
        vec = []
        for _ in range(256):
            v, y = interesting(rng)
            f = rng.choice([0, 6, 8, 10, 12, 22])
            vec.append({"y": y, "t": (y - v) % P or P, "f": f, "w": relu_trunc(v, f)})
        print(json.dumps({"p": P, "relu_trunc": vec}, indent=1))
    else:
        self_test()
