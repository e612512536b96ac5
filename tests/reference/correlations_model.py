#!/usr/bin/env python3
"""Executable reference of the homomorphic path of docs/protocol.md (sections 4.1 to 4.4).

Slow, readable, not constant time, not secure randomness: an oracle for tests, nothing else. p, q and the noise are the real ones, N is
small. Run it to check itself; `correlations_model.py vectors SEED` prints JSON test vectors for the encoding and the tiling.
Polynomials are lists of N integers modulo X^N + 1. "Centred" always means the symmetric representative in [-(m-1)/2, (m-1)/2].
"""
import hashlib, json, random, sys
from collections import namedtuple
from math import log2, prod

P = 2**44 - 15 * 2**23 + 1
B_S, B_E = 1, 21               # ternary secret; centred binomial noise, eta = 21
REPETITIONS, TRIES = 4, 64     # of the proof
SIGMA, KEEP = 50, 58           # flooding; bits sent of each coefficient of a reply
PRIMES = [2**43 + 1 - k * 2**14 for k in (10, 14, 22, 38, 65)]   # the five largest below 2^43 that are 1 mod 2 * 8192
Q, Q2 = prod(PRIMES), PRIMES[0] * PRIMES[1]        # Q2 is what modulus switching leaves
DROP = Q2.bit_length() - KEEP
P_INV, HALF = pow(P, -1, Q), (P + 1) // 2

