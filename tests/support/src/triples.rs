//! Two parties of the engine, two that make triples, and two that run a program.

pub mod cable;
pub mod engine;
pub mod generation;
pub mod overdrive;
pub mod program;
