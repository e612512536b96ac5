#!/usr/bin/env python3
"""Executable reference of the proofs of docs/protocol.md: the range proof over correlated OTs (4.5), the product
proof over F (6), and the correlated OTs themselves (SoftSpokenOT, both checks).

Slow, readable, not constant time, not secure randomness: an oracle for tests, nothing else.
Run it to check itself (one line per check); `proofs_model.py vectors SEED` prints JSON test vectors.

Who holds what.  client = prover = COT receiver: bits b, strings L.  server = verifier = COT sender: Delta, strings K.
    L = K xor b*Delta   (a MAC on b over GF(2^128): the client holds b and the tag L, the server the key K)
    m = k + alpha*x     (a MAC on x over F)
"""
import hashlib
import hmac
import json
import operator
import random
import sys
from functools import reduce as fold
from itertools import accumulate

# ---------------------------------------------------------------- GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1)
# Bit i of the integer is the coefficient of x^i; on the wire 16 bytes little endian. This is the order of a carry-less
# multiply instruction. It is not GCM's order (reflected bits) and not POLYVAL's field (another polynomial).
ONES = 2**128 - 1
mults = 0                                   # counts general multiplications

def xor_all(xs):
    return fold(operator.xor, xs, 0)

def reduce(z):
    for _ in range(2):
        hi = z >> 128
        z = (z & ONES) ^ hi ^ (hi << 1) ^ (hi << 2) ^ (hi << 7)
    return z

def gmul(a, b):
    global mults
    mults += 1
    return reduce(xor_all((b << i) & -((a >> i) & 1) for i in range(128)))

def geval(coeffs, x):
    return fold(lambda r, c: gmul(r, x) ^ c, reversed(coeffs), 0)

def ideal_cot(rng, bits, delta):
    keys = [rng.getrandbits(128) for _ in bits]
    return [k ^ (delta & -b) for k, b in zip(keys, bits)], keys

def mask_from_cots(bits, macs, keys):
    """Cut 128*r random COTs into r masks, the client's (u, a) and the server's k, each packed as sum of v_i * x^i over
    128 bits, L or K: a = k + u*Delta with u uniform in GF(2^128)."""
    cut = [[reduce(xor_all(x << i for i, x in enumerate(v[n:n + 128]))) for n in range(0, len(v), 128)]
           for v in (bits, macs, keys)]
    return list(zip(cut[0], cut[1])), cut[2]

# ---------------------------------------------------------------- wires: one formula text, two readings
# A bit w of degree 1 is the polynomial L + w*X to the client and its value K at X = Delta to the server (in
# characteristic 2: L + w*Delta = K). A formula of degree d over such bits is, homogenised with powers of X, a
# polynomial of degree d whose coefficient of X^d is the formula's value, and whose value at Delta the server has.

class Hidden:
    """Client: coefficients 0..d-1 in `low`, the coefficient of X^d is the bit `lead`. No branch, no operation count
    and no index depends on a bit: bits enter as masks only."""
    def __init__(self, low, lead):
        self.low, self.lead = low, lead
    def __mul__(self, o):
        d, e = len(self.low), len(o.low)
        out = [0] * (d + e)
        for i, a in enumerate(self.low):
            out[i + e] ^= a & -o.lead
            for j, b in enumerate(o.low):
                out[i + j] ^= gmul(a, b)
        for j, b in enumerate(o.low):
            out[j + d] ^= b & -self.lead
        return Hidden(out, self.lead & o.lead)
    def __invert__(self):                   # 1 - f becomes X^d + F(X)
        return Hidden(self.low, self.lead ^ 1)
    def __xor__(self, o):                   # the lower degree is raised by a power of X: a shift
        n = max(len(self.low), len(o.low))
        a, b = ([0] * (n - len(w.low)) + w.low for w in (self, o))
        return Hidden([x ^ y for x, y in zip(a, b)], self.lead ^ o.lead)

