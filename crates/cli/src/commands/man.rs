//! `lubdub man`: writes the manual pages.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::CommandLine;
use crate::failure::Failure;
use crate::words::count;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub man | man -l -                                the page of lubdub itself
  lubdub man --dir ~/.local/share/man/man1             a page for each command: man lubdub-drain")]
pub(super) struct ManPages {
    /// Write a page for each command into this directory, which is made if it is missing
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl ManPages {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let pages = pages()?;
        let mut out = io::stdout().lock();
        let Some(dir) = &self.dir else {
            let own = pages.first().map(|(_, page)| page.as_slice()).unwrap_or_default();
            return Ok(out.write_all(own)?);
        };
        write_to(dir, &pages)?;
        Ok(writeln!(out, "{} are in {}.", count(pages.len(), "page"), dir.display())?)
    }
}

/// Every page with its name, that of the whole first.
fn pages() -> Result<Vec<(String, Vec<u8>)>, Failure> {
    // Every page would have one on `help`.
    let mut whole = CommandLine::shown().disable_help_subcommand(true);
    whole.build();
    let mut pages = Vec::new();
    add(&whole, &mut pages).map_err(|error| Failure::bare(format_args!("cannot write a page: {error}")))?;
    Ok(pages)
}

fn add(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    // With its way from the top, as a page is called: `lubdub-guard-release`.
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let mut page = Vec::new();
    Man::new(command.clone()).source(concat!("lubdub ", env!("CARGO_PKG_VERSION"))).render(&mut page)?;
    pages.push((name, page));
    command.get_subcommands().filter(|own| own.get_name() != "help").try_for_each(|own| add(own, pages))
}

fn write_to(dir: &Path, pages: &[(String, Vec<u8>)]) -> Result<(), Failure> {
    let cannot = |path: &Path, error| {
        Failure::new(
            format_args!("cannot write {}: {error}", path.display()),
            "name a directory that you may write to with --dir DIR",
        )
    };
    fs::create_dir_all(dir).map_err(|error| cannot(dir, error))?;
    pages.iter().try_for_each(|(name, page)| {
        let file = dir.join(format!("{name}.1"));
        fs::write(&file, page).map_err(|error| cannot(&file, error))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_for_each_command_and_the_first_tells_of_all() {
        let pages = pages().unwrap();
        let text = |page: &[u8]| String::from_utf8(page.to_vec()).unwrap();
        assert_eq!(pages[0].0, "lubdub");
        // The generator escapes hyphens.
        let whole = text(&pages[0].1).replace('\\', "");
        for command in CommandLine::shown().get_subcommands() {
            let name = format!("lubdub-{}", command.get_name());
            assert!(whole.contains(&name), "{name} is missing in the first page");
            let page = pages.iter().find(|(page, _)| *page == name).map(|(_, page)| text(page));
            assert!(page.is_some_and(|page| page.contains(".SH SYNOPSIS")), "{name} has no page");
        }
        assert!(pages.iter().any(|(name, _)| name == "lubdub-guard-release-zone"));
        assert!(pages.iter().all(|(name, _)| !name.contains("help") && !name.contains("demo-provider")));
    }
}
