//! Layers, ciphertexts, bytes, totals.

use crate::table::{Table, count, counted, decimal};
use muse::{
    accounts::{Component, Phase},
    inspect::{Bytes, LayerReport, Report},
};

/// The network in a sentence.
pub fn head(report: &Report) -> String {
    let Report { name, input, outputs, frac_bits, totals, layers, .. } = report;
    wrapped(&format!(
        "{name}: takes {}, gives {outputs} outputs; {}, {} ReLUs, {frac_bits} fractional bits",
        extent(input),
        counted(layers.len(), "linear layer"),
        count(totals.relus)
    ))
}

/// What is computed.
pub fn layers(report: &Report) -> String {
    let mut table = Table::new(&["layer", "kind", "in", "out", "weights", "ReLUs", "shift", "pool"]);
    for layer in &report.layers {
        table.row(vec![
            short(&layer.name),
            kind(layer),
            extent(&layer.input),
            extent(&layer.output),
            count(layer.weights as u64),
            if layer.relus == 0 { "-".into() } else { count(layer.relus as u64) },
            layer.shift.map_or("-".into(), |shift| shift.to_string()),
            layer.pool.map_or("-".into(), |pool| format!("{pool}x{pool}")),
        ]);
    }
    table.rule();
    let (weights, relus) = (count(report.totals.weights), count(report.totals.relus));
    table.row(vec!["total".into(), String::new(), String::new(), String::new(), weights, relus]);
    section(
        "Layers",
        "a linear map, then ReLUs that drop `shift` bits of the product's scale, then sums of 2x2 blocks\n\
         (in, out: channels x height x width; conv: kernel, /stride, +padding)",
        &table,
    )
}

/// What is encrypted and garbled.
pub fn ciphertexts(report: &Report) -> String {
    let mut table = Table::new(&["layer", "ciphertexts", "products", "replies", "AND gates", "kB", "of all"]);
    let empty = Vec::new();
    let malicious = report.protocols.first();
    let bytes = malicious.map_or(&empty, |costs| &costs.layers);
    let shared = malicious.map_or(0, |costs| costs.shared.total());
    let all = bytes.iter().map(|layer| layer.total()).sum::<u64>() + shared;
    let share = |part: u64| format!("{} %", decimal(100.0 * part as f64 / all.max(1) as f64));
    for (layer, bytes) in report.layers.iter().zip(bytes) {
        table.row(vec![
            short(&layer.name),
            count(layer.input_ciphertexts as u64),
            count(layer.products),
            count(layer.replies as u64),
            count(layer.and_gates),
            kilo(bytes.total()),
            share(bytes.total()),
        ]);
    }
    let none = String::new;
    table.row(vec!["all together".into(), none(), none(), none(), none(), kilo(shared), share(shared)]);
    table.rule();
    let products = report.layers.iter().map(|layer| layer.products).sum();
    table.row(vec![
        "total".into(),
        count(report.totals.input_ciphertexts),
        count(products),
        count(report.totals.replies),
        count(report.totals.and_gates),
        kilo(all),
        share(all),
    ]);
    section(
        "Ciphertexts and circuits",
        "linear layers work on the client's ciphertexts, to which the server replies; ReLUs are garbled\n\
         (kB: both directions, one inference in mode client-malicious; proofs and labels in proportion)",
        &table,
    )
}