class Key:
    """Server: the value at Delta, and the degree."""
    def __init__(self, value, degree, powers):
        self.value, self.degree, self.powers = value, degree, powers
    def __mul__(self, o):
        return Key(gmul(self.value, o.value), self.degree + o.degree, self.powers)
    def __invert__(self):
        return Key(self.value ^ self.powers[self.degree], self.degree, self.powers)
    def __xor__(self, o):
        a, b = sorted((self, o), key=lambda w: w.degree)
        raised = gmul(a.value, self.powers[b.degree - a.degree]) if a.degree < b.degree else a.value
        return Key(raised ^ b.value, b.degree, self.powers)

def product(ws):
    return fold(operator.mul, ws)

# ---------------------------------------------------------------- (2) y' < p: two arrangements of one predicate
P = 2**44 - 15 * 2**23 + 1

def high_part(y, none_low):                 # 1 iff bits 26..0 are >= 2^23 + 1; none_low = 1 iff bits 22..0 are all zero
    return ~(~y[26] * ~y[25] * ~y[24] * ~(y[23] * ~none_low))

def full(y, _):                             # one statement of degree 44
    return [product(y[27:44]) * high_part(y, product([~w for w in y[0:23]]))]

def split(y, h):                            # four helper bits; degrees 9, 9, 10, 10, 10
    top, low = y[27:44], [~w for w in y[0:23]]
    return [h[0] ^ product(top[0:9]), h[1] ^ product([h[0]] + top[9:17]),
            h[2] ^ product(low[0:10]), h[3] ^ product([h[2]] + low[10:19]),
            h[1] * high_part(y, product([h[3]] + low[19:23]))]

ARRANGEMENTS = {"full": (full, 44, 1), "split": (split, 10, 5)}     # statements, common degree, their number

def to_bits(name, y, forced=None):
    """The bits the client inputs: the 44 of y, little endian, then the helper bits (`forced`: a cheater's)."""
    bits = [(y >> i) & 1 for i in range(44)]
    t, z = bits[27:44], [1 ^ b for b in bits[0:23]]
    honest = [] if name == "full" else [min(t[0:9]), min(t), min(z[0:10]), min(z[0:19])]   # min = AND
    return bits + (honest if forced is None else forced)

def prove_range(name, bits, macs, chis, masks):
    """bits[j], macs[j]: what to_bits gives for value j, and the L. masks: degree - 1 pairs (u, a). The message:
    coefficients 0..degree-1 of sum_(j,c) chi_(j,c) * F_(j,c)(X) * X^(degree - deg F) + sum_i X^i * (a_i + u_i X).
    The coefficient of X^degree is 0 for an honest client and is not sent."""
    statements, degree, _ = ARRANGEMENTS[name]
    msg = [0] * degree
    for b, m, chi in zip(bits, macs, chis):
        w = [Hidden([mac], bit) for mac, bit in zip(m, b)]
        for f, c in zip(statements(w[:44], w[44:]), chi):
            for i, x in enumerate(f.low):
                msg[i + degree - len(f.low)] ^= gmul(c, x)
    for i, (u, a) in enumerate(masks):
        msg[i] ^= a
        msg[i + 1] ^= u
    return msg

def verify_range(name, keys, delta, chis, mask_keys, msg):
    statements, degree, _ = ARRANGEMENTS[name]
    powers, sums = list(accumulate([delta] * degree, gmul, initial=1)), {}
    for k, chi in zip(keys, chis):
        w = [Key(x, 1, powers) for x in k]
        for f, c in zip(statements(w[:44], w[44:]), chi):
            sums[f.degree] = sums.get(f.degree, 0) ^ gmul(c, f.value)
    want = xor_all(gmul(s, powers[degree - d]) for d, s in sums.items())      # once per batch, not per value
    return len(msg) == degree and want ^ geval(mask_keys, delta) == geval(msg, delta)

