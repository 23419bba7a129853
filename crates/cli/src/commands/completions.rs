//! `lubdub completions`: writes a script that completes this command line in a shell.

use std::io::{self, Write};

use clap::Args;
use clap_complete::Shell;

use super::CommandLine;
use crate::failure::Failure;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub completions bash > ~/.local/share/bash-completion/completions/lubdub
  lubdub completions zsh > ~/.zfunc/_lubdub            (with ~/.zfunc in fpath)
  lubdub completions fish > ~/.config/fish/completions/lubdub.fish
  source <(lubdub completions bash)                    for this shell only")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<(), Failure> {
        Ok(io::stdout().lock().write_all(&script(self.shell))?)
    }
}

/// Written to memory first: the generator would panic where nobody reads.
fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::shown(), "lubdub", &mut script);
    script
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_script_knows_every_command_that_is_shown_and_no_other() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(script(*shell)).unwrap();
            for command in CommandLine::shown().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
            }
            assert!(script.contains("release"), "{shell}");
            assert!(!script.contains("demo-provider"), "{shell}");
        }
    }
}
