//! The command line: each command is a module with its arguments and what it does.

mod command_line;
mod instances;
mod serve;
mod services;
mod target;
mod watch;
mod why;

pub(crate) use command_line::CommandLine;