def range_instance(rng, name, values, delta, forced=None):
    bits = [to_bits(name, y, forced) for y in values]
    cots = [ideal_cot(rng, b, delta) for b in bits]
    u = [rng.getrandbits(1) for _ in range(128 * ARRANGEMENTS[name][1] - 128)]
    masks, mask_keys = mask_from_cots(u, *ideal_cot(rng, u, delta))
    # the challenge: independent coefficients, chosen by the server after every choice bit (helpers, masks) is fixed
    chis = [[rng.getrandbits(128) for _ in range(ARRANGEMENTS[name][2])] for _ in values]
    return bits, [c[0] for c in cots], [c[1] for c in cots], chis, masks, mask_keys

def run_range(rng, name, values, delta, forced=None):
    bits, macs, keys, chis, masks, mask_keys = range_instance(rng, name, values, delta, forced)
    return verify_range(name, keys, delta, chis, mask_keys, prove_range(name, bits, macs, chis, masks))

TOP = 2**44 - 2**27                         # bits 43..27 all one; P - 1 = TOP + 2^23
EDGES = [0, 1, P - 1, P - 2, TOP - 1, TOP, TOP + 1, TOP + 2**23 - 1, 2**44 - 2**28, 2**43, 2**43 - 1, 2**27 - 1, 2**27,
         2**23, 2**23 - 1, 0x55555555555, 0xaaaaaaaaaaa]
BAD = [P, P + 1, P + 2**26, TOP + 2**24, TOP + 2**25, TOP + 2**26, 2**44 - 2, 2**44 - 1]

def single_mask_attack(rng, delta):
    """A flaw of another design: the degree-44 statement with ONE mask (coefficients 0 and 1 hidden, 2..43 in the clear). From its
    keys and the message of a batch of one, the server reads bits 43..27 of y."""
    y = rng.randrange(P) | 3 << 40          # (two ones among them are enough)
    bits, macs, (key,), _, masks, mask_keys = range_instance(rng, "full", [y], delta)
    g = prove_range("full", bits, macs, [[1]], masks[:1])
    # The factor of bit i is K + b*(X + Delta): root K + Delta iff b = 1. The mask adds k* + u*(X + Delta), which at a
    # root is k* + u*K with the same u for all: two ones betray each other by proportion.
    v = {i: geval(g, key[i] ^ delta) ^ mask_keys[0] for i in range(27, 44)}
    return all((sum(gmul(v[i], key[j]) == gmul(v[j], key[i]) for j in v) > 1) == (y >> i & 1) for i in v)

# ---------------------------------------------------------------- (3) e = a*b over F
def prove_product(rows, mask, chis):
    """rows: (a, m_a, b, m_b, e, m_e); mask (u, m_u). Sent: two elements (A0, A1) of F."""
    a1, a0 = mask
    for (a, ma, b, mb, e, me), c in zip(rows, chis):
        a0 += c * ma * mb
        a1 += c * (a * mb + b * ma - me)
    return a0 % P, a1 % P

def verify_product(keys, mask_key, alpha, chis, msg):
    """keys: (k_a, k_b, k_e). The server computes W from its keys alone and compares W with A0 - alpha*A1."""
    w = mask_key + sum(c * (ka * kb + alpha * ke) for (ka, kb, ke), c in zip(keys, chis))
    return (w - msg[0] + alpha * msg[1]) % P == 0

def product_instance(rng, triples, alpha):
    keys = [tuple(rng.randrange(P) for _ in range(3)) for _ in triples]
    rows = [sum(((x, (k + alpha * x) % P) for x, k in zip(t, ks)), ()) for t, ks in zip(triples, keys)]
    u, ku = rng.randrange(P), rng.randrange(P)
    return rows, keys, (u, (ku + alpha * u) % P), ku, [rng.randrange(P) for _ in triples]

