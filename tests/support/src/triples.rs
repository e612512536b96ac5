//! Two parties of the engine, and two that make triples.

pub mod engine;
pub mod generation;
pub mod overdrive;
