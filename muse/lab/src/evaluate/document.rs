//! A page with the results in it that people may write in: what is generated stands between marks, and only that is renewed.

use super::{experiment::Experiment, machine::Machine, row::Findings, table};
use muse_cli::failure::Failure;
use std::{fs, io, path::Path};

/// What is generated of one experiment.
pub(super) struct Block {
    name: &'static str,
    title: &'static str,
    content: String,
}

/// The page as it is; none if there is none yet.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::general(format!("cannot read {}: {error}", path.display()))),
    }
}

/// Writes it.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|e| Failure::general(format!("cannot write {}: {e}", path.display())))
}

/// The tables of an experiment, its figure, and where it was measured.
pub(super) fn block(
    experiment: &Experiment,
    machine: &Machine,
    findings: &Findings,
    figure: Option<String>,
) -> Block {
    let figure = figure.map_or_else(String::new, |path| format!("![{}]({path})\n\n", experiment.title));
    let content = format!("{figure}{}\nMeasured on: {}.\n", table::markdown(findings), machine.sentence());
    Block { name: experiment.name, title: experiment.title, content }
}

/// The page with these blocks in it: in place of what is between their marks, or at its end. All else stays.
pub(super) fn renew(page: Option<&str>, blocks: &[Block]) -> Result<String, Failure> {
    let mut text = page.unwrap_or(BEGINNING).to_owned();
    for Block { name, title, content } in blocks {
        let (begin, end) = marks(name);
        let whole = format!("{begin}\n\n{content}\n{end}");
        match place(&text, &begin, &end) {
            Ok(Some((from, to))) => text.replace_range(from..to, &whole),
            Ok(None) => text = format!("{}\n\n## {title}\n\n{whole}\n", text.trim_end()),
            Err(()) => {
                return Err(Failure::general(format!(
                    "the document's marks are damaged: it should have {begin} once, and {end} once after it"
                )));
            }
        }
    }
    Ok(text)
}

/// Where a block stands, if it does.
fn place(text: &str, begin: &str, end: &str) -> Result<Option<(usize, usize)>, ()> {
    let all = |mark: &str| text.match_indices(mark).map(|(at, _)| at).collect::<Vec<_>>();
    match (&all(begin)[..], &all(end)[..]) {
        ([], []) => Ok(None),
        (&[from], &[to]) if from < to => Ok(Some((from, to + end.len()))),
        _ => Err(()),
    }
}

fn marks(name: &str) -> (String, String) {
    (format!("<!-- muse evaluate: {name} -->"), format!("<!-- end of {name} -->"))
}

/// Of a new page.
const BEGINNING: &str = "\
# Evaluation

Measured by `muse evaluate`, beside the numbers published in MUSE (USENIX Security 2021), section 6. What stands between
`<!-- muse evaluate: .. -->` and `<!-- end of .. -->` is renewed by it; everything else is kept.
";

#[cfg(test)]
mod tests {
    use super::{
        super::{experiment, machine, row::tests::example},
        *,
    };

    fn blocks(content: &str) -> Vec<Block> {
        let block = |name, title| Block { name, title, content: format!("{content} {name}\n") };
        vec![block("table3", "Table 3"), block("online", "Figures 8 and 9")]
    }

    #[test]
    fn what_people_write_survives() {
        let page = renew(None, &blocks("old")).expect("a new page");
        let page = page.replace("## Figures", "By hand: surprising.\n\n## Figures") + "\nAt the end.\n";
        let again = renew(Some(&page), &blocks("new")).expect("marks as they were");
        assert_eq!(again, page.replace("old", "new"));
        assert_eq!(renew(Some(&again), &blocks("new")).expect("once more"), again);
        // A part of them leaves the other as it is.
        let part = renew(Some(&again), &blocks("newer")[1..]).expect("marks as they were");
        assert!(part.contains("new table3") && part.contains("newer online"), "{part}");
    }

    #[test]
    fn damaged_marks_are_not_guessed_at() {
        let page = renew(None, &blocks("old")).expect("a new page");
        let (begin, end) = marks("table3");
        for damaged in [
            page.replace(&end, ""),
            page.replace(&begin, ""),
            page.replace(&end, &begin),
            page.clone() + &end,
        ] {
            let error = renew(Some(&damaged), &blocks("new")).expect_err("damaged");
            assert!(error.to_string().contains("<!-- end of table3 -->"), "{error}");
        }
    }

    /// The page in this repository is one that the command can renew, with every experiment in it and its figures beside it.
    #[test]
    fn the_committed_page_fits() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let page = read(&docs.join("evaluation.md")).expect("readable").expect("committed");
        for experiment in &experiment::ALL {
            let (begin, end) = marks(experiment.name);
            let (from, to) = place(&page, &begin, &end).expect("whole").expect(experiment.name);
            let block = &page[from..to];
            assert!(block.contains("Measured on: "), "{block}");
            let figure = format!("evaluation/{}.svg", experiment.name);
            // Table 4 is three numbers, and not drawn.
            let drawn = experiment.name != "table4";
            assert_eq!([block.contains(&figure), docs.join(&figure).is_file()], [drawn; 2], "{figure}");
            // Its tables begin as those that would be written today.
            let rows = vec![example()];
            let today = table::markdown(&Findings { rows, comparisons: Vec::new() });
            let head = today.lines().find(|line| line.starts_with("| part")).expect("a table");
            let first = |text: &str| text.split('|').take(4).map(str::to_owned).collect::<Vec<_>>();
            assert!(block.lines().any(|line| first(line) == first(head)), "{head}: {block}");
        }
    }

    #[test]
    fn a_block_says_where_it_was_measured() {
        let findings = Findings { rows: vec![example()], comparisons: Vec::new() };
        let machine = machine::tests::example();
        let block = block(&experiment::ALL[0], &machine, &findings, Some("evaluation/table3.svg".into()));
        assert!(block.content.contains("](evaluation/table3.svg)") && block.content.contains("Abacus"));
    }
}
