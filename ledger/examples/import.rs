//! The import command without the rest of the program.

#[path = "../../src/import.rs"]
mod import;

use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// A folder for the database, or a database's URL.
    #[arg(long)]
    data_dir: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    #[command(subcommand)]
    Import(Import),
}

#[derive(clap::Subcommand)]
enum Import {
    Ledger(import::Import),
}

fn main() -> anyhow::Result<std::process::ExitCode> {
    let Arguments { data_dir, command: Command::Import(Import::Ledger(import)) } = Arguments::parse();
    let url = if data_dir.contains("://") {
        data_dir.parse()?
    } else {
        db::DatabaseUrl::Sqlite(std::path::Path::new(&data_dir).join("store.sqlite"))
    };
    let store = db::Store::open(&url, db::Clock::system())?;
    db::adopt_budget_lines(&store, &domain::Profile::bundled("tameside")?)?;
    import.run(&store)
}
