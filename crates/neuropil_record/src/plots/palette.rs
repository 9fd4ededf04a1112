//! Colours.

/// Whether a plot is for white paper or a dark slide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on white.
    #[default]
    Light,
    /// Light text on dark blue-grey.
    Dark,
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Colour {
    /// As in `#0072b2`.
    pub(crate) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// This colour with a share of another.
    pub(crate) fn mixed(self, other: Self, share: f64) -> Self {
        let mix = |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

/// The colours that colour-blind people can tell apart, of Okabe & Ito (2008), "Color Universal Design"; their yellow, unreadable
/// on white, and their black, invisible on dark, give way to greys there.
const LIGHT_SERIES: [Colour; 8] = [
    Colour(0, 114, 178),
    Colour(213, 94, 0),
    Colour(0, 158, 115),
    Colour(204, 121, 167),
    Colour(86, 180, 233),
    Colour(230, 159, 0),
    Colour(40, 40, 40),
    Colour(140, 140, 140),
];

const DARK_SERIES: [Colour; 8] = [
    Colour(86, 180, 233),
    Colour(230, 159, 0),
    Colour(0, 158, 115),
    Colour(204, 121, 167),
    Colour(240, 228, 66),
    Colour(213, 94, 0),
    Colour(200, 205, 210),
    Colour(0, 114, 178),
];

/// From low to high: lightness rises evenly and stays apart for colour-blind people. Eleven of the 256 colours of "viridis" (Smith &
/// van der Walt 2015, released to the public domain), between which colours are interpolated.
const SEQUENTIAL: [Colour; 11] = [
    Colour(68, 1, 84),
    Colour(72, 36, 117),
    Colour(65, 68, 135),
    Colour(53, 95, 141),
    Colour(42, 120, 142),
    Colour(33, 145, 140),
    Colour(34, 168, 132),
    Colour(68, 191, 112),
    Colour(122, 209, 81),
    Colour(189, 223, 38),
    Colour(253, 231, 37),
];

/// From rest to the peak of a spike, on white: lightness falls, so that what is active stands out and what rests is still seen.
const LIGHT_POTENTIAL: [Colour; 5] =
    [Colour(190, 199, 212), Colour(238, 178, 72), Colour(222, 112, 24), Colour(176, 28, 36), Colour(78, 0, 56)];

/// The same on dark, where lightness rises.
const DARK_POTENTIAL: [Colour; 5] =
    [Colour(66, 76, 94), Colour(140, 54, 122), Colour(222, 84, 64), Colour(250, 172, 44), Colour(255, 246, 176)];

/// A colour between the evenly spaced ones of a scale.
fn between(scale: &[Colour], fraction: f64) -> Colour {
    let place = fraction.clamp(0.0, 1.0) * (scale.len() - 1) as f64;
    let below = (place as usize).min(scale.len() - 2);
    scale[below].mixed(scale[below + 1], place - below as f64)
}

impl Theme {
    /// The colour of a potential, by its place between the lowest (0) and the highest (1).
    pub(crate) fn potential(self, fraction: f64) -> Colour {
        match self {
            Self::Light => between(&LIGHT_POTENTIAL, fraction),
            Self::Dark => between(&DARK_POTENTIAL, fraction),
        }
    }

    /// The colour of a fraction from 0 to 1.
    pub(crate) fn sequential(fraction: f64) -> Colour {
        between(&SEQUENTIAL, fraction)
    }

    /// The colour of a number from −1 to 1: blue below zero, orange above, of the series' hues; zero is near the background.
    pub(crate) fn diverging(self, value: f64) -> Colour {
        let (below, neutral, above) = match self {
            Self::Light => (Colour(0, 92, 168), Colour(244, 244, 244), Colour(206, 84, 0)),
            Self::Dark => (Colour(105, 192, 240), Colour(40, 46, 54), Colour(245, 170, 30)),
        };
        neutral.mixed(if value < 0.0 { below } else { above }, value.abs().min(1.0).powf(0.8))
    }

    /// The colour of the series at `place`; after eight they come again.
    pub(crate) fn series(self, place: usize) -> Colour {
        let colours = match self {
            Self::Light => &LIGHT_SERIES,
            Self::Dark => &DARK_SERIES,
        };
        colours[place % colours.len()]
    }

    pub(crate) fn background(self) -> Colour {
        match self {
            Self::Light => Colour(255, 255, 255),
            Self::Dark => Colour(18, 22, 28),
        }
    }

    /// Titles and numbers.
    pub(crate) fn text(self) -> Colour {
        match self {
            Self::Light => Colour(26, 26, 26),
            Self::Dark => Colour(232, 234, 237),
        }
    }

    /// Captions and axis lines.
    pub(crate) fn muted(self) -> Colour {
        match self {
            Self::Light => Colour(95, 95, 95),
            Self::Dark => Colour(154, 163, 173),
        }
    }

    /// Grid lines.
    pub(crate) fn faint(self) -> Colour {
        match self {
            Self::Light => Colour(228, 228, 228),
            Self::Dark => Colour(44, 51, 60),
        }
    }
}
