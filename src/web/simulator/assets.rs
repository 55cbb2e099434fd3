//! The page and its files, as they are in `page/`: no build step.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

#[derive(rust_embed::RustEmbed)]
#[folder = "src/web/simulator/page"]
struct Files;

/// The page.
pub async fn page() -> Response {
    served("index.html")
}

/// One of its files.
pub async fn file(Path(file): Path<String>) -> Response {
    served(&file)
}

fn served(name: &str) -> Response {
    match (Files::get(name), kind(name)) {
        (Some(file), Some(kind)) => {
            ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], file.data.into_owned()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn kind(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}
