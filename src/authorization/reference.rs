//! Property test: compares the evaluator with a small naive one on many generated inputs.

use super::decide::*;
use crate::{
    kit::{PolicyId, RoleId, TeamId},
    policies::Rule,
    roles::Predefined,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

const RESOURCES: [&str; 3] = ["contract", "invoice", "user"];
const ACTIONS: [&str; 3] = ["read", "manage", "sign"];
const SCOPES: [&str; 3] = ["*", "team", "own"];
const IDS: [&str; 3] = ["1", "2", "3"];

/// Roles and policies of a generated member, as text.
#[derive(Clone, Debug)]
struct World {
    is_active: bool,
    roles: Vec<Vec<String>>,
    is_administrator: bool,
    policies: Vec<Vec<Rule>>,
    teams: Vec<Team>,
    declared: Vec<(String, Vec<String>)>,
}

/// What a team of the member gives: roles and policies.
#[derive(Clone, Debug)]
struct Team {
    roles: Vec<Vec<String>>,
    policies: Vec<Vec<Rule>>,
}

fn pick(words: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    let mut words = words.to_vec();
    words.push("*");
    prop::sample::select(words).prop_map(str::to_owned)
}
fn some(words: &[&'static str]) -> impl Strategy<Value = Vec<String>> + use<> {
    prop::collection::vec(pick(words), 0..3)
}
fn world() -> impl Strategy<Value = World> {
    let permission = (pick(&RESOURCES), pick(&ACTIONS), prop::sample::select(SCOPES.to_vec()))
        .prop_map(|(resource, action, scope)| format!("{resource}:{action}:{scope}"));
    // Some permissions are malformed on purpose.
    let permission = prop_oneof![9 => permission, 1 => Just("contract:read".to_owned()), 1 => Just("contract:*:every".to_owned())];
    let rule = (pick(&RESOURCES), some(&ACTIONS), some(&IDS)).prop_map(|(resource_type, actions, resource_ids)| Rule {
        resource_type,
        actions,
        resource_ids,
    });
    let role = prop::collection::vec(permission, 0..4);
    let policy = prop::collection::vec(rule, 0..3).boxed();
    let team = (prop::collection::vec(role.clone(), 0..2), prop::collection::vec(policy.clone(), 0..2))
        .prop_map(|(roles, policies)| Team { roles, policies });
    let declared = prop::collection::vec((prop::sample::select(RESOURCES.to_vec()).prop_map(str::to_owned), some(&ACTIONS)), 0..3);
    (
        prop::bool::weighted(0.8),
        prop::collection::vec(role, 0..3),
        prop::bool::weighted(0.1),
        prop::collection::vec(policy, 0..3),
        prop::collection::vec(team, 0..3),
        declared,
    )
        .prop_map(|(is_active, roles, is_administrator, policies, teams, declared)| World {
            is_active,
            roles,
            is_administrator,
            policies,
            teams,
            declared,
        })
}

const OWN: Via = Via::Grant { until: None };

fn through_fish() -> Via {
    Via::Team { id: TeamId(uuid::Uuid::nil()), name: "Fish".into(), until: None }
}

fn effective(world: &World) -> Effective {
    let held = |texts: &[String], predefined: Option<Predefined>, via: Via| HeldRole {
        id: RoleId(uuid::Uuid::nil()),
        name: "A role".into(),
        predefined,
        via,
        permissions: crate::roles::read(texts),
    };
    let attached = |rules: &Vec<Rule>, via: Via| Attached {
        id: PolicyId(uuid::Uuid::nil()),
        name: "A policy".into(),
        rules: rules.clone(),
        via,
    };
    let mut roles: Vec<HeldRole> = world.roles.iter().map(|texts| held(texts, None, OWN)).collect();
    let mut policies: Vec<Attached> = world.policies.iter().map(|rules| attached(rules, OWN)).collect();
    for team in &world.teams {
        roles.extend(team.roles.iter().map(|texts| held(texts, None, through_fish())));
        policies.extend(team.policies.iter().map(|rules| attached(rules, through_fish())));
    }
    if world.is_administrator {
        roles.push(held(&["*:*:*".into()], Some(Predefined::Administrator), OWN));
    }
    Effective {
        is_active: world.is_active,
        roles,
        policies,
        declared: world.declared.iter().cloned().collect(),
    }
}

/// The reference: lists every single permitted action, and looks the question up in the list.
mod naive {
    use super::*;

    fn each(text: &str, all: &[&str]) -> Vec<String> {
        let all = all.iter().map(ToString::to_string);
        if text == "*" { all.collect() } else { vec![text.to_owned()] }
    }

    pub fn permissions(world: &World) -> BTreeSet<String> {
        let mut allowed = BTreeSet::new();
        let of_teams = world.teams.iter().flat_map(|team| team.roles.iter().flatten());
        let own = world.roles.iter().flatten().chain(of_teams).cloned();
        for text in own.chain(world.is_administrator.then(|| "*:*:*".to_owned())) {
            let parts: Vec<&str> = text.split(':').collect();
            let [resource, action, scope] = parts[..] else { continue };
            let scopes: &[&str] = match scope {
                "*" => &["*", "team", "own"],
                "team" => &["team", "own"],
                "own" => &["own"],
                _ => continue,
            };
            for resource in each(resource, &RESOURCES) {
                for action in each(action, &ACTIONS) {
                    for scope in scopes {
                        allowed.insert(format!("{resource}:{action}:{scope}"));
                        if action == "manage" {
                            allowed.insert(format!("{resource}:read:{scope}"));
                        }
                    }
                }
            }
        }
        if world.is_active { allowed } else { BTreeSet::new() }
    }

    pub fn actions(world: &World) -> BTreeSet<String> {
        let mut allowed: BTreeSet<String> = permissions(world)
            .iter()
            .filter_map(|text| text.strip_suffix(":*"))
            .flat_map(|text| IDS.map(|id| format!("{text}:{id}")))
            .collect();
        // The last declaration of a name wins, because the table allows only one.
        let types: std::collections::BTreeMap<_, _> = world.declared.iter().cloned().collect();
        let of_teams = world.teams.iter().flat_map(|team| team.policies.iter().flatten());
        for rule in world.policies.iter().flatten().chain(of_teams) {
            for resource in each(&rule.resource_type, &RESOURCES) {
                let known = types.get(&resource).cloned().unwrap_or_default();
                for action in rule.actions.iter().flat_map(|action| each(action, &ACTIONS)) {
                    if !known.contains(&action) || !world.is_active {
                        continue;
                    }
                    for id in rule.resource_ids.iter().flat_map(|id| each(id, &IDS)) {
                        allowed.insert(format!("{resource}:{action}:{id}"));
                    }
                }
            }
        }
        allowed
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_answers_as_a_list_of_everything_that_is_allowed(world in world()) {
        let held = effective(&world);
        let (permissions, actions) = (naive::permissions(&world), naive::actions(&world));
        for resource in RESOURCES {
            for action in ACTIONS {
                for scope in SCOPES {
                    let text = format!("{resource}:{action}:{scope}");
                    let decision = decide(&held, &Question::Permission(text.parse().expect("it can be read")));
                    prop_assert_eq!(decision.allowed, permissions.contains(&text), "{}", text);
                    prop_assert!(!decision.because.is_empty());
                }
                for id in IDS {
                    let text = format!("{resource}:{action}:{id}");
                    let decision = decide(&held, &about(resource, action, id));
                    prop_assert_eq!(decision.allowed, actions.contains(&text), "{}", text);
                    prop_assert!(!decision.because.is_empty());
                }
            }
        }
    }

    #[test]
    fn nothing_that_can_be_asked_breaks_it(world in world(), resource in ".*", action in ".*", id in ".*") {
        let decision = decide(&effective(&world), &about(&resource, &action, &id));
        prop_assert!(!decision.allowed || world.is_active);
        prop_assert!(!decision.allowed || crate::kit::permission::is_word(&resource));
    }
}

fn about(resource_type: &str, action: &str, resource_id: &str) -> Question {
    Question::Action {
        action: action.into(),
        resource_type: resource_type.into(),
        resource_id: resource_id.into(),
    }
}

#[test]
fn what_cannot_be_is_allowed_to_nobody() {
    let world = World {
        is_active: true,
        roles: vec![],
        is_administrator: true,
        policies: vec![],
        teams: vec![],
        declared: vec![],
    };
    let held = effective(&world);
    assert!(decide(&held, &about("anything", "do", "7")).allowed);
    for (resource, action, id) in [
        ("*", "read", "7"),
        ("contract", "*", "7"),
        ("contract", "read", "*"),
        ("contract", "read", ""),
        ("", "read", "7"),
        ("Contract", "read", "7"),
        ("contract:read", "read", "7"),
        ("contract", "re ad", "7"),
        ("contract", "read", &"7".repeat(201)),
    ] {
        let decision = decide(&held, &about(resource, action, id));
        assert_eq!(
            (decision.allowed, &decision.because[..]),
            (false, &[Reason::Malformed][..]),
            "{resource}:{action}:{id}"
        );
    }
}

#[test]
fn reasons_are_told_in_words_and_as_json() {
    let mut held = effective(&World {
        is_active: true,
        roles: vec![vec!["contract:read:*".into()]],
        is_administrator: false,
        policies: vec![vec![Rule {
            resource_type: "contract".into(),
            actions: vec!["*".into()],
            resource_ids: vec!["7".into()],
        }]],
        teams: vec![],
        declared: vec![("contract".into(), vec!["read".into()])],
    });
    let said = |held: &Effective, id| {
        let all = decide(held, &about("contract", "read", id)).because;
        all.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        said(&held, "7"),
        [
            "The role A role allows contract:read:*.",
            "The policy A policy allows it by its rule 1."
        ]
    );
    held.roles[0].via = Via::TeamAdministrator { id: TeamId(uuid::Uuid::nil()), name: "Fish".into() };
    assert_eq!(
        said(&held, "8"),
        ["The role A role, which comes with being administrator of the team Fish, allows contract:read:*."]
    );
    let told = serde_json::to_value(&decide(&held, &about("contract", "read", "8")).because[0]).expect("it can be read");
    assert_eq!(
        (&told["kind"], &told["permission"], &told["as"]),
        (&"team".into(), &"contract:read:*".into(), &"administrator".into())
    );
    (held.roles[0].via, held.policies[0].via) = (through_fish(), through_fish());
    assert_eq!(
        said(&held, "7"),
        [
            "The role A role, which comes with being in the team Fish, allows contract:read:*.",
            "The policy A policy, which comes with being in the team Fish, allows it by its rule 1."
        ]
    );
    let told = serde_json::to_value(decide(&held, &about("contract", "read", "7")).because).expect("it can be read");
    assert_eq!((&told[0]["as"], &told[1]["team"]["name"]), (&"member".into(), &"Fish".into()));
    held.is_active = false;
    assert_eq!(said(&held, "7"), ["They are not active here, and so may do nothing."]);
}
