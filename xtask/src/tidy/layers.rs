//! Which package may depend on which: the layers of `ARCHITECTURE.md`, and the libraries of others that each crate may use.

use super::{Tree, Violation};
use crate::workspace::Package;

/// A package's permissions.
struct Layer {
    package: &'static str,
    /// The workspace's crates that it may depend on.
    ours: &'static [&'static str],
    /// The crates of others that it may depend on; `None` for programs that run on a host, which may use any.
    others: Option<&'static [&'static str]>,
}

/// From below: the tests of a package may use any package above its line.
const LAYERS: [Layer; 8] = [
    Layer { package: "ws-frame", ours: &[], others: Some(&["defmt"]) },
    Layer { package: "ws-handshake", ours: &[], others: Some(&["base64ct", "defmt", "heapless", "httparse", "sha1"]) },
    Layer {
        package: "ws-core",
        ours: &["ws-frame", "ws-handshake"],
        others: Some(&["defmt", "heapless", "rand_core"]),
    },
    Layer { package: "ws-embedded-io", ours: &["ws-core"], others: Some(&["defmt", "embedded-io"]) },
    Layer { package: "ws-embedded-io-async", ours: &["ws-core"], others: Some(&["defmt", "embedded-io-async"]) },
    Layer { package: "examples", ours: &["ws-core", "ws-embedded-io", "ws-embedded-io-async"], others: None },
    Layer { package: "conformance", ours: &["ws-core", "ws-embedded-io", "ws-embedded-io-async"], others: None },
    // The tools test the programs from outside, as a user meets them.
    Layer { package: "xtask", ours: &[], others: None },
];

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in packages {
        let path = package.folder().join("Cargo.toml").display().to_string();
        let mut report = |name: &str, rule: String| {
            let line = tree.get(&path).and_then(|file| file.lines().find(|(_, line)| line.starts_with(name)));
            violations.push(Violation { path: path.clone(), line: line.map_or(1, |(number, _)| number), rule });
        };
        let Some(position) = LAYERS.iter().position(|layer| layer.package == package.name) else {
            report("name", format!("`{}` is not in the table of xtask/src/tidy/layers.rs", package.name));
            continue;
        };
        let (below, layer) = (&LAYERS[..position], &LAYERS[position]);
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let is_ours = packages.iter().any(|package| package.name == name);
            let for_tests = dependency.kind.as_deref() == Some("dev");
            let allowed = match (is_ours, for_tests) {
                (true, true) => below.iter().any(|layer| layer.package == name),
                (true, false) => layer.ours.contains(&name),
                (false, true) => true,
                (false, false) => layer.others.is_none_or(|others| others.contains(&name)),
            };
            if !allowed {
                report(name, format!("`{}` may not depend on `{name}`", package.name));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{super::fixture, *};
    use crate::workspace::{self, Dependency};

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependency = |(name, kind): &(&str, Option<&str>)| Dependency {
            name: (*name).to_string(),
            kind: kind.map(ToString::to_string),
        };
        Package {
            name: name.to_string(),
            manifest_path: workspace::root().join(name).join("Cargo.toml"),
            features: BTreeMap::new(),
            dependencies: dependencies.iter().map(dependency).collect(),
            targets: Vec::new(),
        }
    }

    #[test]
    fn upward_and_foreign_dependencies_are_caught() {
        let packages = [
            package("ws-frame", &[("ws-core", None), ("heapless", None), ("defmt", None), ("proptest", Some("dev"))]),
            package("ws-handshake", &[("ws-frame", Some("dev"))]),
            package("ws-core", &[("ws-frame", None), ("ws-embedded-io", Some("dev"))]),
            package("ws-embedded-io", &[("ws-frame", None), ("cc", Some("build"))]),
            package(
                "ws-embedded-io-async",
                &[("ws-embedded-io", None), ("embedded-io", None), ("ws-embedded-io", Some("dev"))],
            ),
            package("xtask", &[("ws-core", None), ("clap", None)]),
            package("ws-new", &[]),
        ];
        let tree = fixture::tree(&[("ws-frame/Cargo.toml", "[dependencies]\nheapless = \"1\"\nws-core = \"1\"\n")]);
        let found: Vec<_> = check(&tree, &packages).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "ws-frame/Cargo.toml:3: `ws-frame` may not depend on `ws-core`",
                "ws-frame/Cargo.toml:2: `ws-frame` may not depend on `heapless`",
                "ws-core/Cargo.toml:1: `ws-core` may not depend on `ws-embedded-io`",
                "ws-embedded-io/Cargo.toml:1: `ws-embedded-io` may not depend on `ws-frame`",
                "ws-embedded-io/Cargo.toml:1: `ws-embedded-io` may not depend on `cc`",
                "ws-embedded-io-async/Cargo.toml:1: `ws-embedded-io-async` may not depend on `ws-embedded-io`",
                "ws-embedded-io-async/Cargo.toml:1: `ws-embedded-io-async` may not depend on `embedded-io`",
                "xtask/Cargo.toml:1: `xtask` may not depend on `ws-core`",
                "ws-new/Cargo.toml:1: `ws-new` is not in the table of xtask/src/tidy/layers.rs",
            ]
        );
    }
}
