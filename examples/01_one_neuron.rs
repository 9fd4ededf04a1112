//! One neuron, driven by a constant current and stepped from a loop.
//!
//! Run it with `cargo run --release --example 01_one_neuron`. It prints when the neuron spikes, and the closed form's interval beside ours.

use neuropil::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let model = LifExponentialCurrent { bias_current: Picoamperes(400.0), ..Default::default() };
    let expected = interval(&model);
    app.add_population("neuron", 1, model)?;

    let mut spike_times = Vec::new();
    for _ in 0..2000 {
        app.advance_steps(1)?;
        if !app.world().resource::<SpikeExchange>().spikes().is_empty() {
            spike_times.push(app.world().resource::<Clock>().now());
        }
    }

    let times: Vec<String> = spike_times.iter().map(|t| format!("{:.1}", t.0)).collect();
    println!("spikes at {} ms", times.join(", "));
    let measured = spike_times[1].0 - spike_times[0].0;
    println!("interval {measured:.1} ms; in closed form {expected:.3} ms, rounded up to the grid of 0.1 ms");
    Ok(())
}

/// `t_ref + τ ln(RI / (RI - (V_threshold - E_rest)))` for a constant current I through R = τ/C.
fn interval(model: &LifExponentialCurrent) -> f64 {
    let tau = model.membrane_time_constant.0;
    let drive = tau / model.membrane_capacitance.0 * model.bias_current.0;
    let depth = model.threshold_potential.0 - model.resting_potential.0;
    model.refractory_period.0 + tau * (drive / (drive - depth)).ln()
}