# ---- ring -----------------------------------------------------------------------------------------------------------------------
def centre(v, m):
    return (v + m // 2) % m - m // 2

def mul(a, b):
    """Negacyclic product over the integers, signed operands, by Kronecker substitution."""
    n, bits = len(a), max(map(abs, a)).bit_length() + max(map(abs, b)).bit_length()
    size = (bits + n.bit_length() + 9) // 8
    def pack(c):
        halves = (b"".join(max(sign * x, 0).to_bytes(size, "little") for x in c) for sign in (1, -1))
        return int.from_bytes(next(halves), "little") - int.from_bytes(next(halves), "little")
    half = 1 << (8 * size - 1)
    offset = int.from_bytes((bytes(size - 1) + b"\x80") * (2 * n), "little")
    raw = (pack(a) * pack(b) + offset).to_bytes(2 * n * size, "little")
    c = [int.from_bytes(raw[i * size:(i + 1) * size], "little") - half for i in range(2 * n)]
    return [c[i] - c[i + n] for i in range(n)]

def add(*polys):
    return [sum(column) % Q for column in zip(*polys)]
def scale(k, a):
    return [k * x for x in a]

def monomial(k, a):
    """X^k * a for 0 <= k < 2N (so X^(N+k) = -X^k); k = 2N stands for the challenge 0."""
    n = len(a)
    back = [(i - k) % (2 * n) for i in range(n)]
    return [0] * n if k == 2 * n else [a[j % n] if j < n else -a[j % n] for j in back]

def noise(n, rng):
    return [rng.getrandbits(B_E).bit_count() - rng.getrandbits(B_E).bit_count() for _ in range(n)]
def uniform(n, bound, rng):
    return [rng.randint(-bound, bound) for _ in range(n)]

def expand(seed, n):
    """Stand-in for the XOF that turns (session seed, index) into a row's a."""
    raw = hashlib.shake_256(seed.encode()).digest(48 * n)
    return [int.from_bytes(raw[48 * i:48 * i + 48], "little") % Q for i in range(n)]

# ---- 4.1 keys and ciphertexts ---------------------------------------------------------------------------------------------------
Row = namedtuple("Row", "seed a b e mu")   # e and mu are the client's; mu is None for the public key; the wire carries seed and b

def mu_of(m):
    """The short, linear representative of a plaintext: [-q m]_p."""
    return [centre(-Q * x, P) for x in m]

def row(s, seed, rng, m=None, e=None):
    """b = -a s + e + p^-1 mu, with p^-1 mu = round(q m / p) mod q."""
    a, e, mu = expand(seed, len(s)), e or noise(len(s), rng), None if m is None else mu_of(m)
    return Row(seed, a, add(scale(-1, mul(a, s)), e, scale(P_INV, mu or [0] * len(s))), e, mu)

def double(r):
    """What the server does on receipt: b := 2b, a stays, the key becomes 2s."""
    return Row(r.seed, r.a, [2 * x % Q for x in r.b], None, None)

# ---- 4.3 proof of well-formed rows ----------------------------------------------------------------------------------------------
def gammas(n, rows):
    """Mask bounds for s and e: each is its witness bound (a wrap included) times the number of their responses; acceptance about 1/e."""
    return B_S * n * (rows + 1) * REPETITIONS, (B_E + 1) * n * (rows + 1) * REPETITIONS

def digest(session, rows, first):
    """Binds the session, every seed and b, which rows carry a plaintext, and the first messages."""
    return hashlib.sha256(repr((session, [(r.seed, r.b, r.mu is not None) for r in rows], first)).encode()).digest()

def commit(rows, rng, offsets):
    n, (gs, ge), masks, first = len(rows[0].a), gammas(len(rows[0].a), len(rows)), [], []
    for _ in range(REPETITIONS):
        ys, ymu = uniform(n, gs, rng), [uniform(n, P // 2, rng) if r.mu else None for r in rows]
        ye = [[x + offset for x in uniform(n, ge, rng)] for offset in offsets]
        masks.append((ys, ye, ymu))
        first.append([add(scale(-1, mul(r.a, ys)), e, scale(P_INV, m or [0] * n)) for r, e, m in zip(rows, ye, ymu)])
    return masks, first

def respond(s, rows, masks, challenges, reject=True):
    """z = y + c w over the integers for s and e; z_mu centred mod p, its wrap (-1, 0, 1) goes into z_e. None: start over."""
    (gs, ge), out = gammas(len(s), len(rows)), []
    shifted = lambda y, c, w: [u + v for u, v in zip(y, monomial(c, w))]
    for (ys, ye, ymu), c in zip(masks, challenges):
        zs, ze, zmu = shifted(ys, c, s), [], []
        for r, e, m in zip(rows, ye, ymu):
            full = shifted(m, c, r.mu) if r.mu else [0] * len(s)
            short = [centre(x, P) for x in full]
            ze.append([centre(x + (u - v) // P, Q) for x, u, v in zip(shifted(e, c, r.e), full, short)])   # p^-1 (wrap p) = wrap
            zmu.append(short if r.mu else None)
        if reject and not within(zs, ze, gs, ge):
            return None
        out.append((zs, ze, zmu))
    return out

def within(zs, ze, gs, ge):
    return max(map(abs, zs)) <= gs - B_S and all(max(map(abs, z)) <= ge - B_E - 1 for z in ze)

def verify(session, rows, hashed, challenges, responses):
    first = []
    for (zs, ze, zmu), c in zip(responses, challenges):
        canonical = all((z is None) == (r.mu is None) and (z is None or max(map(abs, z)) <= P // 2) for r, z in zip(rows, zmu))
        if not canonical or not within(zs, ze, *gammas(len(zs), len(rows))):
            return False
        first.append([add(scale(-1, mul(r.a, zs)), z, scale(P_INV, m or [0] * len(zs)), scale(-1, monomial(c, r.b)))
                      for r, z, m in zip(rows, ze, zmu)])
    return digest(session, rows, first) == hashed

def prove(session, s, rows, rng, offsets=None):
    """Both sides, interactively; rows start with the public key. Returns (accepted, tries). A cheater shifts its masks by offsets."""
    for tries in range(1, TRIES + 1):
        masks, first = commit(rows, rng, offsets or [0] * len(rows))
        hashed, challenges = digest(session, rows, first), [rng.randrange(2 * len(s) + 1) for _ in range(REPETITIONS)]
        responses = respond(s, rows, masks, challenges)
        if responses:
            return verify(session, rows, hashed, challenges, responses), tries
    return False, TRIES

def two_over(c, d, n):
    """2 / (c - d) in the ring, for challenges c != d: l1 norm at most N."""
    one = [1] + [0] * (n - 1)
    if 2 * n in (c, d):                                    # c - 0 = X^c, 0 - d = -X^d
        return scale(2, monomial((-c if d == 2 * n else n - d) % (2 * n), one))
    step = (d - c) % (2 * n)                               # X^-c (1 + Y + Y^2 + ..), Y = X^step, up to where Y^count = -1
    return [sum(column) for column in zip(*(monomial((i * step - c) % (2 * n), one) for i in range(n // (step & -step))))]

# ---- noise budget (the sums of noise_budget.py) and 4.4 replies -----------------------------------------------------------------
Budget = namedtuple("Budget", "n rows returned")   # rows of the proof, public key included; ciphertexts returned per inference

def flood_bound(budget, growth):
    """2^SIGMA times what the proof allows in any returned coefficient: growth (a public l1 bound) times a ciphertext's noise, plus the
    fresh encryption of zero v e_pk + f1 s + f0."""
    n, (gs, ge) = budget.n, gammas(budget.n, budget.rows)
    error, secret = 2 * n * 2 * ge, 2 * n * 2 * gs         # of 2e (4N more for the wraps of 2 mu) and of 2s
    return (growth * (error + 4 * n) + n * error + n * B_E * secret + B_E) * 2**SIGMA * budget.returned * n
def needed_bits(budget, growth):
    return log2(flood_bound(budget, growth)) + log2(P) + 2

def switch(c):
    """q to Q2 with rounding, then the top KEEP bits."""
    return (((2 * c * Q2 + Q) // (2 * Q)) % Q2) >> DROP

def reply(pk, b, a, mask, coefficients, budget, growth, rng, refresh=True):
    """Subtract the mask, add a fresh encryption of zero, flood, THEN switch and truncate. c1 whole, c0 only where needed."""
    assert needed_bits(budget, growth) <= log2(Q)     # p * flood / q <= 1/4: as much is left for truncation
    v, f0, f1 = (uniform(budget.n, B_S, rng), noise(budget.n, rng), noise(budget.n, rng)) if refresh else ([0] * budget.n,) * 3
    c0 = add(b, scale(-P_INV, mu_of(mask)), mul(pk.b, v), f0, uniform(budget.n, flood_bound(budget, growth), rng))
    return {i: switch(c0[i]) for i in coefficients}, [switch(x) for x in add(a, mul(pk.a, v), f1)]

def phase(key, answer):
    """c0 + c1 key mod Q2 in the needed coefficients, each truncated coefficient read at the middle of its interval."""
    c0, c1 = answer
    wide = lambda x: (x << DROP) + (1 << DROP - 1)
    product = mul([wide(x) for x in c1], key)
    return {i: (wide(x) + product[i]) % Q2 for i, x in c0.items()}
def decrypt(key, answer):
    return {i: (2 * P * v + Q2) // (2 * Q2) % P for i, v in phase(key, answer).items()}
def distance(key, answer):
    """p * noise / Q2 per coefficient: decryption is right below 1/2; this residue is all that noise shows beyond the plaintext."""
    return {i: centre(P * v, Q2) / Q2 for i, v in phase(key, answer).items()}

# ---- 4.1 coefficient encoding ---------------------------------------------------------------------------------------------------
# inputs[t][i]: ("element", k), ("copy", k, t', i') of the element k there, or ("zero",); taps[g][t]: [(coefficient, index of a weight)] of
# reply g, a sum over the input tiles t; outputs[k] = (g, coefficient)
Layout = namedtuple("Layout", "n inputs taps outputs")

def convolution(n, c, h, w, m, k, pad=0, stride=1, cw=None, mw=None, bh=None, bw=None):
    """c x h x w elements, m x c x k x k weights, both row-major. One product takes cw channels of a bh x bw block of the PADDED image
    and gives mw channels; blocks start every bh - k + 1 rows and bw - k + 1 columns, so neighbours share k - 1 (the copies).
    A dense layer is h = w = k = 1: W[r][j] sits at r cw + cw - 1 - j, output r at r cw + cw - 1."""
    ph, pw = h + 2 * pad, w + 2 * pad
    cw, mw, bh, bw = cw or c, mw or m, bh or ph, bw or pw
    area, dh, dw = bh * bw, bh - k + 1, bw - k + 1
    assert cw * mw * area <= n and dh > 0 and dw > 0
    top = lambda o: area * (cw * (o % mw + 1) - 1) + bw * (k - 1) + k - 1
    cols, ins, outs = -(-(pw - k + 1) // dw), -(-c // cw), -(-m // mw)
    inputs, first, taps = [], {}, []
    for block in range(-(-(ph - k + 1) // dh) * cols):
        for tile in range(ins):
            poly = [("zero",)] * n
            for i in range(min(cw, c - tile * cw) * area):
                y, x = block // cols * dh + i % area // bw - pad, block % cols * dw + i % bw - pad
                if 0 <= y < h and 0 <= x < w:
                    element = ((tile * cw + i // area) * h + y) * w + x
                    poly[i] = ("copy", element, *first[element]) if element in first else ("element", element)
                    first.setdefault(element, (len(inputs), i))
            inputs.append(poly)
        for out in range(outs):
            taps.append({block * ins + tile: [(top(o) - (ch - tile * cw) * area - y * bw - x, ((o * c + ch) * k + y) * k + x)
                                              for o in range(out * mw, min(m, out * mw + mw))
                                              for ch in range(tile * cw, min(c, tile * cw + cw)) for y in range(k) for x in range(k)]
                         for tile in range(ins)})
    outputs = [((y // dh * cols + x // dw) * outs + o // mw, top(o) + y % dh * bw + x % dw)
               for o in range(m) for y in range(0, ph - k + 1, stride) for x in range(0, pw - k + 1, stride)]
    return Layout(n, inputs, taps, outputs)

def plain(r, weights, c, h, w, m, k, pad=0, stride=1, **tiling):
    """The linear layer itself, mod p."""
    at = lambda ch, y, x: r[(ch * h + y) * w + x] if 0 <= y < h and 0 <= x < w else 0
    return [sum(weights[((o * c + ch) * k + a) * k + b] * at(ch, y + a - pad, x + b - pad)
                for ch in range(c) for a in range(k) for b in range(k)) % P
            for o in range(m) for y in range(0, h + 2 * pad - k + 1, stride) for x in range(0, w + 2 * pad - k + 1, stride)]

def pack(layout, r):
    return [[0 if at[0] == "zero" else r[at[1]] for at in poly] for poly in layout.inputs]

def pack_weights(layout, weights):
    """Per reply, per input tile: the plaintext polynomial, signed."""
    out = [{t: [0] * layout.n for t in group} for group in layout.taps]
    for g, t, i, k in ((g, t, i, k) for g, group in enumerate(layout.taps) for t, places in group.items() for i, k in places):
        out[g][t][i] = weights[k]
    return out

def products(layout, packed, polys):
    """Per reply the sum over its input tiles, over the integers."""
    return [[sum(column) for column in zip(*(mul(packed[t], group[t]) for t in group))] for group in polys]

# ---- 4.2 correlations for one layer ---------------------------------------------------------------------------------------------
def correlate(layout, weights, bound, alpha, pk, rows, budget, rng, scalar=True, refresh=True):
    """The server, after the proof: rows and pk already doubled. bound is public (l1 of a group); flooding never depends on weights or
    alpha. Returns the replies and the server's shares: s and k_y per output, k_r per coefficient of each input."""
    n, values, macs, s, k_y, signed = layout.n, [], [], [], [], centre(alpha, P)
    for g, group in enumerate(pack_weights(layout, weights)):
        apply = lambda multipliers: [add(*(mul(getattr(rows[t], part), multipliers[t]) for t in group)) for part in "ba"]
        (b, a), wanted = apply(group), [i for where, i in layout.outputs if where == g]
        share, t = [rng.randrange(P) for _ in range(n)], [rng.randrange(P) for _ in range(n)]
        assert sum(abs(x) for poly in group.values() for x in poly) <= bound
        values.append(reply(pk, b, a, share, wanted, budget, bound, rng, refresh))
        if scalar:                                         # the unflooded product times alpha
            (b, a), growth = (scale(signed, b), scale(signed, a)), bound * (P // 2)
        else:                                              # or alpha W mod p as one plaintext
            group = {tile: [centre(alpha * x, P) for x in poly] for tile, poly in group.items()}
            (b, a), growth = apply(group), sum(map(len, layout.taps[g].values())) * (P // 2)
        macs.append(reply(pk, b, a, [(alpha * x + y) % P for x, y in zip(share, t)], wanted, budget, growth, rng, refresh))
        s, k_y = s + [share], k_y + [[-x % P for x in t]]
    u = [[rng.randrange(P) for _ in range(n)] for _ in rows]
    mac_r = [reply(pk, scale(signed, r.b), scale(signed, r.a), x, range(n), budget, P // 2, rng, refresh) for r, x in zip(rows, u)]
    pick = lambda polys: [polys[g][i] for g, i in layout.outputs]
    return (values, macs, mac_r), (pick(s), pick(k_y), [[-x % P for x in poly] for poly in u])

def constraints(layout, polys):
    """What the equality hash opens: m (client) or k (server) of every zero, and the difference of every copy."""
    out = [polys[t][i] - (polys[at[2]][at[3]] if at[0] == "copy" else 0)
           for t, kinds in enumerate(layout.inputs) for i, at in enumerate(kinds) if at[0] != "element"]
    return hashlib.sha256(b"".join((x % P).to_bytes(6, "little") for x in out)).digest()

def receive(key, layout, replies):
    """The client: y, m_y per output, m_r per coefficient."""
    values, macs, mac_r = [[decrypt(key, x) for x in part] for part in replies]
    return *([part[g][i] for g, i in layout.outputs] for part in (values, macs)), [list(x.values()) for x in mac_r]

def session(layout, packed, rng, label, errors=None, doubled=True):
    """Keys, encryptions of r / 2, proof, doubling: returns (the client's key, pk, rows, budget). A cheater adds errors to its rows."""
    s = uniform(layout.n, B_S, rng)
    made = [row(s, label + " pk", rng)] + [row(s, f"{label} {t}", rng, [x * HALF % P for x in r],
                                               errors and [x + errors for x in noise(layout.n, rng)]) for t, r in enumerate(packed)]
    assert prove(label, s, made, rng, errors and [0] + [-errors] * len(packed))[0]
    budget = Budget(layout.n, len(made), 2 * len(layout.taps) + len(packed))
    return (scale(2, s), double(made[0]), [double(r) for r in made[1:]], budget) if doubled else (s, made[0], made[1:], budget)

# ---- checks ---------------------------------------------------------------------------------------------------------------------
SHAPES = [  # (N, arguments): valid; same, channels tiled both ways; blocks with copies; stride; 1 x 1; dense, one and several tiles
    (64, dict(c=2, h=4, w=4, m=2, k=3)), (128, dict(c=3, h=4, w=4, m=5, k=3, pad=1, cw=2, mw=1)),
    (256, dict(c=2, h=9, w=11, m=3, k=3, pad=1, cw=1, mw=2, bh=8, bw=8)), (64, dict(c=1, h=6, w=6, m=1, k=3, pad=1, stride=2)),
    (64, dict(c=5, h=3, w=3, m=4, k=1, cw=3, mw=2)), (64, dict(c=9, h=1, w=1, m=7, k=1)), (64, dict(c=20, h=1, w=1, m=8, k=1, cw=12, mw=5))]

def make(shape, rng, bits=8):
    """Layout, uniform r, weights below 2^bits, what the plaintext layer gives, the public l1 bound of a reply's weights."""
    n, args = shape
    layout, count = convolution(n, **args), args["m"] * args["c"] * args["k"] ** 2
    weights = [rng.randint(1 - 2**bits, 2**bits - 1) for _ in range(count)]
    r = [rng.randrange(P) for _ in range(args["c"] * args["h"] * args["w"])]
    return layout, r, weights, plain(r, weights, **args), max(sum(map(len, group.values())) for group in layout.taps) * 2**bits

def say(name, ok, detail=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name}{': ' + detail if detail else ''}", flush=True)
    assert ok, name

def check_ring(rng):
    a, b = uniform(16, 50, rng), uniform(16, Q, rng)
    school = [sum((1 if i <= k else -1) * a[i] * b[(k - i) % 16] for i in range(16)) for k in range(16)]
    say("Kronecker product equals schoolbook; log q = 215, log Q2 = 86; primes are 1 mod 2 * 8192", mul(a, b) == school
        and (Q.bit_length(), Q2.bit_length()) == (215, 86) and all(x % 16384 == 1 and pow(3, x - 1, x) == 1 for x in PRIMES))
    m = [rng.randrange(P) for _ in range(2000)] + [0, 1, P - 1, P // 2, P // 2 + 1]
    say("p^-1 [-q m]_p = round(q m / p) mod q", all(P_INV * x % Q == (2 * Q * v + P) // (2 * P) % Q for v, x in zip(m, mu_of(m))))
    good, one = True, [1] + [0] * 15
    for c, d in ((c, d) for c in range(33) for d in range(33) if c != d):
        difference = [x - y for x, y in zip(monomial(c, one), monomial(d, one))]
        good &= mul(two_over(c, d, 16), difference) == scale(2, one) and sum(map(abs, two_over(c, d, 16))) <= 16
    say("2 / (c - c') exists with l1 norm at most N for all challenges", good)

def outcome(layout, packed, want, alpha, key, replies, shares):
    """Which of these hold: y = M r - s, MACs of y, MACs of r, structure."""
    (y, m_y, m_r), (s, k_y, k_r) = receive(key, layout, replies), shares
    mac = lambda m, k, x: all((a - b - alpha * v) % P == 0 for a, b, v in zip(m, k, x))
    return ([(w - x) % P for w, x in zip(want, s)] == y, mac(m_y, k_y, y), all(mac(*part) for part in zip(m_r, k_r, packed)),
            constraints(layout, m_r) == constraints(layout, k_r))

def check_layers(rng):
    for shape in SHAPES:
        layout, r, weights, want, bound = make(shape, rng)
        packed, alpha = pack(layout, r), rng.randrange(1, P)
        product = products(layout, packed, pack_weights(layout, weights))
        say(f"coefficient encoding of {shape}", [product[g][i] % P for g, i in layout.outputs] == want)
        key, *known = session(layout, packed, rng, str(shape))
        runs = (correlate(layout, weights, bound, alpha, *known, rng, scalar) for scalar in (True, False))
        ok = [outcome(layout, packed, want, alpha, key, *run) for run in runs]
        kinds = [at[0] for poly in layout.inputs for at in poly]
        say("  y = M r - s, MAC of y (by scalar alpha, by alpha W), MAC of r, structure", all(map(all, ok)),
            f"{len(packed)} inputs, {len(layout.taps)} groups, {kinds.count('zero')} zeros, {kinds.count('copy')} copies")

def check_proof(rng):
    n, s = 64, uniform(64, B_S, rng)
    rows = [row(s, "proof pk", rng)] + [row(s, f"proof {i}", rng, [rng.randrange(P) for _ in range(n)]) for i in range(2)]
    runs = [prove("proof", s, rows, rng) for _ in range(60)]
    say("honest proofs accepted", all(x for x, _ in runs), f"{60 / sum(tries for _, tries in runs):.2f} of the tries, expected 1/e = 0.37")
    c, d, left, right = [5, 128, 99, 7], [77, 3, 99, 7], None, None
    while not (left and right):
        masks, first = commit(rows, rng, [0] * 3)
        left, right = respond(s, rows, masks, c), respond(s, rows, masks, d)
    good, hashed = True, digest("proof", rows, first)
    for rep in (0, 1):
        lift = lambda x, y: mul(two_over(c[rep], d[rep], n), [u - v for u, v in zip(x, y)])
        (zs, ze, zmu), (ws, we, wmu) = left[rep], right[rep]
        good &= lift(zs, ws) == scale(2, s)
        for r, x, y, u, v in zip(rows, ze, we, zmu, wmu):
            mu = lift(u, v) if r.mu else [0] * n
            short = [centre(x, P) for x in mu]
            e = [x + (y - z) // P for x, y, z in zip(lift(x, y), mu, short)]
            good &= add(scale(-1, mul(r.a, scale(2, s))), e, scale(P_INV, short)) == [2 * x % Q for x in r.b]
            good &= max(map(abs, e)) <= n * 2 * gammas(n, 3)[1] + n
    say("two transcripts give an opening of 2b within N * 2 gamma + N", good)
    (zs, ze, zmu), rest = left[0], left[1:]                # z_mu + p with z_e - 1 satisfies the equation, is not canonical
    moved = [(zs, [ze[0], [ze[1][0] - 1] + ze[1][1:], ze[2]], [None, [zmu[1][0] + P] + zmu[1][1:], zmu[2]])] + rest
    while respond(s, rows, masks, c):                      # a response that satisfies the equation, not the bounds
        masks, first = commit(rows, rng, [0] * 3)
    tries = [verify("proof", rows, hashed, c, left), verify("other", rows, hashed, c, left), verify("proof", rows, hashed, d, left),
             verify("proof", [row(s, "x", rng)] + rows[1:], hashed, c, left), verify("proof", rows, hashed, c, moved),
             verify("proof", rows, digest("proof", rows, first), c, respond(s, rows, masks, c, False))]
    say("a transcript is accepted only with its session, challenge, rows, canonical mu, bounds", tries == [True] + [False] * 5)

def check_padding(rng):
    """Cheater: non-zero padding, or unequal copies, to have another linear map evaluated."""
    for name, shape, kind in (("padding", SHAPES[1], "zero"), ("copy", SHAPES[2], "copy"), ("gap of a dense layer", SHAPES[6], "zero")):
        layout, r, weights, want, bound = make(shape, rng)
        packed, alpha = pack(layout, r), rng.randrange(1, P)
        t, i = next((t, i) for t, poly in enumerate(layout.inputs) for i, at in enumerate(poly) if at[0] == kind)
        packed[t][i] = (packed[t][i] + 1) % P
        key, *known = session(layout, packed, rng, name)
        got = outcome(layout, packed, want, alpha, key, *correlate(layout, weights, bound, alpha, *known, rng))
        say(f"cheater, {name}: another linear map with valid MACs, caught by the structure check alone", got == (False, True, True, False))

def check_half(rng):
    """Cheater: errors of (q + 1) / 2. p * noise / q near 1/2 shows an odd sum of weights, an odd alpha."""
    for doubled, what in ((False, "WITHOUT doubling it reads the parity of weights and alpha"), (True, "doubled, all replies look alike")):
        good = True
        for trial in range(8):
            (layout, r, weights, _, bound), alpha = make(SHAPES[0], rng), rng.randrange(1, P)
            key, *known = session(layout, pack(layout, r), rng, f"half {trial}", (Q + 1) // 2, doubled)
            (values, _, mac_r), _ = correlate(layout, weights, bound, alpha, *known, rng)
            for answer, secret in ((values[0], sum(weights)), (mac_r[0], centre(alpha, P))):
                far = 0 if doubled else secret % 2 / 2
                good &= all(abs(abs(x) - far) < 0.1 for x in distance(key, answer).values())
        say("cheater, (q+1)/2 passes the proof; " + what, good)

def read_alpha(a, top):
    """From a_i and the truncated c1_i = alpha a_i mod q: the lattice point of {(2^113 x, a_i x mod q)} nearest to (0, c1_i)."""
    dot, u, v, k = (lambda x, y: x[0] * y[0] + x[1] * y[1]), (2**113, a), (0, Q), 1
    while k:                                               # Gauss reduction
        u, v = sorted((u, v), key=lambda x: dot(x, x))
        k = (2 * dot(u, v) + dot(u, u)) // (2 * dot(u, u))
        v = (v[0] - k * u[0], v[1] - k * u[1])
    target, det = ((top << DROP) + (1 << DROP - 1)) * Q // Q2, u[0] * v[1] - u[1] * v[0]
    i, j = (-2 * target * v[0] + det) // (2 * det), (2 * target * u[0] + det) // (2 * det)
    return (i * u[0] + j * v[0]) // 2**113 % P

def check_refresh(rng):
    """Cheater (merely curious): divides c1 of the MAC of r by the a it knows; truncation alone does not stop it."""
    layout, r, weights, _, bound = make(SHAPES[0], rng)
    alpha, (key, pk, rows, budget) = rng.randrange(1, P), session(layout, pack(layout, r), rng, "refresh")
    for refresh, what in ((False, "NOT re-randomised: alpha read from one coefficient"), (True, "re-randomised: nothing read")):
        (_, _, mac_r), _ = correlate(layout, weights, bound, alpha, pk, rows, budget, rng, refresh=refresh)
        found = [read_alpha(a, top) for a, top in zip(rows[0].a, mac_r[0][1])].count(alpha)
        say("cheater, c1 " + what, found == 0 if refresh else found > 60, f"{found} of {layout.n}")

def check_keys(rng):
    """Cheater: a ciphertext under another key, or with long noise."""
    m, (s, other) = [rng.randrange(P) for _ in range(64)], (uniform(64, B_S, rng) for _ in range(2))
    pk, honest, foreign, noisy = row(s, "pk", rng), row(s, "0", rng, m), row(other, "1", rng, m), row(s, "2", rng, m, [2**60] + [0] * 63)
    def accepted(secret, *rows):
        for masks, first in (commit(rows, rng, [0] * len(rows)) for _ in range(32)):
            c = [rng.randrange(1, 128) for _ in range(REPETITIONS)]
            if verify("keys", rows, digest("keys", rows, first), c, respond(secret, rows, masks, c, False)):
                return True
    say("cheater, ciphertext under another key or with long noise: rejected", accepted(s, pk, honest) and not accepted(s, pk, foreign)
        and not accepted(other, pk, foreign) and not accepted(s, pk, noisy))
    say("cheater, ciphertext under another key: accepted WITHOUT the public-key row", accepted(other, foreign))

def check_full_size(rng):
    """N = 8192 with the budget of a shipped network: 8 outputs of 5 x 5 taps below 2^10, 5 rows in the proof, 29 replies."""
    layout, r, weights, want, bound = make((8192, dict(c=1, h=28, w=28, m=8, k=5)), rng, 10)
    s, alpha, budget, packed = uniform(8192, B_S, rng), rng.randrange(1, P), Budget(8192, 5, 29), pack(layout, r)
    pk, rows, key = double(row(s, "pk", rng)), [double(row(s, "0", rng, [x * HALF % P for x in packed[0]]))], scale(2, s)
    (replies, shares), scalar = correlate(layout, weights, bound, alpha, pk, rows, budget, rng), needed_bits(budget, bound * (P // 2))
    say("N = 8192, q of 215 bits: value, MAC of y, MAC of r", all(outcome(layout, packed, want, alpha, key, replies, shares)),
        f"log q needed {needed_bits(budget, bound):.1f}, {scalar:.1f} for the MAC of y by scalar")
    worst = [log2(max(abs(x) for x in distance(key, c[0]).values())) for c in replies]
    deviation = P * 2**DROP * ((1 + 4 * sum(map(abs, s))) / 12) ** 0.5 / Q2
    say(f"N = 8192, {KEEP} bits: p * noise / Q2 stays below 1/2 whatever the flooding, and the flooding is there",
        max(worst) < -4 and 20 * deviation + 1 / 4 < 1 / 2 and worst[1] > scalar - 2.5 - log2(Q), "value (truncation alone), MAC of y, "
        "MAC of r: " + ", ".join(f"2^{x:.1f}" for x in worst) + f"; truncation {20 * deviation:.3f} at 20 deviations, flooding at most 1/4")

def vectors(seed):
    rng, cases = random.Random(seed), []
    for n, shape in SHAPES:
        layout, r, weights, want, _ = make((n, shape), rng)
        packed, polys = pack(layout, r), pack_weights(layout, weights)
        product = [[x % P for x in poly] for poly in products(layout, packed, polys)]
        assert [product[g][i] for g, i in layout.outputs] == want
        where = [(at[0], [t, i, *at[2:]]) for t, poly in enumerate(layout.inputs) for i, at in enumerate(poly)]
        replies = [{"tiles": list(g), "weight_polynomials": list(g.values()), "product": x} for g, x in zip(polys, product)]
        cases.append({"n": n, "shape": shape, "r": r, "weights": weights, "inputs": packed, "replies": replies,
                      "zeros": [x for kind, x in where if kind == "zero"], "copies": [x for kind, x in where if kind == "copy"],
                      "output_at": layout.outputs, "outputs": want})
    m = [0, 1, P - 1, P // 2, P // 2 + 1] + [rng.randrange(P) for _ in range(11)]
    plaintexts = [{"m": x, "mu": mu, "encoded": str(P_INV * mu % Q)} for x, mu in zip(m, mu_of(m))]
    switched = [{"c": str(c), "sent": switch(c)} for c in [0, 1, Q - 1, Q // 2] + [rng.randrange(Q) for _ in range(12)]]
    print(json.dumps({"p": P, "primes": PRIMES, "layers": cases, "plaintexts": plaintexts, "switch": switched}))

if __name__ == "__main__":
    if sys.argv[1:2] == ["vectors"]:
        vectors(int(sys.argv[2]))
    else:
        for check in (check_ring, check_layers, check_proof, check_padding, check_half, check_refresh, check_keys, check_full_size):
            check(random.Random(1))