# ---------------------------------------------------------------- (4) SoftSpokenOT, repetition code
# Delta has 128 bits; block j is bits k*j .. k*j+k-1 (bit t of the block = bit k*j+t of Delta). Column c = k*j+t of
# the matrices is bit c of every L and K. One GGM tree per block with 2^k leaves, root first: the child chosen by bit t
# of the leaf number is at level k-t (the most significant bit at the root). Base OT number c: the CLIENT is sender,
# the server's choice bit is bit c of Delta, message M_z is the xor of the nodes of that level whose last index bit is
# 1 - z. So the server gets every leaf but number Delta_j. Not settled by this model: the base OTs (ideal, with chosen
# messages, here; over random OTs the client sends both M_z xor pads), the domain separation of every PRG and hash, and
# the published bound. Own bound: blocks with different choice vectors collide under the hash with 2^-128 a pair,
# n(n-1)/2 pairs of n = 128/k blocks; without a collision each block that strays costs a guess of its k bits.

def prg(seed, domain, n):
    return int.from_bytes(hashlib.shake_128(domain + seed.to_bytes(16, "little")).digest(n), "little")

def digest(values):
    return hashlib.sha3_256(b"".join(v.to_bytes(32, "little") for v in values)).digest()

def ggm(k, root, hole=None, received=None):
    """Per leaf a check value (32 bytes) and a stream seed, both from one more expansion, so that the check tells
    nothing of the seeds; and the base-OT messages. The server knows no node on the path to its hole (junk here)."""
    level, messages = [root], [None] * k
    for t in reversed(range(k)):
        level = [prg(s, d, 16) for s in level for d in (b"left", b"right")]
        if received:
            path = hole >> t
            level[path] = level[path ^ 1] = 0
            level[path ^ 1] = received[t] ^ xor_all(level[1 - path % 2::2])
        messages[t] = [xor_all(level[1 - z::2]) for z in (0, 1)]
    x = [prg(s, b"leaf", 48) for s in level]
    return [v % 2**256 for v in x], [v >> 256 for v in x], messages

def column_hash(col, chis):
    """GF(2)-linear universal hash of a column: 128-row pieces times independent coefficients, plus the last piece.
    The last 128 rows carry random choice bits and are thrown away: they hide the hash of b."""
    return xor_all([gmul(c, (col >> (128 * i)) & ONES) for i, c in enumerate(chis)] + [col >> (128 * len(chis))])

