//! What a library crate publishes contains the texts of its licenses, which are the repository's (links to them, in its folder).

use super::{Tree, Violation};
use crate::workspace::Package;

const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let libraries = packages.iter().filter(|package| package.is_library());
    let paths = libraries.flat_map(|package| LICENSES.map(|name| (name, package.folder().join(name))));
    let wrong = paths.filter_map(|(name, path)| {
        let path = path.display().to_string();
        let text = |path| tree.get(path).map(|file| &file.text);
        let is_there = text(name).is_some() && text(&path) == text(name);
        (!is_there).then(|| Violation { path, line: 1, rule: format!("must be a symbolic link to ../{name}") })
    });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};
    use crate::workspace;

    #[test]
    fn libraries_have_the_licenses_of_the_repository() {
        let packages = &workspace::workspace().unwrap().packages;
        let packages: Vec<_> =
            packages.iter().filter(|package| ["ws-core", "xtask"].contains(&package.name.as_str())).cloned().collect();
        let places = |mit| {
            let root = [("LICENSE-MIT", "mit"), ("LICENSE-APACHE", "apache"), ("ws-core/LICENSE-APACHE", "apache")];
            fixture::places(check(&fixture::tree(&[&root[..], mit].concat()), &packages))
        };
        assert_eq!(places(&[("ws-core/LICENSE-MIT", "mit")]), [""; 0]);
        assert_eq!(places(&[("ws-core/LICENSE-MIT", "../LICENSE-MIT")]), ["ws-core/LICENSE-MIT:1"]);
        assert_eq!(places(&[]), ["ws-core/LICENSE-MIT:1"]);
        assert_eq!(check(&fixture::tree(&[]), &packages).len(), 2);
    }
}
