//! Pages opened in Chromium, as wide as a desk's window and as a telephone, and looked through by axe-core: nothing may break WCAG 2.2 AA or
//! axe-core's good practice, and no page may be wider than its window.
//!
//! Needs `chromium` (Debian: `chromium`) and the Python package `axe-playwright-python`, which brings axe-core along; without them the test says
//! so and passes, or with `REQUIRE_CHROMIUM=1` fails.

use crate::sample::statement;
use documents::html;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Looks the page through when it is loaded, and writes the result into the window around it.
const LOOK_THROUGH: &str = r#"
axe.run(document, { resultTypes: ["violations"] }).then(({ violations, passes }) => {
  const root = document.documentElement;
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
  const result = { found, passes: passes.length, width: innerWidth, too_wide: root.scrollWidth - root.clientWidth };
  const place = parent.document.createElement("pre");
  place.textContent = JSON.stringify(result);
  parent.document.body.append(place);
});
"#;

/// Where axe-core is.
fn axe() -> Option<String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let find = "import importlib.util as u; print(u.find_spec('axe_playwright_python').submodule_search_locations[0] + '/axe.min.js')";
    let said = Command::new(python).args(["-c", find]).output().ok().filter(|said| said.status.success());
    said.map(|said| String::from_utf8(said.stdout).unwrap().trim().to_owned())
}

/// What axe-core finds on a page that is so many pixels wide.
fn look_through(axe: &str, page: &str, width: u32) -> Value {
    let folder = TempDir::new().unwrap();
    let scripts = format!("<script>{}</script><script>{LOOK_THROUGH}</script></body>", std::fs::read_to_string(axe).unwrap());
    let page = page.replace("</body>", &scripts).replace('&', "&amp;").replace('"', "&quot;");
    // A window is never as narrow as a telephone; a frame is.
    let around =
        format!("<!DOCTYPE html><html><body><iframe width={width} height=800 style=\"border:0\" srcdoc=\"{page}\"></iframe></body></html>");
    let file = folder.path().join("page.html");
    std::fs::write(&file, around).unwrap();
    let said = chromium(folder.path(), &file);
    let (_, result) =
        said.split_once("<pre>").unwrap_or_else(|| panic!("axe-core told nothing: {}", &said[said.len().saturating_sub(500)..]));
    let result = result.split_once("</pre>").unwrap().0;
    serde_json::from_str(&result.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).unwrap()
}

/// A page as it stands once its scripts have run.
fn chromium(folder: &Path, file: &Path) -> String {
    let said = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args(["--window-size=1400,900", "--virtual-time-budget=30000", "--dump-dom"])
        .arg(file)
        .output()
        .unwrap();
    String::from_utf8(said.stdout).unwrap()
}

#[test]
fn a_page_is_accessible_and_fits_a_telephone() {
    let (Some(axe), Ok(_)) = (axe(), Command::new("chromium").arg("--version").output()) else {
        assert!(std::env::var("REQUIRE_CHROMIUM").is_err(), "no chromium or no axe-core here, and REQUIRE_CHROMIUM is set");
        eprintln!("skipped: no chromium or no axe-core here to look at pages with");
        return;
    };
    let page = html(&statement());
    for width in [1280, 375, 320] {
        let result = look_through(&axe, &page, width);
        assert_eq!((&result["found"], &result["too_wide"]), (&serde_json::json!([]), &serde_json::json!(0)), "{width} px");
        assert_eq!(result["width"], width);
        assert!(result["passes"].as_u64().unwrap() > 30, "{result}");
    }
    // It does look: a picture without words, and a table wider than a telephone, are found.
    let spoilt = page.replacen("<main", "<img src=\"data:,\"><pre style=\"width:900px\">.</pre><main", 1);
    let result = look_through(&axe, &spoilt, 375);
    assert!(result["found"].to_string().contains("image-alt"), "{result}");
    assert!(result["too_wide"].as_i64().unwrap() > 0, "{result}");
}