def softspoken(rng, b, rows, delta, k, bad_ot=None, bad_column=None):
    """b: choice bits as an integer of `rows` bits (a multiple of 128). Returns (the two checks' results, L, K); a
    client hears ONE verdict. Cheaters: bad_ot = (c, z) alters message M_z of base OT c; bad_column = (j, error, guess)
    gives block j another choice vector and adjusts the answer for Delta_j = guess."""
    total, ext = rows + 128, b | rng.getrandbits(128) << rows
    trees, V, W, claim = True, [], [], []
    for j in range(128 // k):
        d = (delta >> (k * j)) & (2**k - 1)
        error, guess = bad_column[1:] if bad_column and bad_column[0] == j else (0, 0)
        checks, seeds, messages = ggm(k, rng.getrandbits(128))
        proof = xor_all(checks), digest(checks)             # sent once per tree: 32 + 32 bytes
        if bad_ot and bad_ot[0] // k == j:
            messages[bad_ot[0] % k][bad_ot[1]] ^= 1
        checks, known, _ = ggm(k, 0, d, [messages[t][(d >> t) & 1] for t in range(k)])
        checks[d] ^= proof[0] ^ xor_all(checks)             # refill the hole, then compare
        trees &= hmac.compare_digest(digest(checks), proof[1])
        # client: u = xor of all streams, v_t = xor of those whose leaf number has bit t. It sends C_j = u xor b for
        # EVERY block (128/k bits per COT), so that all blocks get the same b.
        r = [prg(s, b"stream", total // 8) for s in seeds]
        V += [xor_all(x for i, x in enumerate(r) if i >> t & 1) for t in range(k)]
        claim += [v ^ (error & -(guess >> t & 1)) for t, v in enumerate(V[k * j:])]   # V itself, but for cheaters
        C = xor_all(r) ^ ext ^ error
        # server: w = v + u*Delta_j, since leaf i counts i xor Delta_j times and the unknown leaf not at all; then C
        r = [prg(s, b"stream", total // 8) for s in known]
        W += [xor_all(x for i, x in enumerate(r) if (i ^ d) >> t & 1) ^ (C & -(d >> t & 1)) for t in range(k)]
    chis = [rng.getrandbits(128) for _ in range(rows // 128)]                         # server's challenge, after all C
    answer = [column_hash(v, chis) for v in claim]
    h = column_hash(ext, chis)              # sent: h (16 bytes) and ONE hash of the 128 answers (32 bytes)
    want = [column_hash(w, chis) ^ (h & -(delta >> c & 1)) for c, w in enumerate(W)]
    ok = trees, hmac.compare_digest(digest(answer), digest(want))
    return ok, *[[sum((m[c] >> i & 1) << c for c in range(128)) for i in range(rows)] for m in (V, W)]

# ---------------------------------------------------------------- checks
def check_range(rng):
    fresh = (lambda: rng.getrandbits(128) | 1)
    a, b, c = fresh(), fresh(), fresh()
    assert gmul(2**127, 2) == 0x87 and gmul(a, gmul(b, c)) == gmul(gmul(c, a), b)
    assert gmul(a, 1) == a and gmul(a, b ^ c) == gmul(a, b) ^ gmul(a, c)
    bits = [rng.getrandbits(1) for _ in range(256)]
    masks, mk = mask_from_cots(bits, *ideal_cot(rng, bits, c))
    assert all(k == a ^ gmul(u, c) for (u, a), k in zip(masks, mk))
    yield "GF(2^128) laws; 128 random COTs pack to one mask u with tag a = k + u*Delta"
    for name, n in (("full", 4), ("split", 44)):
        values = EDGES + [rng.randrange(P) for _ in range(n)]
        assert run_range(rng, name, values, fresh()) and all(run_range(rng, name, [y], fresh()) for y in EDGES[:n])
    yield f"range proof complete on {len(EDGES)} edge values and random ones, batches of 1 to 61, both arrangements"
    assert max(EDGES) < P <= min(BAD)
    for y in BAD + [P + rng.randrange(2**44 - P)]:
        assert not run_range(rng, "full", [y], fresh())
        assert not any(run_range(rng, "split", [y], fresh(), [h >> i & 1 for i in range(4)]) for h in range(16))
    good = [rng.randrange(P) for _ in range(20)]
    assert not any(run_range(rng, name, good + [7 + P] + good[:3], fresh()) for name in ARRANGEMENTS)
    assert not run_range(rng, "split", [rng.randrange(2**40)], fresh(), [1, 1, 0, 0])
    near = [2**44 - rng.randrange(1, 2**28) for _ in range(40)]
    assert all(run_range(rng, "split", [y], fresh()) == (y < P) for y in near)
    yield "rejected: y+p, 2^44-1 and other patterns >= p, with any helper bits; one bad value in a batch of 24"
    delta = fresh()
    for name, (_, degree, _) in ARRANGEMENTS.items():
        bits, macs, keys, chis, masks, mk = range_instance(rng, name, [5 + P], delta)
        msg = prove_range(name, bits, macs, chis, masks)
        forged = [msg[0] ^ gmul(chis[0][-1], geval([0] * degree + [1], delta))] + msg[1:]
        assert [verify_range(name, keys, delta, chis, mk, m) for m in (msg, forged, forged + [0])] == [0, 1, 0]
    yield "a cheater passes iff its polynomial vanishes at Delta (shown: one that knows Delta): degree/2^127 + 2^-128"
    for name, (_, degree, _) in ARRANGEMENTS.items():
        bits, macs, keys, chis, masks, mk = range_instance(rng, name, [1, P - 1], delta)
        msg = prove_range(name, bits, macs, chis, masks)
        bits = [to_bits(name, y) for y in (2**43 + 99, 0)]
        macs = [[k ^ (delta & -b) for k, b in zip(*kb)] for kb in zip(keys, bits)]
        plain = prove_range(name, bits, macs, chis, [])
        u = [0] * degree                    # coefficient i of the message is plain_i + k_i + u_i*Delta + u_(i-1)
        for i in range(degree - 1, 0, -1):
            u[i - 1] = msg[i] ^ plain[i] ^ (mk[i] ^ gmul(u[i], delta) if i < degree - 1 else 0)
        assert prove_range(name, bits, macs, chis, [(x, k ^ gmul(x, delta)) for x, k in zip(u, mk)]) == msg
    yield "uniform message: for the same keys any other canonical values give the same message under exactly one mask"
    assert all(single_mask_attack(rng, fresh()) for _ in range(3))
    yield "with ONE mask at degree 44 the server reads bits 43..27 of y exactly"
    for name, (_, degree, _) in ARRANGEMENTS.items():
        seen = set()
        for y in (0, P - 1, rng.randrange(P), 2**44 - 1):
            bits, macs, keys, chis, masks, mk = range_instance(rng, name, [y], delta)
            start = mults
            msg = prove_range(name, bits, macs, chis, masks)
            middle = mults
            verify_range(name, keys, delta, chis, mk, msg)                       # 3*degree (+ 1) are once per batch
            seen.add((middle - start, mults - middle - 3 * degree - (name == "split")))
        assert seen == {{"full": (990, 44), "split": (255, 52)}[name]}                # the same whatever the bits are
        size = (len(bits[0]) - 44) * 4 * 65536 + 512 * (degree - 1) + 16 * degree
        yield f"{name}: multiplications a value (prover, verifier) {seen}; n = 65,536: {size:,} bytes more (k = 4)"

def check_product(rng):
    alpha = rng.randrange(1, P)
    pairs = [(rng.randrange(P), rng.randrange(P)) for _ in range(200)] + [(0, 0), (0, 5), (P - 1, P - 1)]
    for bad in (None, 0, 77, 202):
        triples = [(a, b, (a * b + (i == bad)) % P) for i, (a, b) in enumerate(pairs)]
        rows, keys, mask, ku, chis = product_instance(rng, triples, alpha)
        msg = prove_product(rows, mask, chis)
        assert verify_product(keys, ku, alpha, chis, msg) == (bad is None)
        assert not verify_product(keys, ku, alpha, chis, (msg[0], msg[1] + 1))
    yield "product proof over F: complete; one wrong e among 203 and a changed message are rejected"
    rows, keys, mask, ku, chis = product_instance(rng, [(3, 4, 12)], alpha)
    msg, a, b = prove_product(rows, mask, chis), rng.randrange(P), rng.randrange(P)
    row = sum(((x, (k + alpha * x) % P) for x, k in zip((a, b, a * b % P), keys[0])), ())
    u = (msg[1] - prove_product([row], (0, 0), chis)[1]) % P
    assert prove_product([row], (u, (ku + alpha * u) % P), chis) == msg
    q = 31                                  # the best cheater: chi sums to 0, or alpha is one of two roots
    won = sum(q - 1 if c == 0 else max(sum((c * x * x + s * x + t) % q == 0 for x in range(1, q))
                                       for s in range(q) for t in range(q)) for c in range(q))
    assert won * q == 3 * q * (q - 1)
    yield "its message is uniform given the keys; the best cheater wins with exactly 3/p (counted in full at p = 31)"

def check_cot(rng):
    for k in (1, 2, 4):
        delta, b = rng.getrandbits(128) | 1, rng.getrandbits(256)
        ok, mac, key = softspoken(rng, b, 256, delta, k)
        assert all(ok) and all(x == y ^ (delta & -(b >> i & 1)) for i, (x, y) in enumerate(zip(mac, key)))
    yield "SoftSpokenOT, k = 1, 2, 4: both checks hold for honest parties and L = K xor b*Delta in every row"
    for _ in range(40):
        delta, c, z = rng.getrandbits(128) | 1, rng.randrange(1, 128), rng.getrandbits(1)
        assert softspoken(rng, 0, 128, delta, 2, bad_ot=(c, z))[0] == (delta >> c & 1 != z,) * 2
    yield "punctured-PRF check: an altered base-OT message shows one bit of Delta by pass or abort, 1/2 each"
    for k, n in ((1, 12), (2, 16), (4, 32)):
        for _ in range(n):
            delta, j, guess = rng.getrandbits(128), rng.randrange(128 // k), rng.getrandbits(k)
            ok, mac, key = softspoken(rng, 0, 128, delta, k, bad_column=(j, 1 << 9, guess))
            assert ok == (True, delta >> (k * j) & (2**k - 1) == guess)
            assert [x ^ y for x, y in zip(mac, key)] == [0] * 9 + [delta & (2**k - 1) << (k * j)] + [0] * 118
    yield "consistency check: a block inconsistent in one row passes iff its k bits of Delta are guessed, 2^-k"
    yield "without that check K xor L of the row IS those bits, and any message that hashes K shows them to the client"
    for values, want in (([P - 1, 12345], True), ([P - 1, 12345 + P], False)):
        bits = [to_bits("split", y) for y in values]
        stream = sum(bits, []) + [rng.getrandbits(1) for _ in range(9 * 128 + 32)]    # 96 + 1152, padded to 1280
        ok, mac, key = softspoken(rng, sum(x << i for i, x in enumerate(stream)), 1280, delta, 2)
        masks, mk = mask_from_cots(*(v[96:1248] for v in (stream, mac, key)))
        chis = [[rng.getrandbits(128) for _ in range(5)] for _ in values]
        msg = prove_range("split", bits, [mac[:48], mac[48:96]], chis, masks)
        assert all(ok) and verify_range("split", [key[:48], key[48:96]], delta, chis, mk, msg) == want
    yield "range proof over SoftSpokenOT outputs: canonical accepted, y + p refused"

def vectors(seed):
    rng = random.Random(seed)
    out = {"encoding": "GF(2^128): hex of the integer, bit i = coefficient of x^i", "p": P, "range": [], "product": []}
    hexes = (lambda v: [hexes(x) for x in v] if isinstance(v, (list, tuple)) else f"{v:032x}")
    for name in ARRANGEMENTS:
        for values in ([0, P - 1, 2**44 - 2**27], [rng.randrange(P), P + 3]):
            delta = rng.getrandbits(128) | 1
            bits, macs, keys, chis, masks, mk = range_instance(rng, name, values, delta)
            msg = prove_range(name, bits, macs, chis, masks)
            names = "delta L K chi mask_u_a mask_k message".split()
            out["range"].append({"arrangement": name, "y": values, "bits": bits,
                                 **dict(zip(names, map(hexes, (delta, macs, keys, chis, masks, mk, msg)))),
                                 "accept": verify_range(name, keys, delta, chis, mk, msg)})
    for wrong in (0, 1):
        alpha, a = rng.randrange(1, P), [rng.randrange(P) for _ in range(4)]
        triples = [(x, y, (x * y + wrong) % P) for x in a for y in a[:2]]
        rows, keys, mask, ku, chis = product_instance(rng, triples, alpha)
        msg = prove_product(rows, mask, chis)
        out["product"].append({"alpha": alpha, "a_ma_b_mb_e_me": rows, "ka_kb_ke": keys, "chi": chis, "mask_u_mu": mask,
                               "mask_ku": ku, "message": msg, "accept": verify_product(keys, ku, alpha, chis, msg)})
    return out

if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "vectors":
        print(json.dumps(vectors(int(sys.argv[2])), indent=1))
    else:
        for check in (check_range, check_product, check_cot):
            for line in check(random.Random(1)):
                print("ok:", line, flush=True)
