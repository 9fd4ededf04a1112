//! An axon put in the place of the one that was traced.

use super::{Attachment, Section, Sections};
use crate::error::MorphologyError;
use crate::morphology::Kind;

/// Sections of an axon at most.
const MOST_SECTIONS: usize = 10_000;

impl Sections {
    /// The cell without its axon and all that hangs on it, and with cylinders in series instead, which hang by a wire at the middle of the soma; they lead down, against y.
    ///
    /// Most reconstructions lose the axon where it leaves the slice; models of the cell then agree on a stump, often two cylinders of 30 µm by 1 µm (Hay et al. 2011,
    /// doi:10.1371/journal.pcbi.1002107).
    ///
    /// ```
    /// use neuropil_morphology::{Rules, Sections, synthetic};
    ///
    /// let cell = Sections::of(&synthetic::ball_and_stick(10.0, 200.0, 2.0)?, Rules::Neuron)?;
    /// let cell = cell.with_axon(2, 30.0, 1.0)?;
    /// assert_eq!(cell.list().len(), 4);
    /// assert_eq!(cell.list()[3].end_distance_um, 60.0);
    /// # Ok::<(), neuropil_morphology::MorphologyError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no soma, or a number is not positive, or there are more than 10,000 cylinders.
    pub fn with_axon(self, cylinders: usize, length_um: f64, diameter_um: f64) -> Result<Self, MorphologyError> {
        let refuse = |problem: String| Err(MorphologyError::Request(problem));
        for (name, value) in [("the length", length_um), ("the diameter", diameter_um)] {
            if !(value > 0.0 && value.is_finite()) {
                return refuse(format!("{name} of the axon is {value} µm; expected a positive number"));
            }
        }
        if !(1..=MOST_SECTIONS).contains(&cylinders) {
            return refuse(format!("an axon of {cylinders} sections; expected 1 to {MOST_SECTIONS}"));
        }
        let Some(soma) = self.list.iter().position(|section| section.kind.is_soma()) else {
            return refuse("there is no soma for an axon to leave".to_owned());
        };
        if self.list.first().is_some_and(|root| root.kind == Kind::AXON) {
            return refuse("the axon is the root of the cell; it cannot be replaced".to_owned());
        }
        let mut made = self.without_axon();
        let soma = made.list[..=soma].iter().position(|section| section.kind.is_soma()).unwrap_or(0);
        let on = &made.list[soma];
        let from_middle = if on.parent.is_none() { 0.0 } else { f64::midpoint(on.start_distance_um, on.end_distance_um) };
        let [x, y, z] = made.middle(soma);
        for number in 0..cylinders {
            let (start, last) = (number as f64 * length_um, made.list.len() as u32 - 1);
            let parent = match number {
                0 => Attachment { section: soma as u32, at: 0.5, wire: true },
                _ => Attachment { section: last, at: 1.0, wire: false },
            };
            let first = made.positions_um.len();
            for way in [0.0, length_um] {
                made.positions_um.push([x, y - start - way, z]);
                made.radii_um.push(diameter_um / 2.0);
                made.arcs_um.push(way);
            }
            made.list.push(Section {
                kind: Kind::AXON,
                parent: Some(parent),
                order: 1,
                start_distance_um: from_middle + start,
                end_distance_um: from_middle + start + length_um,
                points: first..first + 2,
            });
        }
        Ok(made)
    }

    /// The cell without axon and what hangs on it.
    fn without_axon(self) -> Self {
        let Self { list, positions_um, radii_um, arcs_um } = self;
        let mut made = Self { list: Vec::with_capacity(list.len()), positions_um, radii_um, arcs_um };
        let mut places: Vec<Option<u32>> = Vec::with_capacity(list.len());
        for mut section in list {
            let on = section.parent.map(|parent| places[parent.section as usize]);
            let stays = section.kind != Kind::AXON && on != Some(None);
            places.push(stays.then_some(made.list.len() as u32));
            if stays {
                section.parent = section.parent.zip(on.flatten()).map(|(parent, section)| Attachment { section, ..parent });
                made.list.push(section);
            }
        }
        made
    }

    /// The place half way along a section, µm.
    fn middle(&self, section: usize) -> [f64; 3] {
        self.compartments(section, 1)[0].position_um
    }
}
