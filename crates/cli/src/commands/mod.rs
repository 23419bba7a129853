//! The command line: each command is a module with its arguments and what it does.

mod acting;
mod any_registry;
mod bench;
mod command_line;
mod completions;
mod confirm;
mod damping;
mod deregister;
mod detectors;
mod drain;
mod guard;
mod instances;
mod log;
mod man;
mod page;
mod register;
mod resume;
mod serve;
mod services;
mod sim;
mod span;
mod status;
mod subjects;
mod target;
mod tradeoff;
mod watch;
mod why;

pub(crate) use command_line::CommandLine;
