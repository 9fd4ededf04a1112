//! scratch
#![allow(missing_docs)]
use bevy_app::App;
use neuropil_core::*;
use neuropil_neurons::*;
use neuropil_units::*;
use std::time::Instant;
fn time<M: NeuronModel>(name: &str, model: M) {
    let n = 4096;
    let mut line = format!("{name:30}");
    for simd in [Simd::Portable, Simd::Avx2, Simd::Avx512] {
        let mut app = App::new();
        app.add_plugins((CorePlugin, NeuronModelsPlugins));
        { let mut s = app.world_mut().resource_mut::<RunSettings>(); s.threads = 1; s.simd = simd; }
        app.add_population("a", n, model.clone()).unwrap();
        app.advance_steps(100).unwrap();
        let mut best = f64::MAX;
        for _ in 0..8 {
            let t = Instant::now();
            app.advance_steps(200).unwrap();
            best = best.min(t.elapsed().as_secs_f64() / 200.0 / f64::from(n) * 1e9);
        }
        line += &format!(" {best:7.3}");
    }
    println!("{line} ns");
}
#[test]
fn timing() {
    time("LifDelta", LifDelta::default());
    time("LifExponentialCurrent", LifExponentialCurrent::default());
    time("LifAlphaCurrent", LifAlphaCurrent::default());
    time("LifExponentialConductance", LifExponentialConductance::default());
    time("LifAlphaConductance", LifAlphaConductance::default());
    time("AdEx", AdEx::default());
    time("Izhikevich", Izhikevich::default());
    time("HHTM", HodgkinHuxleyTraubMiles::default());
    time("HHAC", HodgkinHuxleyAlphaCurrent::default());
}
