//! cargo run --quiet -- KEY SALT PATH

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Path with its signature in front. Key and salt as in IMGPROXY_KEY and IMGPROXY_SALT; path begins with a slash.
fn sign_path(key: &str, salt: &str, path: &str) -> Result<String, hex::FromHexError> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&hex::decode(key)?).expect("HMAC takes keys of any length");
    mac.update(&hex::decode(salt)?);
    mac.update(path.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Ok(format!("/{signature}{path}"))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, salt, path] = arguments.as_slice() else {
        eprintln!("usage: sign KEY SALT PATH");
        std::process::exit(2);
    };
    match sign_path(key, salt, path) {
        Ok(signed) => println!("{signed}"),
        Err(error) => {
            eprintln!("key and salt are hexadecimal: {error}");
            std::process::exit(1);
        }
    }
}
