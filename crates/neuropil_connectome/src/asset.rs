//! Connectomes as assets of a Bevy app.
//!
//! ```text
//! app.init_asset::<Connectome>().register_asset_loader(ConnectomeLoader);
//! let worm: Handle<Connectome> = app.world().resource::<AssetServer>().load("worm.connectome");
//! ```

use crate::connectome::Connectome;
use crate::error::ConnectomeError;
use crate::formats::{binary, text};
use bevy_asset::io::Reader;
use bevy_asset::{AssetLoader, LoadContext};
use bevy_reflect::TypePath;

/// Loads `.connectome` and `.connectome.ron`.
#[derive(Default, TypePath)]
pub struct ConnectomeLoader;

/// Why an asset is no connectome.
#[derive(Debug, thiserror::Error)]
pub enum ConnectomeLoadError {
    /// Its bytes cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The path of the asset.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Its content is no connectome.
    #[error(transparent)]
    Content(#[from] ConnectomeError),
}

impl AssetLoader for ConnectomeLoader {
    type Asset = Connectome;
    type Settings = ();
    type Error = ConnectomeLoadError;

    async fn load(&self, reader: &mut dyn Reader, _: &(), context: &mut LoadContext<'_>) -> Result<Connectome, ConnectomeLoadError> {
        let path = context.path().to_string();
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).await.map_err(|source| ConnectomeLoadError::Read { path: path.clone(), source })?;
        if bytes.starts_with(&binary::MAGIC) || path.ends_with(".connectome") {
            return Ok(binary::parse(&path, &bytes)?);
        }
        let content = String::from_utf8(bytes).map_err(|_| ConnectomeError::file(path.as_ref(), "this is no UTF-8 text"))?;
        Ok(text::parse(&path, &content)?)
    }

    fn extensions(&self) -> &[&str] {
        &["connectome", "connectome.ron"]
    }
}
