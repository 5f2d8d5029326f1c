//! Memory that visitors without credentials can make the server allocate, and memory that large files need.

use crate::harness::{Database, program::Program};
use std::{
    fmt::Write as _,
    fs,
    io::Write,
    process::Stdio,
    thread::{self, sleep, spawn},
    time::Duration,
};

/// The peak memory of a process, in MiB (`proc_pid_status(5)`).
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024)
}

/// `tests/bench/sign-in-flood.mjs` measures the same with a release build, whose peak stays below 150 MiB. Here the
/// program itself, which is not optimized, takes most of that, so only the growth is judged.
#[test]
fn a_flood_of_sign_ins_takes_no_more_memory_than_the_hashes_that_run_at_once() {
    let mut roster = Program::new(Database::create());
    roster.serve(&[
        ("ROSTER_ARGON2_MEMORY", "19456"),
        ("ROSTER_ARGON2_PASSES", "2"),
        ("ROSTER_TRUSTED_PROXIES", "127.0.0.1"),
    ]);
    roster.founded();
    let mut visitor = roster.browser();
    let page = visitor.get("/sign-in").body;
    let (_, token) = page.split_once("name=\"csrf\" value=\"").expect("a form");
    let token = token.split('"').next().expect("a token").to_owned();
    let before = peak(roster.id()).expect("a peak");
    let flood = (0..400).map(|number| {
        let (mut browser, token) = (roster.browser(), token.clone());
        browser.cookies.clone_from(&visitor.cookies);
        let name = format!("{number}@example.org");
        spawn(move || {
            let fields = [("csrf", token.as_str()), ("name", name.as_str()), ("password", "a wrong password")];
            let body = serde_html_form::to_string(fields).expect("a form");
            let mut stream = browser.connect();
            stream.set_read_timeout(None).expect("no timeout");
            let from = format!("X-Forwarded-For: 10.{}.{}.1\r\n", number >> 8, number & 255);
            write!(stream, "{}{from}Content-Length: {}\r\n\r\n{body}", browser.head("POST", "/sign-in"), body.len()).expect("sent");
            browser.read(&mut stream).status
        })
    });
    let statuses: Vec<u16> = flood.collect::<Vec<_>>().into_iter().map(|one| one.join().expect("an answer")).collect();
    assert!(statuses.iter().all(|status| matches!(status, 422 | 503)), "{statuses:?}");
    assert!(statuses.contains(&422), "{statuses:?}");
    let after = peak(roster.id()).expect("a peak");
    println!("peak {before} MiB before, {after} MiB after");
    // One hash runs per core, and no more than fit into 96 MiB. The rest is for the requests that wait: without a limit
    // each of them takes 19 MiB too.
    let at_once = thread::available_parallelism().map_or(1, |cores| cores.get().min(5)) as u64;
    assert!(after - before < at_once * 19 + 48, "{before} MiB before, {after} MiB after");
}

/// The peak memory of importing a file with this many lines, in MiB. No line results in a change, so only reading,
/// judging and recording count.
fn peak_of_import(roster: &Program, lines: usize) -> u64 {
    let mut file = String::from("email,name,title,status\n");
    for at in 0..lines {
        let _ = writeln!(file, "person{at}.of{lines}@example.org,Person {at},Engineer of things,suspended");
    }
    fs::write(roster.path("people.csv"), file).expect("a file");
    let mut command = roster.command(&["user", "import", "people.csv", "--organization", "Engines", "--invite"]);
    let mut importing = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut most = 0;
    while importing.try_wait().expect("a state").is_none() {
        most = most.max(peak(importing.id()).unwrap_or_default());
        sleep(Duration::from_millis(20));
    }
    assert!(importing.wait().expect("a state").success());
    most
}

#[test]
fn a_large_file_takes_little_more_memory_than_a_small_one() {
    let mut roster = Program::new(Database::create());
    roster.serve(&[]);
    roster.founded();
    let (small, large) = (peak_of_import(&roster, 500), peak_of_import(&roster, 8_000));
    println!("peak {small} MiB for 500 lines, {large} MiB for 8,000");
    // If every line was kept in memory, it would take about 5 KiB.
    assert!(large < small + 24, "{small} MiB for 500 lines, {large} MiB for 8,000");
}