/// What is sent.
pub fn bytes(report: &Report) -> String {
    let mut table = Table::new(&[
        "kB, exact to the byte",
        "client sends",
        "server sends",
        "(semi-honest: client",
        "server)",
    ]);
    let of = |phase, component: Option<Component>| {
        let bytes = report.protocols.iter().map(move |costs| {
            let costs = costs.phase(phase)?;
            Some(component.map_or(costs.bytes, |component| costs.component(component)))
        });
        bytes.map(Option::unwrap_or_default).collect::<Vec<Bytes>>()
    };
    let mut line = |name: String, bytes: &[Bytes]| {
        let cells = bytes.iter().flat_map(|bytes| [kilo(bytes.to_server), kilo(bytes.to_client)]);
        table.row([name].into_iter().chain(cells).collect());
    };
    for phase in Phase::ALL {
        line(phase.name().into(), &of(phase, None));
        for component in Component::ALL {
            let bytes = of(phase, Some(component));
            if bytes.iter().any(|bytes| bytes.total() > 0) {
                line(format!("  {}", component.name()), &bytes);
            }
        }
    }
    section(
        "Bytes",
        "setup once a session; preprocessing before the input exists and online with it, once an inference\n\
         (1 kB is 1000 bytes; without what TCP and IP add; --json has bytes)",
        &table,
    )
}

/// Round trips, tries, memory.
pub fn totals(report: &Report) -> String {
    let heads: Vec<&str> =
        ["an inference"].into_iter().chain(report.protocols.iter().map(|costs| costs.protocol)).collect();
    let mut table = Table::new(&heads);
    let mut line = |name: &str, cell: &dyn Fn(&muse::inspect::ProtocolCosts) -> String| {
        table.row([name.to_owned()].into_iter().chain(report.protocols.iter().map(cell)).collect());
    };
    let mega = |bytes: f64| format!("{} MB", decimal(bytes / 1e6));
    line("preprocessing, bytes", &|costs| mega(costs.expected(Phase::Preprocessing).bytes));
    line("preprocessing, round trips", &|costs| decimal(costs.expected(Phase::Preprocessing).round_trips));
    line("online, bytes", &|costs| mega(costs.expected(Phase::Online).bytes));
    line("online, round trips", &|costs| decimal(costs.expected(Phase::Online).round_trips));
    line("memory until used, client", &|costs| mega(costs.client_ticket_bytes as f64));
    line("memory until used, server", &|costs| mega(costs.server_ticket_bytes as f64));
    let tries = report.protocols.iter().find_map(|costs| costs.tries.as_ref()).map_or(String::new(), |tries| {
        wrapped(&format!(
            "The proof in mode client-malicious is tried until one is not rejected, each with a chance of 1/e: {:.2} tries on \
             average, at most {} half of the time, at most {} in 99 of 100. A try that fails costs {} bytes and {} round trip. \
             The sums count {:.2} tries, the table of bytes one.",
            tries.mean,
            tries.median,
            tries.most_of_99_percent,
            tries.bytes.total(),
            decimal(tries.flights as f64 / 2.0).trim_end_matches(".0"),
            tries.mean,
        ))
    });
    section("Sums", "what one inference costs, and what a preprocessed one occupies until it is used", &table)
        + &tries
}

/// A headed table with a line for those who are new to it.
pub fn section(title: &str, explanation: &str, table: &Table) -> String {
    format!("\n{}\n{explanation}\n\n{}", title.to_uppercase(), table.render())
}

/// A layer's name, cut where it is long.
pub fn short(name: &str) -> String {
    const MOST: usize = 14;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    name.chars().take(MOST - 2).chain("..".chars()).collect()
}

/// Lines of at most 100 characters.
pub fn wrapped(text: &str) -> String {
    const WIDTH: usize = 100;
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines += &line;
            lines.push('\n');
            line = "  ".into();
        } else if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines + &line + "\n"
}

fn kind(layer: &LayerReport) -> String {
    if layer.kind == "dense" {
        return layer.kind.into();
    }
    let mut text = format!("conv {0}x{0}", layer.kernel);
    if layer.stride != 1 {
        text += &format!(" /{}", layer.stride);
    }
    if layer.padding != 0 {
        text += &format!(" +{}", layer.padding);
    }
    text
}

fn extent(extent: &[usize; 3]) -> String {
    let [channels, height, width] = *extent;
    if (height, width) == (1, 1) {
        count(channels as u64)
    } else {
        format!("{channels} x {height} x {width}")
    }
}

fn kilo(bytes: u64) -> String {
    decimal(bytes as f64 / 1000.0)
}
