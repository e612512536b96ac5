//! What PyTorch exported, served and asked: the results are those of the plaintext network, bit for bit.

use muse::{
    Client, ClientConfig, FixedPoint, Image, Model, Server, ServerConfig,
    model::{InputSpec, Samples},
    transport::memory,
};
use std::{fs, path::PathBuf};

fn exports(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/model/tests/onnx")).join(name)
}

#[test]
fn exported_networks_securely() {
    for (name, index) in [("strided", 1), ("normalised", 5)] {
        let network = Model::from_onnx(exports(&format!("{name}.onnx")))
            .unwrap()
            .quantize(FixedPoint::new(10).unwrap())
            .unwrap();
        let samples = Samples::from_bytes(
            &fs::read(exports(&format!("{name}.safetensors"))).unwrap(),
            network.architecture().input(),
        )
        .unwrap();
        let (ours, mut theirs) = memory::pair();
        let server = Server::new(network, ServerConfig::default()).unwrap();
        let serving = std::thread::spawn(move || server.serve_connection(&mut theirs));
        let mut client = Client::over(ours, ClientConfig::default()).unwrap();
        let ticket = client.preprocess().unwrap();
        let InputSpec { channels, height, width, .. } = *client.architecture().input();
        let image = Image::new(channels, height, width, samples.image(index).to_vec()).unwrap();
        let logits = client.infer(ticket, &image).unwrap();
        let signed: Vec<i64> = logits.elements().iter().map(|v| v.to_signed()).collect();
        assert_eq!(signed, samples.logits(index), "{name}, image {index}");
        client.close();
        serving.join().unwrap().unwrap();
    }
}
