//! The sample in every format, to be looked at: `target/samples`.

use crate::sample::statement;
use std::path::PathBuf;
use std::time::Instant;
use std::{env, fs};

#[test]
fn the_sample_is_written_in_every_format() {
    let folder = env::var_os("SAMPLES").map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("samples"), PathBuf::from);
    fs::create_dir_all(&folder).unwrap();
    let document = statement();
    assert_eq!(document.faults(), []);
    for warm in [false, true] {
        let start = Instant::now();
        let took = |name: &str, bytes: Vec<u8>, since: Instant| {
            println!("{name}, {}: {} ms, {} bytes", if warm { "warm" } else { "first" }, since.elapsed().as_millis(), bytes.len());
            assert!(!bytes.is_empty(), "{name}");
            fs::write(folder.join(name), bytes).unwrap();
        };
        let since = Instant::now();
        took("statement.html", documents::html(&document).into_bytes(), since);
        let since = Instant::now();
        took("statement.pdf", documents::pdf(&document).unwrap(), since);
        let since = Instant::now();
        took("statement.docx", documents::docx(&document, None).unwrap(), since);
        let since = Instant::now();
        took("statement.md", documents::markdown(&document).into_bytes(), since);
        let since = Instant::now();
        took("statement.txt", documents::text(&document).into_bytes(), since);
        println!("all formats: {} ms", start.elapsed().as_millis());
    }
}
