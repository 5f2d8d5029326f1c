//! The routes that the source mounts, read from the source itself; those of the API from its list of operations.

use super::files;
use std::collections::BTreeSet;

/// The routes that the source mounts.
pub fn mounted() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    // The API mounts its operations from its own list.
    found.extend(roster::api::operations().into_iter().map(|(method, path)| (method.to_owned(), path)));
    // These two mount what others hand them, or what their tests need.
    let others = ["src/api/endpoints.rs", "src/web/routing.rs"];
    for file in files("src", ".rs").into_iter().filter(|file| !others.contains(&file.path.as_str())) {
        let code = file.code();
        // A method or function of this name mounts nothing.
        let is_call = |at: &usize| !code[..*at].ends_with(['.', '_']) && !code[..*at].ends_with("fn ");
        let places: Vec<usize> = code.match_indices("resource(").map(|(at, _)| at).filter(is_call).collect();
        for (number, at) in places.iter().enumerate() {
            let end = places.get(number + 1).copied().unwrap_or(code.len());
            // A mount ends where its function does.
            let chunk = code[*at..end].split("\n}").next().unwrap_or_default();
            // One path, or a list of paths with the same handlers.
            let list = chunk["resource(".len()..].trim_start();
            let list = if list.starts_with('[') {
                list.split(']').next().unwrap_or_default()
            } else {
                list.split(',').next().unwrap_or_default()
            };
            let paths: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
            assert!(!paths.is_empty(), "{}: a resource without a path", file.path);
            // A path that answers 404 to every method is not a route.
            if chunk.contains(".to(nothing)") {
                continue;
            }
            let chunk: String = chunk.split_whitespace().collect();
            let mut is_any = false;
            for (call, method) in [
                ("get().to(", "GET"),
                ("post().to(", "POST"),
                ("put().to(", "PUT"),
                ("patch().to(", "PATCH"),
                ("delete().to(", "DELETE"),
            ] {
                if chunk.contains(call) {
                    found.extend(paths.iter().map(|path| (method.to_owned(), (*path).to_owned())));
                    is_any = true;
                }
            }
            assert!(is_any, "{}: {paths:?} is mounted in a way this test does not read", file.path);
        }
        // This test would not see other ways to mount. The only scope is that of the app.
        let others = code.matches("scope(\"").count() + code.matches(".route(\"").count() + code.matches("#[route(").count();
        assert!(others == usize::from(file.path == "src/app.rs"), "{} mounts in another way", file.path);
    }
    found
}
