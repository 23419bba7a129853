//! Eureka's own documents: the only place that knows its names, spellings and quirks, and the
//! only one with serde.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `format` | how documents are written |
//! | `tree` | one loose shape for JSON and XML, so that leniency is written once |
//! | `json`, `xml` | text into a tree, within bounds |
//! | `xml_name` | any name as an XML element's name, and back |
//! | `instance` | a tree into an instance as its registrant wrote it |
//! | `shown` | an instance as it is shown, before it becomes text |
//! | `write_json`, `write_xml` | what is shown into text |
//! | `stored` | what only Eureka knows of an instance, as the registry stores it |
//! | `abbreviated` | its texts without the instance's own host in them |
//! | `server_status` | the server's own status document |

mod abbreviated;
mod format;
mod instance;
mod json;
mod server_status;
mod shown;
mod stored;
mod tree;
mod write_json;
mod write_xml;
mod xml;
mod xml_name;

pub(crate) use format::{Format, Version};
pub(crate) use instance::{DataCenter, Instance, Port};
pub(crate) use server_status::{ApplicationStats, GeneralStats, GuardStats, StatusInfo, overrides};
pub(crate) use shown::{LeaseShown, Shown};
pub(crate) use stored::{FACE, Facts, StoredDataCenter, StoredFacts};
pub(crate) use write_json::{compact_json, full_json, quoted};
pub(crate) use write_xml::{compact_xml, element, full_xml};

use lubdub_core::Fault;

/// Reads the instance that a registration's body holds.
///
/// # Errors
///
/// The first thing in it that cannot be accepted.
pub(crate) fn read_instance(format: Format, body: &str) -> Result<Instance, Fault> {
    let root = match format {
        Format::Json => json::parse(body)?,
        Format::Xml => xml::parse(body)?,
    };
    Instance::read(&root, format)
}
