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

impl Theme {
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
