//! [`Asset`]: the files of the page, compiled in, so that the binary is all there is to install.

/// A file of the page.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Below `/web/`.
    path: &'static str,
    pub(crate) bytes: &'static [u8],
}

/// The page itself, at `/`.
pub(crate) const PAGE: Asset = Asset { path: "index.html", bytes: include_bytes!("../assets/index.html") };

macro_rules! files {
    ($($path:literal)*) => {
        /// What the page consists of, under `/web/`.
        const FILES: &[Asset] = &[$(Asset { path: $path, bytes: include_bytes!(concat!("../assets/", $path)) },)*];
    };
}

files! {
    "dom.js"
    "frame.js"
    "icon.svg"
    "main.js"
    "morph.js"
    "parts/badge.js"
    "parts/crumbs.js"
    "parts/departed.js"
    "parts/facts.js"
    "parts/rhythm.js"
    "parts/state.js"
    "parts/table.js"
    "parts/timeline.js"
    "place.js"
    "registry.js"
    "style/base.css"
    "style/life.css"
    "style/parts.css"
    "views/departures.js"
    "views/instance.js"
    "views/nowhere.js"
    "views/service.js"
    "views/services.js"
    "watching.js"
    "words/change.js"
    "words/clock.js"
    "words/guard.js"
    "words/registry.js"
    "words/sender.js"
    "words/silence.js"
    "words/span.js"
    "words/story.js"
}

/// The file with this path, below `/web/`.
pub(crate) fn find(path: &str) -> Option<&'static Asset> {
    FILES.iter().find(|asset| asset.path == path)
}

impl Asset {
    /// What it is, by the end of its name.
    pub(crate) fn kind(&self) -> &'static str {
        match self.path.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }

    /// Its entity tag: another for other content. Counting its checksum takes microseconds, and
    /// nobody asks for a page often.
    pub(crate) fn tag(&self) -> String {
        format!("\"{:08x}-{:x}\"", crc32fast::hash(self.bytes), self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Every file below a folder, by its path from `root`.
    fn below(folder: &Path, root: &Path) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(below(&path, root));
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
        found
    }

    /// What stands between quotes after each `mark`.
    fn quoted<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
        text.split(mark).skip(1).filter_map(|rest| rest.split(['"', '\'']).next())
    }

    fn modules() -> impl Iterator<Item = &'static Asset> {
        FILES.iter().filter(|asset| asset.kind().starts_with("text/javascript"))
    }

    fn text(asset: &'static Asset) -> &'static str {
        std::str::from_utf8(asset.bytes).unwrap()
    }

    #[test]
    fn every_file_of_the_folder_is_given_out() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        let mut given: BTreeSet<_> = FILES.iter().map(|asset| asset.path.to_owned()).collect();
        given.insert(PAGE.path.to_owned());
        assert_eq!(given, below(&root, &root));
    }

    #[test]
    fn every_file_that_is_referred_to_is_there() {
        let page = text(&PAGE);
        for named in
            quoted(page, "src=\"").chain(quoted(page, "href=\"")).filter(|named| !named.starts_with('#'))
        {
            let path = named.strip_prefix("web/").unwrap_or_else(|| panic!("{named} is elsewhere"));
            assert!(find(path).is_some(), "{named}");
        }
        for module in modules() {
            for named in quoted(text(module), "from '") {
                let folder = Path::new(module.path).parent().unwrap();
                let up = named.matches("../").count();
                let folder = folder.ancestors().nth(up).unwrap();
                let path = folder.join(named.trim_start_matches("../").trim_start_matches("./"));
                assert!(find(path.to_str().unwrap()).is_some(), "{} imports {named}", module.path);
            }
        }
    }

    #[test]
    fn nothing_is_inline_and_nothing_is_fetched_from_elsewhere() {
        let page = text(&PAGE);
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains("onload="));
        assert!(page.matches("<script").count() == page.matches("<script type=\"module\" src=").count());
        for asset in FILES.iter().chain([&PAGE]) {
            let foreign = text(asset).replace("http://www.w3.org/2000/svg", "");
            assert!(!foreign.contains("http://") && !foreign.contains("https://"), "{}", asset.path);
        }
    }

    #[test]
    fn no_module_makes_markup_of_text() {
        for module in modules() {
            for door in
                ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
            {
                assert!(!text(module).contains(door), "{}: {door}", module.path);
            }
        }
    }

    #[test]
    fn each_kind_of_file_is_called_by_its_name() {
        for asset in FILES {
            assert_ne!(asset.kind(), "application/octet-stream", "{}", asset.path);
        }
        assert_eq!(find("main.js").unwrap().kind(), "text/javascript; charset=utf-8");
        assert!(find("main").is_none() && find("../Cargo.toml").is_none() && find("index.html").is_none());
    }
}
