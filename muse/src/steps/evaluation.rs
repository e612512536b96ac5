//! A non-linear layer with the input (protocol, section 5, step 2): the server's labels, and evaluating with them.
//!
//! ```text
//! client                                          server
//!                              <------------      key of the layer's seal, labels of T = p - S
//! ```

use crate::{
    Error,
    accounts::Component,
    frames::Script,
    garbled::{CHUNKS, Domains},
    message::OnlineLabels,
    pipeline,
    plan::ReluPlan,
    prefetch::{Prefetch, Sealed},
    progress::Progress,
    run::Run,
    share::ClientShare,
    ticket::LayerSecrets,
};
use muse_field::{
    Fp, MODULUS,
    wire::{self, Decode},
};
use muse_gc::{
    evaluate::Evaluator,
    label::{ActiveLabels, Block, Delta},
    seal::SealKey,
};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// What goes over the wire.
pub fn frames(index: usize, relu: &ReluPlan, script: &mut Script) {
    script.enter(Component::Labels);
    script.of_layer(index).message::<OnlineLabels>(((), relu.count * ReluPlan::BITS));
}

/// The client: evaluates layer `index` while the labels come in. `labels` are those of the bits of y.
pub fn client(
    run: &mut Run<'_>,
    index: usize,
    relu: &ReluPlan,
    labels: &[Block],
    tables: &Prefetch,
    progress: &Progress<'_>,
) -> Result<ClientShare, Error> {
    run.enter(Component::Labels);
    let domains = Domains::new(&run.id, index, relu);
    Layer { relu, domains, labels }.evaluate(run, tables, progress)
}

/// One non-linear layer as it is evaluated.
struct Layer<'a> {
    relu: &'a ReluPlan,
    domains: Domains,
    /// Those of the bits of y.
    labels: &'a [Block],
}

/// What a chunk of instances is evaluated from: its first one, the server's labels as they came, and what the client kept.
type Chunk = (usize, Zeroizing<Vec<u8>>, Sealed);

impl Layer<'_> {
    /// Opens the seal, evaluates the circuits and converts their outputs to shares, while the labels come in.
    fn evaluate(
        &self,
        run: &mut Run<'_>,
        tables: &Prefetch,
        progress: &Progress<'_>,
    ) -> Result<ClientShare, Error> {
        run.expect::<OnlineLabels>()?;
        let mut key = Zeroizing::new(vec![0; SealKey::len_for(())]);
        run.link.read(&mut key)?;
        let seal = wire::from_slice((), &key).map_err(|_| Error::malformed("key of a seal"))?;

        let mut parts = Vec::new();
        let chunks: Vec<_> = self.relu.chunks().collect();
        pipeline::receive(
            chunks.chunks(CHUNKS),
            |batch| {
                let bodies = batch.iter().map(|&(first, count)| {
                    let mut body = Zeroizing::new(vec![0; count * ReluPlan::BITS * Block::BYTES]);
                    run.link.read(&mut body)?;
                    Ok((first, body))
                });
                let bodies = bodies.collect::<Result<Vec<_>, Error>>()?;
                let sealed = tables.next()?;
                Ok(bodies
                    .into_iter()
                    .zip(sealed)
                    .map(|((first, body), sealed)| (first, body, sealed))
                    .collect())
            },
            |batch: Vec<Chunk>| {
                let chunks = batch.into_par_iter();
                let evaluate =
                    |(first, body, sealed): Chunk| self.evaluate_chunk(&seal, first, &body, sealed);
                for share in chunks.map(evaluate).collect::<Result<Vec<_>, _>>()? {
                    progress.advance(share.values().len() as u64);
                    parts.push(share);
                }
                Ok::<_, Error>(())
            },
        )?;
        ClientShare::concat(&parts, self.relu.is_authenticated())
    }

    fn evaluate_chunk(
        &self,
        seal: &SealKey,
        first: usize,
        server_labels: &[u8],
        sealed: Sealed,
    ) -> Result<ClientShare, Error> {
        let Self { relu, domains, labels } = self;
        let bits = server_labels.len() / Block::BYTES;
        let theirs: ActiveLabels =
            wire::from_slice(bits, server_labels).map_err(|_| Error::malformed("labels"))?;
        let Sealed { mut tables, mut rows } = sealed;
        seal.apply((first * relu.table_bytes()) as u64, &mut tables);
        seal.apply(relu.rows_offset() + (first * relu.row_bytes()) as u64, &mut rows);

        let mine = ActiveLabels::new(labels[first * ReluPlan::BITS..][..bits].to_vec());
        let inputs = ActiveLabels::join(&[(&mine, ReluPlan::BITS), (&theirs, ReluPlan::BITS)]);
        let count = bits / ReluPlan::BITS;
        let mut outputs = Zeroizing::new(vec![Block::ZERO; count * relu.circuit.output_count()]);
        let instance = first as u64;
        Evaluator::new(&relu.circuit, &domains.gates).evaluate(
            instance,
            inputs.as_slice(),
            &tables,
            &mut outputs,
        );
        domains.shares.evaluate(instance, &outputs, &rows)
    }
}

/// The server: the key of the seal, then the labels of the bits of T = p - S, in [1, p], of every instance.
pub fn server(
    run: &mut Run<'_>,
    relu: &ReluPlan,
    secrets: &LayerSecrets,
    delta: &Delta,
    share: &[Fp],
    progress: &Progress<'_>,
) -> Result<(), Error> {
    run.enter(Component::Labels);
    let key = Zeroizing::new(wire::to_vec(&secrets.seal));
    let labels = relu.count * ReluPlan::BITS * Block::BYTES;
    run.begin::<OnlineLabels>(key.len() + labels)?;
    run.link.write(&key)?;
    let chunks: Vec<_> = relu.chunks().collect();
    let encode = |&(first, count): &(usize, usize)| {
        let zero = secrets.labels.chunk(first, count);
        let t = share[first..first + count].iter().map(|s| MODULUS - s.to_u64());
        let t = Zeroizing::new(t.collect::<Vec<u64>>());
        Zeroizing::new(wire::to_vec(&zero.active_integers(&t, ReluPlan::BITS, delta)))
    };
    pipeline::send(
        chunks.chunks(CHUNKS),
        |batch| Ok::<_, Error>((batch, batch.par_iter().map(encode).collect::<Vec<_>>())),
        |(batch, bodies)| {
            for (body, &(_, count)) in bodies.iter().zip(batch) {
                run.link.write(body)?;
                progress.advance(count as u64);
            }
            Ok(())
        },
    )?;
    Ok(run.link.flush()?)
}
